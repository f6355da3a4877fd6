/** WAV without FFmpeg: every sample format to the bit, every container, and headers that lie. */
import { openAudio, probeAudio } from '@undertone/dsp-native';
import { afterAll, describe, expect, it } from 'vitest';
import { decodeAll, refusal, Scratch } from '../fixtures/audio-files.js';
import {
  ALAW,
  type ChunkSpec,
  EXTENSIBLE,
  FLOAT,
  type FormatSpec,
  formatBody,
  MULAW,
  PCM,
  pack,
  riff,
  wav,
  wave64,
  wide,
} from '../fixtures/wav-bytes.js';

const scratch = new Scratch();
afterAll(() => scratch.remove());

let files = 0;
const place = (bytes: Uint8Array): string => {
  files += 1;
  return scratch.write(`${files}.wav`, bytes);
};
const decode = (bytes: Uint8Array) => decodeAll(place(bytes));
const refused = (bytes: Uint8Array) => refusal(() => decodeAll(place(bytes)));

const mono16: FormatSpec = { tag: PCM, channels: 1, rate: 8000, bits: 16 };
const codes16 = [0, 1, -1, 16384, 32767, -32768];
const expected16 = codes16.map((code) => code / 32768);
const data16 = pack('s16', codes16);

describe('sample formats', () => {
  const scale = (bits: number) => (code: number) => code / 2 ** (bits - 1);
  it.each([
    ['u8', PCM, 8, [0, 128, 255, 129], [-1, 0, 127 / 128, 1 / 128], 'pcm_u8'],
    ['s16', PCM, 16, codes16, expected16, 'pcm_s16le'],
    [
      's24',
      PCM,
      24,
      [0, 1, -1, 8388607, -8388608, 0x123456],
      [0, 1, -1, 8388607, -8388608, 0x123456].map(scale(24)),
      'pcm_s24le',
    ],
    [
      's32',
      PCM,
      32,
      [0, 65536, -2147483648, 0x12345600],
      [0, 65536, -2147483648, 0x12345600].map(scale(32)),
      'pcm_s32le',
    ],
    ['f32', FLOAT, 32, [0, 0.5, -1.25, 1e-30], [0, 0.5, -1.25, 1e-30].map(Math.fround), 'pcm_f32le'],
    ['f64', FLOAT, 64, [0, 0.1, -1.25, 1e-300], [0, Math.fround(0.1), -1.25, 0], 'pcm_f64le'],
  ] as const)('%s', (kind, tag, bits, codes, expected, codec) => {
    const { info, channels } = decode(wav({ tag, channels: 1, rate: 16000, bits }, pack(kind, codes)));
    expect(Array.from(channels[0] ?? [])).toEqual([...expected]);
    expect(info).toEqual({
      container: 'wav',
      codec,
      sampleRateHz: 16000,
      channels: 1,
      durationSeconds: codes.length / 16000,
      seekable: true,
    });
  });

  // ITU-T G.711, tables 1a and 2a: the positive decoder output values by segment, here on 16 bits.
  it('A-law by the tables of G.711', () => {
    const all = Uint8Array.from({ length: 256 }, (_, code) => code);
    const { channels } = decode(wav({ tag: ALAW, channels: 1, rate: 8000, bits: 8 }, all));
    const value = (code: number) => Math.round((channels[0]?.[code] ?? 0) * 32768) + 0;
    // Character signals 1111 1111 … with even bits inverted (xor 0x55) for transmission.
    expect(value(0xd5)).toBe(8);
    expect(value(0x55)).toBe(-8);
    expect(value(0xaa)).toBe(32256);
    expect(value(0x2a)).toBe(-32256);
    expect(value(0x80 ^ 0x55 ^ 0x10)).toBe(264);
    expect(value(0x80 ^ 0x55 ^ 0x20)).toBe(528);
    expect(value(0x80 ^ 0x55 ^ 0x4f)).toBe(4032);
    for (let code = 0; code < 128; code += 1) expect(value(code)).toBe(0 - value(code + 128));
    expect(new Set(channels[0]).size).toBe(256);
  });

  it('µ-law by the tables of G.711', () => {
    const all = Uint8Array.from({ length: 256 }, (_, code) => code);
    const { channels } = decode(wav({ tag: MULAW, channels: 1, rate: 8000, bits: 8 }, all));
    const value = (code: number) => Math.round((channels[0]?.[code] ?? 0) * 32768) + 0;
    const found = [0xff, 0xfe, 0xf0, 0xef, 0xe0, 0x80, 0x00, 0x01, 0x7f].map(value);
    expect(found).toEqual([0, 8, 120, 132, 372, 32124, -32124, -31100, 0]);
  });

  it('G.711 whatever block align and bits say', () => {
    const spec = { tag: MULAW, channels: 2, rate: 8000, bits: 16, blockAlign: 1 };
    const { channels } = decode(wav(spec, Uint8Array.from([0x00, 0x80, 0x80, 0x00])));
    expect(channels.map((c) => Array.from(c, Math.sign))).toEqual([
      [-1, 1],
      [1, -1],
    ]);
  });

  it('WAVE_FORMAT_EXTENSIBLE, with valid bits that set full scale', () => {
    const spec = {
      tag: EXTENSIBLE,
      channels: 2,
      rate: 48000,
      bits: 24,
      extensible: { tag: PCM, validBits: 20 },
    };
    const full = (2 ** 19 - 1) * 16;
    const { info, channels, clipped } = decode(wav(spec, pack('s24', [full, -8388608, full - 16, 0])));
    expect(info.codec).toBe('pcm_s24le');
    expect(channels[0]?.[0]).toBe(full / 2 ** 23);
    expect(clipped).toEqual([[1], [1]]);
    const float = {
      tag: EXTENSIBLE,
      channels: 1,
      rate: 48000,
      bits: 32,
      extensible: { tag: FLOAT, validBits: 32 },
    };
    expect(decode(wav(float, pack('f32', [0.25]))).channels[0]?.[0]).toBe(0.25);
  });

  it('NaN, infinity and absurd floats are silence', () => {
    const bytes = pack('f32', [Number.NaN, Number.POSITIVE_INFINITY, -Number.POSITIVE_INFINITY, 3e38, 0.5]);
    const { channels } = decode(wav({ tag: FLOAT, channels: 1, rate: 8000, bits: 32 }, bytes));
    expect(Array.from(channels[0] ?? [])).toEqual([0, 0, 0, 0, 0.5]);
    const wider = wav(
      { tag: FLOAT, channels: 1, rate: 8000, bits: 64 },
      pack('f64', [1e300, Number.NaN, -0.5]),
    );
    expect(Array.from(decode(wider).channels[0] ?? [])).toEqual([0, 0, -0.5]);
  });

  it('255 channels', () => {
    const { channels } = decode(
      wav(
        { tag: PCM, channels: 255, rate: 8000, bits: 16 },
        pack(
          's16',
          Array.from({ length: 510 }, (_, i) => i),
        ),
      ),
    );
    expect(channels).toHaveLength(255);
    expect(Array.from(channels[254] ?? [])).toEqual([254 / 32768, 509 / 32768]);
  });
});

describe('containers and chunks', () => {
  const fmt: ChunkSpec = { id: 'fmt ', body: formatBody(mono16) };
  const data: ChunkSpec = { id: 'data', body: data16 };
  const good = (bytes: Uint8Array, container = 'wav', known = true) => {
    const { info, channels, truncated } = decode(bytes);
    expect(Array.from(channels[0] ?? [])).toEqual(expected16);
    expect(info.container).toBe(container);
    expect(info.durationSeconds).toBe(known ? 6 / 8000 : null);
    expect(truncated).toBe(false);
  };

  it.each([
    [
      'chunks around',
      [
        { id: 'FLLR', body: new Uint8Array(4044) },
        { id: 'bext', body: new Uint8Array(7) },
        fmt,
        { id: 'LIST', body: new Uint8Array(3) },
        data,
        { id: 'id3 ', body: new Uint8Array(33) },
      ],
    ],
    ['an empty chunk', [{ id: 'junk', body: new Uint8Array(0) }, fmt, data]],
    ['a second fmt that lies', [fmt, { id: 'fmt ', body: formatBody({ ...mono16, bits: 8 }) }, data]],
  ] as [string, ChunkSpec[]][])('%s', (_name, chunks) => good(riff(chunks)));

  it('a fmt chunk with extra bytes', () =>
    good(riff([{ id: 'fmt ', body: Buffer.concat([formatBody(mono16), Buffer.alloc(2)]) }, data])));

  it('RF64 and BW64', () => {
    good(wide('RF64', mono16, data16), 'rf64');
    good(wide('BW64', mono16, data16), 'bw64');
    good(riff([fmt, data], 'RF64'), 'rf64');
  });

  it('Wave64', () => {
    const chunks = [
      { id: 'fmt ', body: formatBody(mono16) },
      { id: 'junk', body: new Uint8Array(5) },
      { id: 'data', body: data16 },
    ];
    good(wave64(chunks), 'w64');
  });

  it.each([0, 0xffffffff, 0xffffffd4, 0x7ffff000, 0x7fffffff])('streaming size %d', (claimed) =>
    good(wav(mono16, data16, claimed), 'wav', false),
  );

  it('a data chunk that claims more than there is', () => {
    const { channels, truncated, info } = decode(wav(mono16, data16, 1_000_000));
    expect(Array.from(channels[0] ?? [])).toEqual(expected16);
    expect(truncated).toBe(true);
    expect(info.durationSeconds).toBe(6 / 8000);
    expect(decode(wide('RF64', mono16, data16, 2 ** 40)).truncated).toBe(true);
  });

  it('a partial last sample frame', () => {
    const { channels, truncated } = decode(wav(mono16, data16.subarray(0, 9)));
    expect(channels[0]).toHaveLength(4);
    expect(truncated).toBe(true);
  });
});

describe('headers that lie', () => {
  const many = Array.from({ length: 2000 }, () => ({ id: 'junk', body: new Uint8Array(0) }));
  const data: ChunkSpec = { id: 'data', body: data16 };
  const fmt: ChunkSpec = { id: 'fmt ', body: formatBody(mono16) };
  it.each([
    ['0 channels', wav({ ...mono16, channels: 0 }, data16), 'corrupt', /0 channels/],
    ['256 channels', wav({ ...mono16, channels: 256 }, new Uint8Array(1024)), 'corrupt', /256 channels/],
    [
      '65535 channels',
      wav({ ...mono16, channels: 65535, blockAlign: 65534 }, new Uint8Array(1024)),
      'corrupt',
      /./,
    ],
    ['0 Hz', wav({ ...mono16, rate: 0 }, data16), 'corrupt', /0 Hz/],
    ['4 GHz', wav({ ...mono16, rate: 0xffffffff }, data16), 'corrupt', /Hz/],
    ['block align 0', wav({ ...mono16, blockAlign: 0 }, data16), 'corrupt', /block align of 2 .* says 0/],
    ['block align 7', wav({ ...mono16, blockAlign: 7 }, data16), 'corrupt', /block align of 2 .* says 7/],
    ['0 bits', wav({ ...mono16, bits: 0 }, data16), 'corrupt', /0 bits/],
    ['40-bit integers', wav({ ...mono16, bits: 40 }, data16), 'unsupported_codec', /40 bits/],
    ['an unknown tag', wav({ ...mono16, tag: 0x1234 }, data16), 'unsupported_codec', /./],
    ['extensible without sub-format', wav({ ...mono16, tag: EXTENSIBLE }, data16), 'corrupt', /sub-format/],
    ['no fmt', riff([data]), 'corrupt', /fmt chunk/],
    ['a short fmt', riff([{ id: 'fmt ', body: new Uint8Array(12) }, data]), 'corrupt', /12 bytes/],
    ['fmt behind the data', riff([data, fmt]), 'corrupt', /fmt chunk/],
    ['no data', riff([fmt]), 'corrupt', /data chunk/],
    [
      'a chunk beyond the end',
      riff([fmt, { id: 'junk', body: new Uint8Array(4), claimed: 0xfffffff0 }, data]),
      'corrupt',
      /data chunk/,
    ],
    ['2000 chunks', riff([...many, fmt, data]), 'corrupt', /chunks/],
    ['no sample', wav(mono16, new Uint8Array(0)), 'empty', /no sample/],
    [
      'no sample, then a chunk',
      riff([fmt, { id: 'data', body: new Uint8Array(0) }, { id: 'LIST', body: new Uint8Array(8) }]),
      'empty',
      /no sample/,
    ],
    ['one byte of a sample', wav(mono16, new Uint8Array(1)), 'empty', /no sample/],
    ['12 bytes', wav(mono16, data16).subarray(0, 12), 'corrupt', /fmt chunk/],
    [
      'a Wave64 chunk of size 0',
      wave64([{ id: 'junk', body: new Uint8Array(8), claimed: 0n }]),
      'corrupt',
      /fmt chunk/,
    ],
    [
      'a Wave64 chunk of all ones',
      wave64([{ id: 'junk', body: new Uint8Array(8), claimed: 2n ** 64n - 1n }]),
      'corrupt',
      /fmt chunk/,
    ],
  ] as [string, Buffer, string, RegExp][])('%s', (_name, bytes, code, message) => {
    const found = refused(bytes);
    expect(found.code).toBe(code);
    expect(found.message).toMatch(message);
  });

  it('a file cut at any byte gives samples or a closed-list error', () => {
    const whole = wav(mono16, data16);
    for (let bytes = 1; bytes < whole.length; bytes += 1) {
      const { code } = refused(whole.subarray(0, bytes));
      expect(['none', 'corrupt', 'empty', 'unsupported_codec']).toContain(code);
    }
  });
});

describe('channels', () => {
  const stereo = (): string =>
    place(wav({ tag: PCM, channels: 2, rate: 8000, bits: 16 }, pack('s16', [100, 300, -32768, 32767, 5, 6])));

  it('mix is the mean, split is planar, an index is that channel', () => {
    const path = stereo();
    const scaled = (values: number[]) => values.map((v) => v / 32768);
    expect(Array.from(decodeAll(path, { channels: 'mix' }).channels[0] ?? [])).toEqual(
      scaled([200, -0.5, 5.5]),
    );
    expect(decodeAll(path).channels.map((c) => Array.from(c))).toEqual([
      scaled([100, -32768, 5]),
      scaled([300, 32767, 6]),
    ]);
    expect(Array.from(decodeAll(path, { channels: 1 }).channels[0] ?? [])).toEqual(scaled([300, 32767, 6]));
  });

  it('an index that is not there is refused, naming the number of channels', () => {
    const found = refusal(() => openAudio(stereo(), { channels: 2, sampleRateHz: 0 }));
    expect(found.code).toBe('usage');
    expect(found.message).toBe(
      'Expected a channel below 2, the number of channels of the recording, but received 2',
    );
  });
});

describe('full-scale samples per 10 ms', () => {
  it('blocks of source time, partial last block, per channel and summed in the mix', () => {
    // 44,100 Hz: 441 frames a block; 3 blocks and a bit.
    const frames = 1400;
    const samples = new Float64Array(frames * 2);
    for (const frame of [0, 440, 441, 1399]) samples[frame * 2] = 32767;
    for (const frame of [440, 900]) samples[frame * 2 + 1] = -32768;
    const path = place(wav({ tag: PCM, channels: 2, rate: 44100, bits: 16 }, pack('s16', samples)));
    expect(decodeAll(path).clipped).toEqual([
      [2, 1, 0, 1],
      [1, 0, 1, 0],
    ]);
    expect(decodeAll(path, { channels: 1 }).clipped).toEqual([[1, 0, 1, 0]]);
    expect(decodeAll(path, { channels: 'mix', sampleRateHz: 16000 }).clipped).toEqual([[3, 1, 1, 1]]);
    // The end of the read at the end of the sound: the partial block still comes.
    expect(decodeAll(path, { maxFrames: 1400 }).clipped[0]).toEqual([2, 1, 0, 1]);
    expect(decodeAll(path, { maxFrames: 1 }).clipped[0]).toEqual([2, 1, 0, 1]);
  });

  it('rates that 100 does not divide', () => {
    const path = place(wav({ ...mono16, rate: 11025 }, pack('s16', new Float64Array(11025).fill(-32768))));
    const [counts = []] = decodeAll(path).clipped;
    expect(counts.length).toBe(100);
    expect(counts.slice(0, 4)).toEqual([110, 110, 110, 111]);
    expect(counts.reduce((sum, count) => sum + count, 0)).toBe(11025);
  });

  it.each([
    ['u8', { ...mono16, bits: 8 }, pack('u8', [255, 0, 254, 128]), 2],
    ['s24', { ...mono16, bits: 24 }, pack('s24', [8388607, -8388608, 8388606]), 2],
    ['A-law', { ...mono16, tag: ALAW, bits: 8 }, Uint8Array.from([0xaa, 0x2a, 0xab]), 2],
    ['µ-law', { ...mono16, tag: MULAW, bits: 8 }, Uint8Array.from([0x80, 0x00, 0x81]), 2],
    ['f32', { ...mono16, tag: FLOAT, bits: 32 }, pack('f32', [1, 32767 / 32768, 0.9999, -1.5]), 3],
  ] as [string, FormatSpec, Uint8Array, number][])('full scale of %s', (_name, spec, bytes, count) => {
    expect(decode(wav(spec, bytes)).clipped).toEqual([[count]]);
  });
});

it('probing tells the same as opening', () => {
  const path = place(wav(mono16, data16));
  expect(probeAudio(path)).toEqual(decodeAll(path).info);
});

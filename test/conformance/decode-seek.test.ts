/** A recording opened in the middle gives, bit for bit, what it gives there when it is read from its beginning. */
import { readFileSync } from 'node:fs';
import { afterAll, describe, expect, it } from 'vitest';
import {
  type Decoded,
  decodeAll,
  hasEncoder,
  maxDifference,
  refusal,
  Scratch,
} from '../fixtures/audio-files.js';
import { seeded } from '../fixtures/random.js';

const scratch = new Scratch();
afterAll(() => scratch.remove());

const SECONDS = 5;
const RATE = 44100;
const noise = `anoisesrc=r=${RATE}:d=${SECONDS}:a=0.9:seed=3`;
scratch.ffmpeg(
  '-f',
  'lavfi',
  '-i',
  noise,
  '-af',
  'volume=6dB',
  '-ac',
  '2',
  '-c:a',
  'pcm_s16le',
  'source.wav',
);

interface Kind {
  readonly name: string;
  readonly encoder: string;
  readonly seekable: boolean;
  readonly args?: readonly string[];
}
const phone = ['-ar', '8000', '-ac', '1'];
const kinds: readonly Kind[] = [
  ...['pcm_u8', 'pcm_s16le', 'pcm_s24le', 'pcm_s32le', 'pcm_f32le', 'pcm_f64le', 'pcm_alaw', 'pcm_mulaw'].map(
    (encoder) => ({ name: `${encoder}.wav`, encoder, seekable: true }),
  ),
  { name: 'long.w64', encoder: 'pcm_s16le', seekable: true },
  { name: 'rf64.wav', encoder: 'pcm_s16le', seekable: true, args: ['-rf64', 'always'] },
  { name: 'noise.flac', encoder: 'flac', seekable: true },
  { name: 'deep.flac', encoder: 'flac', seekable: true, args: ['-sample_fmt', 's32'] },
  { name: 'small-blocks.flac', encoder: 'flac', seekable: true, args: ['-frame_size', '576'] },
  { name: 'in-ogg.ogg', encoder: 'flac', seekable: false },
  { name: 'in-matroska.mka', encoder: 'flac', seekable: false },
  { name: 'noise.mp3', encoder: 'libmp3lame', seekable: false },
  { name: 'noise.m4a', encoder: 'aac', seekable: false },
  { name: 'noise.aac', encoder: 'aac', seekable: false },
  { name: 'alac.m4a', encoder: 'alac', seekable: false },
  { name: 'vorbis.ogg', encoder: 'libvorbis', seekable: false },
  { name: 'noise.opus', encoder: 'libopus', seekable: false },
  { name: 'noise.wma', encoder: 'wmav2', seekable: false },
  { name: 'noise.wv', encoder: 'wavpack', seekable: false },
  { name: 'noise.tta', encoder: 'tta', seekable: false },
  { name: 'noise.aiff', encoder: 'pcm_s16be', seekable: false },
  { name: 'noise.au', encoder: 'pcm_s16be', seekable: false },
  { name: 'noise.ac3', encoder: 'ac3', seekable: false },
  { name: 'gsm.wav', encoder: 'libgsm_ms', seekable: false, args: phone },
  { name: 'amr.amr', encoder: 'libopencore_amrnb', seekable: false, args: phone },
  { name: 'speex.ogg', encoder: 'libspeex', seekable: false, args: phone },
  { name: 'adpcm.wav', encoder: 'adpcm_ms', seekable: false },
  { name: 'adpcm-ima.wav', encoder: 'adpcm_ima_wav', seekable: false },
];

function encode({ name, encoder, args = [] }: Kind): string {
  scratch.ffmpeg('-i', 'source.wav', '-c:a', encoder, ...args, name);
  return scratch.path(name);
}

type Settings = NonNullable<Parameters<typeof decodeAll>[1]>;

/** Everything after `firstSample`, cut out of what the whole recording gave. */
function expectRest(path: string, whole: Decoded, settings: Settings, firstSample: number): void {
  const rest = decodeAll(path, { ...settings, firstSample, maxFrames: 20_011 });
  const length = whole.channels[0]?.length ?? 0;
  if (firstSample >= length) {
    expect(rest.channels.length).toBe(0);
    return;
  }
  const rate = settings.sampleRateHz || whole.info.sampleRateHz;
  const block = Math.floor((firstSample * 100) / rate);
  for (const [c, samples] of whole.channels.entries()) {
    const wanted = Buffer.from(samples.buffer).subarray(4 * firstSample);
    const found = Buffer.from(rest.channels[c]?.buffer ?? []);
    expect(found.length, `from sample ${firstSample}`).toBe(wanted.length);
    expect(Buffer.compare(found, wanted), `from sample ${firstSample}`).toBe(0);
    expect(rest.clipped[c]).toEqual(whole.clipped[c]?.slice(block));
  }
  expect(rest.truncated).toBe(whole.truncated);
}

function placesIn(length: number, count: number): number[] {
  const random = seeded(length);
  const drawn = Array.from({ length: count }, () => random.below(length));
  return [1, 4096, length - 1, length, length + 100_000, ...drawn];
}

describe.each(kinds)('$name', (kind) => {
  const missing = hasEncoder(kind.encoder) ? '' : ` (this ffmpeg has no encoder ${kind.encoder})`;
  it.skipIf(missing !== '')(`starts anywhere${missing}`, () => {
    const path = encode(kind);
    const choices: Settings[] = [
      { channels: 'split', sampleRateHz: 0 },
      { channels: 'mix', sampleRateHz: 16000 },
      { channels: 0, sampleRateHz: 22050 },
    ];
    for (const settings of choices) {
      const whole = decodeAll(path, settings);
      expect(whole.info.seekable).toBe(kind.seekable);
      expect(whole.clipped[0]?.some((count) => count > 0)).toBe(true);
      const places = placesIn(whole.channels[0]?.length ?? 0, kind.seekable ? 12 : 2);
      for (const place of places) expectRest(path, whole, settings, place);
    }
  });
});

describe('FLAC that is not whole', () => {
  const own: Settings = { channels: 'split', sampleRateHz: 0 };
  const intact = readFileSync(encode({ name: 'whole.flac', encoder: 'flac', seekable: true }));

  it('cut: what is there starts anywhere, and every start says truncated', () => {
    const path = scratch.write('cut.flac', intact.subarray(0, Math.floor(intact.length * 0.6)));
    const whole = decodeAll(path, own);
    expect(whole.truncated).toBe(true);
    for (const place of placesIn(whole.channels[0]?.length ?? 0, 10)) expectRest(path, whole, own, place);
  });

  it('damaged: a start in the damage decodes from the beginning, one behind it keeps its place', () => {
    const damaged = Buffer.from(intact);
    const at = Math.floor(intact.length / 2);
    damaged.fill(0x55, at, at + 3000);
    const path = scratch.write('damaged.flac', damaged);
    const whole = decodeAll(path, own);
    expect(whole.corruptPackets).toBeGreaterThan(0);
    const sound = decodeAll(scratch.path('whole.flac'), own);
    const lost = (sound.channels[0]?.length ?? 0) - (whole.channels[0]?.length ?? 0);
    expect(lost).toBeGreaterThan(0);
    const before = 50_000;
    expectRest(path, whole, own, before);
    const behind = decodeAll(path, { ...own, firstSample: 4 * RATE });
    expect(behind.corruptPackets).toBe(0);
    expect(maxDifference(behind.channels[0] ?? [], sound.channels[0]?.slice(4 * RATE) ?? [])).toBe(0);
  });
});

describe('firstSample', () => {
  const path = scratch.path('source.wav');
  it.each([
    [-1, '-1'],
    [0.5, '0.5'],
    [2 ** 43 + 1, String(2 ** 43 + 1)],
    [Number.NaN, 'NaN'],
  ])('%s is refused', (firstSample, shown) => {
    const { code, message } = refusal(() => decodeAll(path, { firstSample }));
    expect(code).toBe('usage');
    expect(message).toBe(
      `Expected a whole number from 0 to ${2 ** 43} for firstSample but received ${shown}`,
    );
  });

  it('the largest one is the end of any recording', () => {
    expect(decodeAll(path, { sampleRateHz: 16000, firstSample: 2 ** 43 }).channels.length).toBe(0);
  });
});

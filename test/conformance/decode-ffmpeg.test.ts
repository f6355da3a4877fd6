/** Everything through FFmpeg: against the samples that went in, and against what the ffmpeg command decodes. */
import { readFileSync } from 'node:fs';
import { probeAudio } from '@undertone/dsp-native';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  correlation,
  decodeAll,
  decodeByCommand,
  hasEncoder,
  maxDifference,
  refusal,
  Scratch,
} from '../fixtures/audio-files.js';

const scratch = new Scratch();
afterAll(() => scratch.remove());

const seconds = 2;
const sweep = `aevalsrc=0.4*sin(2*PI*(200*t+300*t*t))|0.3*sin(2*PI*440*t):s=44100:d=${seconds}`;

beforeAll(() => {
  scratch.ffmpeg('-f', 'lavfi', '-i', sweep, 'source.wav');
  scratch.ffmpeg('-f', 'lavfi', '-i', sweep, '-c:a', 'pcm_s24le', 'source24.wav');
  scratch.ffmpeg('-i', 'source.wav', '-ar', '8000', '-ac', '1', 'narrow.wav');
  scratch.ffmpeg('-i', 'source.wav', '-ar', '16000', '-ac', '1', 'wide.wav');
});

describe('lossless: the samples of the WAV', () => {
  it.each([
    ['flac', 'flac', 'flac', 'source.wav', []],
    ['24-bit flac', 'flac', 'flac', 'source24.wav', []],
    ['flac in ogg', 'ogg', 'flac', 'source.wav', ['-c:a', 'flac', '-f', 'ogg']],
    ['alac', 'mp4', 'alac', 'source.wav', ['-c:a', 'alac', '-f', 'mp4']],
    ['wavpack', 'wv', 'wavpack', 'source.wav', ['-f', 'wv']],
    ['tta', 'tta', 'tta', 'source.wav', ['-f', 'tta']],
    ['aiff', 'aiff', 'pcm_s16be', 'source.wav', ['-f', 'aiff']],
    ['caf', 'caf', 'pcm_s16be', 'source.wav', ['-f', 'caf']],
    ['au', 'au', 'pcm_s16be', 'source.wav', ['-f', 'au']],
  ] as [string, string, string, string, string[]][])('%s', (name, container, codec, source, args) => {
    scratch.ffmpeg('-i', source, ...(args.length > 0 ? args : ['-f', container]), name);
    const { info, channels, truncated, corruptPackets } = decodeAll(scratch.path(name));
    expect(info).toMatchObject({ container, codec, sampleRateHz: 44100, channels: 2 });
    expect(info.durationSeconds).toBeCloseTo(seconds, 2);
    const reference = decodeAll(scratch.path(source)).channels;
    for (const [c, samples] of channels.entries()) {
      expect(samples).toHaveLength(44100 * seconds);
      expect(maxDifference(samples, reference[c] ?? [])).toBeLessThan(1e-6);
    }
    expect({ truncated, corruptPackets }).toEqual({ truncated: false, corruptPackets: 0 });
  });
});

interface Lossy {
  readonly name: string;
  readonly encoder: string;
  readonly codec: string;
  readonly source?: string;
  readonly args?: readonly string[];
  readonly similar?: number;
}

const lossy: readonly Lossy[] = [
  { name: 'mp3 with length header.mp3', encoder: 'libmp3lame', codec: 'mp3' },
  {
    name: 'mp3 bare.mp3',
    encoder: 'libmp3lame',
    codec: 'mp3',
    args: ['-write_xing', '0', '-id3v2_version', '0'],
  },
  { name: 'mp3 variable.mp3', encoder: 'libmp3lame', codec: 'mp3', args: ['-q:a', '4'] },
  { name: 'mp3.wav', encoder: 'libmp3lame', codec: 'mp3' },
  { name: 'mp2.mp2', encoder: 'mp2', codec: 'mp2' },
  { name: 'aac.m4a', encoder: 'aac', codec: 'aac' },
  { name: 'aac.aac', encoder: 'aac', codec: 'aac', args: ['-f', 'adts'] },
  { name: 'vorbis.ogg', encoder: 'libvorbis', codec: 'vorbis' },
  { name: 'opus.opus', encoder: 'libopus', codec: 'opus' },
  { name: 'opus.webm', encoder: 'libopus', codec: 'opus' },
  { name: 'speex.ogg', encoder: 'libspeex', codec: 'speex', source: 'narrow.wav', similar: 0.9 },
  { name: 'wma.wma', encoder: 'wmav2', codec: 'wmav2' },
  { name: 'gsm.wav', encoder: 'libgsm_ms', codec: 'gsm_ms', source: 'narrow.wav', similar: 0.9 },
  { name: 'ms adpcm.wav', encoder: 'adpcm_ms', codec: 'adpcm_ms' },
  { name: 'ima adpcm.wav', encoder: 'adpcm_ima_wav', codec: 'adpcm_ima_wav' },
  { name: 'g722.wav', encoder: 'g722', codec: 'adpcm_g722', source: 'wide.wav', similar: 0.9 },
  { name: 'g726.wav', encoder: 'g726', codec: 'adpcm_g726', source: 'narrow.wav', similar: 0.9 },
  { name: 'real.rm', encoder: 'real_144', codec: 'ra_144', source: 'narrow.wav', similar: 0.8 },
  { name: 'a-law.au', encoder: 'pcm_alaw', codec: 'pcm_alaw' },
];

describe('lossy: as long as the ffmpeg command decodes it, and like what went in', () => {
  describe.each(lossy)(
    '$name',
    ({ name, encoder, codec, source = 'source.wav', args = [], similar = 0.99 }) => {
      const present = hasEncoder(encoder);
      it.skipIf(!present)(`decodes (encoder ${encoder}${present ? '' : ' is not in this ffmpeg'})`, () => {
        scratch.ffmpeg('-i', source, '-c:a', encoder, ...args, name);
        const { info, channels, truncated, corruptPackets } = decodeAll(scratch.path(name));
        expect(info.codec).toBe(codec);
        expect({ truncated, corruptPackets }).toEqual({ truncated: false, corruptPackets: 0 });
        const command = decodeByCommand(scratch.path(name));
        const [first = new Float32Array(0)] = channels;
        expect(Math.abs(first.length - command.length / info.channels)).toBeLessThanOrEqual(1);
        const ofCommand = first.map((_, i) => command[i * info.channels] ?? Number.NaN);
        expect(maxDifference(first, ofCommand)).toBeLessThan(1e-6);
        // Containers without a length header leave the encoder's delay in, WMA swallows the first block: search for it.
        const { channels: wanted } = decodeAll(scratch.path(source), { sampleRateHz: info.sampleRateHz });
        const middle = (wanted[0] ?? first).subarray(8000, 15000);
        const best = Math.max(
          ...Array.from({ length: 5200 }, (_, lag) => correlation(first.subarray(8000 + lag - 2600), middle)),
        );
        expect(best).toBeGreaterThan(similar);
      });
    },
  );

  it('encoder delay of MP3 and Opus is cut: sample 0 is sample 0', () => {
    for (const name of ['mp3 with length header.mp3', 'vorbis.ogg', 'opus.opus']) {
      const { info, channels } = decodeAll(scratch.path(name));
      const [wanted = new Float32Array(0)] = decodeAll(scratch.path('source.wav'), {
        sampleRateHz: info.sampleRateHz,
      }).channels;
      expect(channels[0]).toHaveLength(wanted.length);
      expect(correlation(channels[0] ?? wanted, wanted)).toBeGreaterThan(0.99);
    }
  });
});

describe('AMR, made by hand: there is no encoder in Debian', () => {
  it('narrow band: 160 samples a frame at 8 kHz', () => {
    // RFC 4867: magic, then frames of mode 7 (12.2 kbit/s): header byte 0x3C and 31 bytes.
    const frame = Buffer.concat([Buffer.from([0x3c]), Buffer.alloc(31, 0x55)]);
    const path = scratch.write('hand.amr', Buffer.concat([Buffer.from('#!AMR\n'), ...Array(50).fill(frame)]));
    const { info, channels } = decodeAll(path);
    expect(info).toMatchObject({ container: 'amr', codec: 'amr_nb', sampleRateHz: 8000, channels: 1 });
    expect(channels[0]).toHaveLength(8000);
    expect(maxDifference(channels[0] ?? [], decodeByCommand(path))).toBeLessThan(1e-6);
  });

  it('wide band: 320 samples a frame at 16 kHz', () => {
    const frame = Buffer.concat([Buffer.from([0x44]), Buffer.alloc(60, 0x55)]);
    const path = scratch.write(
      'hand.awb',
      Buffer.concat([Buffer.from('#!AMR-WB\n'), ...Array(50).fill(frame)]),
    );
    const { info, channels } = decodeAll(path);
    expect(info).toMatchObject({ codec: 'amr_wb', sampleRateHz: 16000, channels: 1 });
    expect(channels[0]).toHaveLength(16000);
  });
});

describe('the sound of videos', () => {
  it.each(['mp4', 'mkv', 'avi', 'ts', 'mov'])('%s', (container) => {
    const name = `video.${container}`;
    scratch.ffmpeg(
      '-f',
      'lavfi',
      '-i',
      `testsrc=d=${seconds}:s=64x64`,
      '-i',
      'source.wav',
      '-c:v',
      'mpeg4',
      '-shortest',
      name,
    );
    const { info, channels } = decodeAll(scratch.path(name));
    const command = decodeByCommand(scratch.path(name));
    expect(Math.abs((channels[0]?.length ?? 0) - command.length / info.channels)).toBeLessThanOrEqual(1);
  });

  it('a file name says nothing: an MP3 called .wav, a WAV called .mp3', () => {
    scratch.write('really-mp3.wav', readFileSync(scratch.path('mp3 bare.mp3')));
    scratch.write('really-wav.mp3', readFileSync(scratch.path('source.wav')));
    expect(probeAudio(scratch.path('really-mp3.wav')).codec).toBe('mp3');
    expect(probeAudio(scratch.path('really-wav.mp3')).codec).toBe('pcm_s16le');
  });

  it('an ID3 tag of megabytes hides nothing', () => {
    const size = 3_000_000;
    const tag = Buffer.concat([
      Buffer.from('ID3\x03\x00\x00', 'latin1'),
      Buffer.from([(size >> 21) & 127, (size >> 14) & 127, (size >> 7) & 127, size & 127]),
      Buffer.alloc(size),
    ]);
    const path = scratch.write('tagged', Buffer.concat([tag, readFileSync(scratch.path('flac'))]));
    expect(probeAudio(path)).toMatchObject({ container: 'flac', codec: 'flac' });
  });
});

describe('damage', () => {
  const flac = (): Buffer => {
    scratch.ffmpeg('-i', 'source.wav', 'damage.flac');
    return readFileSync(scratch.path('damage.flac'));
  };

  it.each([
    ['flac', 0.6],
    ['mp3 with length header.mp3', 0.5],
    ['opus.webm', 0.5],
  ])('%s cut short gives what is there and says truncated', (name, share) => {
    const whole = readFileSync(scratch.path(name));
    const cut = scratch.write(`cut ${name}`, whole.subarray(0, Math.floor(whole.length * share)));
    const found = decodeAll(cut);
    expect(found.truncated).toBe(true);
    const full = decodeAll(scratch.path(name)).channels[0]?.length ?? 0;
    expect(found.channels[0]?.length).toBeGreaterThan(full * share * 0.6);
    expect(found.channels[0]?.length).toBeLessThan(full);
  });

  it('WMA cut short gives what is there: FFmpeg guesses its length from what is left', () => {
    const whole = readFileSync(scratch.path('wma.wma'));
    const found = decodeAll(scratch.write('cut.wma', whole.subarray(0, whole.length / 2)));
    expect(found.channels[0]?.length).toBeGreaterThan(20_000);
    expect(found.corruptPackets).toBeGreaterThan(0);
  });

  it('MP4 with its index in front, cut short', () => {
    scratch.ffmpeg('-i', 'source.wav', '-movflags', 'faststart', 'fast.m4a');
    const whole = readFileSync(scratch.path('fast.m4a'));
    expect(
      decodeAll(scratch.write('cut.m4a', whole.subarray(0, Math.floor(whole.length * 0.6)))).truncated,
    ).toBe(true);
  });

  it('MP4 without its index', () => {
    const whole = readFileSync(scratch.path('aac.m4a'));
    const found = refusal(() =>
      decodeAll(scratch.write('headless.m4a', whole.subarray(0, whole.length / 2))),
    );
    expect(found.code).toBe('corrupt');
    expect(found.message).toMatch(/mp4 container/);
  });

  it('a broken FLAC frame is dropped and counted, the rest stays', () => {
    const bytes = Buffer.from(flac());
    bytes.fill(0x5a, Math.floor(bytes.length / 2), Math.floor(bytes.length / 2) + 40);
    const { channels, corruptPackets } = decodeAll(scratch.write('broken.flac', bytes));
    expect(corruptPackets).toBeGreaterThanOrEqual(1);
    expect(channels[0]?.length).toBeGreaterThan(44100 * seconds * 0.8);
    // Whatever is left is sound, not noise.
    expect(Math.max(...(channels[0] ?? []))).toBeLessThan(0.45);
  });

  it('a FLAC header without frames', () => {
    const bytes = flac();
    const at = bytes.indexOf(Buffer.from([0xff, 0xf8]));
    const found = refusal(() => decodeAll(scratch.write('header.flac', bytes.subarray(0, at))));
    expect(['empty', 'corrupt']).toContain(found.code);
  });

  it('FLAC with nothing but garbage behind the header is corrupt', () => {
    const bytes = flac();
    bytes.fill(0xa5, bytes.indexOf(Buffer.from([0xff, 0xf8])));
    expect(['corrupt', 'empty']).toContain(
      refusal(() => decodeAll(scratch.write('hollow.flac', bytes))).code,
    );
  });

  it('a change of rate and channels on the way is an error after what came before', () => {
    scratch.ffmpeg(
      '-i',
      'source.wav',
      '-ar',
      '22050',
      '-ac',
      '1',
      '-c:a',
      'libmp3lame',
      '-write_xing',
      '0',
      '-id3v2_version',
      '0',
      'other.mp3',
    );
    const joined = Buffer.concat([
      readFileSync(scratch.path('mp3 bare.mp3')),
      readFileSync(scratch.path('other.mp3')),
    ]);
    const found = refusal(() => decodeAll(scratch.write('joined.mp3', joined)));
    expect(found.code).toBe('corrupt');
    expect(found.message).toBe(
      'The recording changes from 2 channels at 44100 Hz to 1 channels at 22050 Hz on the way',
    );
  });
});

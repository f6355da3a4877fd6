/** Reads of any size give the same samples, memory does not grow with the recording, threads do not disturb each other. */
import { closeSync, ftruncateSync, openSync, readdirSync, readFileSync, writeSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { Worker } from 'node:worker_threads';
import { openAudio } from '@undertone/dsp-native';
import { isRecordErrorCode } from '@undertone/shared';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { decodeAll, refusal, Scratch } from '../fixtures/audio-files.js';
import { seeded } from '../fixtures/random.js';
import { formatBody, PCM, pack, riff, wav } from '../fixtures/wav-bytes.js';

const scratch = new Scratch();
afterAll(() => scratch.remove());

const formats: readonly (readonly string[])[] = [
  ['noise.wav'],
  ['noise.flac'],
  ['noise.mp3'],
  ['noise.m4a'],
  ['noise.ogg', '-c:a', 'libvorbis'],
  ['noise.opus'],
  ['noise.wma'],
  ['noise.aiff'],
  ['noise.wv'],
  ['noise.mkv', '-c:a', 'libopus'],
  ['gsm.wav', '-ar', '8000', '-ac', '1', '-c:a', 'libgsm_ms'],
  ['adpcm.wav', '-c:a', 'adpcm_ms'],
  ['noise.w64'],
];

beforeAll(() => {
  const noise = 'anoisesrc=r=44100:d=0.7:a=0.5:seed=1';
  scratch.ffmpeg('-f', 'lavfi', '-i', noise, '-ac', '2', 'source.wav');
  for (const [name = '', ...args] of formats) scratch.ffmpeg('-i', 'source.wav', ...args, name);
});

describe('reads of any size', () => {
  it.each(['noise.wav', 'noise.flac', 'noise.mp3', 'noise.opus'])('%s', (name) => {
    for (const sampleRateHz of [0, 16000]) {
      for (const channels of ['mix', 'split'] as const) {
        const whole = decodeAll(scratch.path(name), { channels, sampleRateHz, maxFrames: 1_000_000 });
        for (const maxFrames of [1, 7, 441, 1000, 4096]) {
          const pieces = decodeAll(scratch.path(name), { channels, sampleRateHz, maxFrames });
          expect(pieces.clipped).toEqual(whole.clipped);
          for (const [c, samples] of pieces.channels.entries()) {
            expect(
              Buffer.compare(Buffer.from(samples.buffer), Buffer.from(whole.channels[c]?.buffer ?? [])),
            ).toBe(0);
          }
        }
      }
    }
  });

  it('every read but the last is full', () => {
    const decoder = openAudio(scratch.path('noise.mp3'), { channels: 'mix', sampleRateHz: 16000 });
    const sizes: number[] = [];
    for (let block = decoder.read(999); block; block = decoder.read(999)) sizes.push(block.frames);
    decoder.close();
    expect(new Set(sizes.slice(0, -1))).toEqual(new Set([999]));
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(Math.ceil((30870 * 16000) / 44100));
  });
});

describe('memory', () => {
  /** Reads everything and gives the largest growth of the process, in MiB. */
  function growth(path: string): { mebibytes: number; frames: number } {
    const decoder = openAudio(path, { channels: 'split', sampleRateHz: 0 });
    decoder.read(50_000);
    const before = process.memoryUsage.rss();
    let most = before;
    let frames = 50_000;
    for (let block = decoder.read(50_000); block; block = decoder.read(50_000)) {
      frames += block.frames;
      most = Math.max(most, process.memoryUsage.rss());
    }
    decoder.close();
    return { mebibytes: (most - before) / 2 ** 20, frames };
  }

  it('two hours of WAV: 2.6 GiB of samples', () => {
    // Sparse: the file system stores the header only.
    const frames = 2 * 3600 * 48000;
    const format = { tag: PCM, channels: 2, rate: 48000, bits: 16 };
    const chunks = [
      { id: 'fmt ', body: formatBody(format) },
      { id: 'data', body: new Uint8Array(0), claimed: frames * 4 },
    ];
    const head = riff(chunks, 'RIFF', frames * 4 + 36);
    const file = openSync(scratch.path('long.wav'), 'w');
    writeSync(file, head);
    ftruncateSync(file, head.length + frames * 4);
    closeSync(file);
    const found = growth(scratch.path('long.wav'));
    expect(found.frames).toBe(frames);
    expect(found.mebibytes).toBeLessThan(300);
  });

  it('an hour of FLAC: 660 MiB of samples', () => {
    scratch.ffmpeg(
      '-f',
      'lavfi',
      '-i',
      'sine=r=48000:d=3600',
      '-c:a',
      'flac',
      '-compression_level',
      '0',
      'long.flac',
    );
    const found = growth(scratch.path('long.flac'));
    expect(found.frames).toBe(3600 * 48000);
    expect(found.mebibytes).toBeLessThan(300);
  });

  it('no file stays open: refused, closed or collected', async () => {
    const open = () => readdirSync('/proc/self/fd').length;
    const before = open();
    for (let i = 0; i < 50; i += 1) {
      refusal(() =>
        openAudio(scratch.write('bad.wav', 'RIFF....WAVE'), { channels: 'mix', sampleRateHz: 0 }),
      );
      openAudio(scratch.path('noise.flac'), { channels: 'mix', sampleRateHz: 16000 }).close();
    }
    expect(open()).toBeLessThanOrEqual(before + 1);
    const drop = (): number =>
      openAudio(scratch.path('noise.flac'), { channels: 'mix', sampleRateHz: 16000 }).read(10)?.frames ?? 0;
    for (let i = 0; i < 50; i += 1) expect(drop()).toBe(10);
    setFlagsFromString('--expose-gc');
    const collect = runInNewContext('gc') as () => void;
    for (let i = 0; i < 20 && open() > before + 1; i += 1) {
      collect();
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    expect(open()).toBeLessThanOrEqual(before + 1);
  });
});

describe('threads', () => {
  const script = fileURLToPath(new URL('../fixtures/decode-worker.mjs', import.meta.url));

  function start(path: string, rounds: number): { worker: Worker; sums: number[]; done: Promise<number> } {
    const worker = new Worker(script, { workerData: { path, rounds } });
    const sums: number[] = [];
    worker.on('message', (sum: number) => sums.push(sum));
    const done = new Promise<number>((resolve, reject) => worker.on('exit', resolve).on('error', reject));
    return { worker, sums, done };
  }

  it('many at once decode the same, while others are ended in the middle', async () => {
    const paths = ['noise.flac', 'noise.mp3', 'noise.opus', 'noise.wav'].map((name) => scratch.path(name));
    const steady = paths.flatMap((path) => [start(path, 10), start(path, 10)]);
    for (let wave = 0; wave < 3; wave += 1) {
      const doomed = paths.map((path) => start(path, 0));
      await new Promise((resolve) => setTimeout(resolve, 150 + wave * 70));
      await Promise.all(doomed.map(({ worker }) => worker.terminate()));
    }
    expect(await Promise.all(steady.map(({ done }) => done))).toEqual(steady.map(() => 0));
    for (let i = 0; i < steady.length; i += 2) {
      const sums = [...(steady[i]?.sums ?? []), ...(steady[i + 1]?.sums ?? [])];
      expect(sums).toHaveLength(20);
      expect(new Set(sums).size).toBe(1);
    }
  });
});

describe('random damage', () => {
  it.each(formats.map(([name = '']) => name))('%s: samples or an error of the closed list', (name) => {
    const whole = readFileSync(scratch.path(name));
    const random = seeded(whole.length);
    const until = Date.now() + 700;
    for (let round = 0; round < 400 && Date.now() < until; round += 1) {
      let bytes = Buffer.from(whole);
      // A few bytes anywhere, or many in the header, and sometimes a cut.
      const reach = round % 2 === 0 ? bytes.length : Math.min(bytes.length, 200);
      for (let flips = 1 + random.below(round % 2 === 0 ? 20 : 6); flips > 0; flips -= 1) {
        bytes[random.below(reach)] = [0, 255, random.below(256)][random.below(3)] ?? 0;
      }
      if (round % 3 === 0) bytes = bytes.subarray(0, 1 + random.below(bytes.length));
      const path = scratch.write(`damaged ${name}`, bytes);
      const { code, message } = refusal(() => {
        const { channels } = decodeAll(path, { channels: 'mix', sampleRateHz: round % 5 === 0 ? 16000 : 0 });
        if (!channels.every((samples) => samples.every(Number.isFinite)))
          throw new Error('a sample is not finite');
      });
      expect(code === 'none' || isRecordErrorCode(code), `round ${round}: ${code} ${message}`).toBe(true);
    }
  });
});

it('a file that shrinks while it is read ends as truncated', () => {
  const samples = new Float64Array(400_000).fill(1000);
  const path = scratch.write(
    'shrinking.wav',
    wav({ tag: PCM, channels: 1, rate: 16000, bits: 16 }, pack('s16', samples)),
  );
  const decoder = openAudio(path, { channels: 'mix', sampleRateHz: 0 });
  expect(decoder.read(1000)?.frames).toBe(1000);
  const file = openSync(path, 'r+');
  ftruncateSync(file, 400_000);
  closeSync(file);
  let frames = 1000;
  for (let block = decoder.read(10_000); block; block = decoder.read(10_000)) frames += block.frames;
  expect(frames).toBeGreaterThan(100_000);
  expect(frames).toBeLessThan(250_000);
  expect(decoder.ending().truncated).toBe(true);
  decoder.close();
});

/** The stages of a recording's road, each against the plain computation over the whole recording at once. */
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FeaturePlan, featureSet, sumSquares } from '@undertone/dsp-native';
import { openModel, parseCard, resolveWindow } from '@undertone/inference';
import {
  type FrontEnd,
  frontEndSettings,
  type ManifestRecord,
  type Row,
  UndertoneError,
} from '@undertone/shared';
import { afterAll, describe, expect, it } from 'vitest';
import { createFlightFile, FlightSlot } from '../../packages/batch-runner/src/flight/in-flight.ts';
import { QualityTrack } from '../../packages/batch-runner/src/stage/quality.ts';
import { type ScoredWindow, StretchBatcher } from '../../packages/batch-runner/src/stage/score.ts';
import { WindowSegmenter } from '../../packages/batch-runner/src/stage/segment.ts';
import { StretchGatherer } from '../../packages/batch-runner/src/stage/stretch.ts';
import { FrameTrack, type Track, UtteranceTrack } from '../../packages/batch-runner/src/stage/track.ts';
import { Counters } from '../../packages/batch-runner/src/worker/counters.ts';
import { FeaturesPipeline } from '../../packages/batch-runner/src/worker/features-pipeline.ts';
import { seeded } from '../fixtures/random.ts';
import { babble, toCodes, wav16 } from '../fixtures/wav.ts';
import {
  linearModel,
  matrixCard,
  removeRoot,
  slice,
  stretchCard,
  stretchModel,
  writeModel,
} from './inference-models.ts';

const work = mkdtempSync(join(tmpdir(), 'undertone-stages-'));
afterAll(() => {
  rmSync(work, { recursive: true });
  removeRoot();
});

/** Pushes in pieces of random length. @returns every window as start, end, last and its values */
function sliced(track: Track, samples: Float32Array, seed: number) {
  const random = seeded(seed);
  const segmenter = new WindowSegmenter(grid);
  const windows: { start: number; end: number; last: boolean; values: Float32Array }[] = [];
  const take = (ended: boolean): void => {
    for (const { start, end, last } of segmenter.next({
      samples: track.samples,
      ready: track.ready,
      ended,
    })) {
      windows.push({ start, end, last, values: track.material(start, end).values });
    }
    track.discardBefore(segmenter.from);
  };
  for (let at = 0; at < samples.length; ) {
    const next = Math.min(samples.length, at + 1 + random.below(20_000));
    track.push(samples.slice(at, next));
    take(false);
    at = next;
  }
  track.end();
  take(true);
  return windows;
}

const { frontEnd } = featureSet('undertone-logmel-64');
const card = parseCard({
  ...matrixCard({ frontEnd }),
  window: { lengthS: 3, hopS: 1.5, scope: 'recording', minS: 0.25 },
  input: { name: 'x', axes: ['batch', 'frames', 'columns'], frames: 300 },
});
const grid = resolveWindow(card);
const plan = new FeaturePlan(frontEnd);

describe('slicing', () => {
  it.each([0.3, 2.99, 3, 3.001, 4.5, 17.3, 40])(
    '%f s along the recording: the frames of one call',
    (seconds) => {
      const samples = babble(seconds, 16000, 5);
      const [whole] = plan.extract([samples]);
      const windows = sliced(new FrameTrack(plan, 300), samples, 1);
      expect(windows.filter((window) => window.last)).toHaveLength(1);
      expect(windows.at(-1)).toMatchObject({ last: true, end: samples.length });
      windows.forEach(({ values }, i) => {
        expect(values, `window ${i}`).toEqual(whole?.values.slice(i * 150 * 64, (i * 150 + 300) * 64));
      });
    },
  );

  it.each([0.3, 3, 17.3])('%f s in windows of their own: the samples of each', (seconds) => {
    const samples = babble(seconds, 16000, 6);
    const toSlice = (own: Float32Array) => ({ values: own.slice(), rows: own.length, columns: 1 });
    const windows = sliced(new UtteranceTrack(toSlice), samples, 2);
    expect(windows.at(-1)).toMatchObject({ last: true, end: samples.length });
    for (const { start, end, values } of windows) expect(values).toEqual(samples.slice(start, end));
  });
});

describe('features along a recording', () => {
  const frame = { lengthSamples: 400, hopSamples: 160, fftSize: 512 };
  it.each(['snip', 'centre', 'kaldi-centre'] as const)(
    '%s, mirrored and zero padding: the frames of one call',
    async (placement) => {
      // Longer than several reads, so that the middle is computed while the end is not known.
      const samples = babble(33.3, 16000, 9);
      const path = join(work, `${placement}.wav`);
      writeFileSync(path, wav16(samples, 16000));
      const pcm = Float32Array.from(toCodes(samples), (code) => code / 32768);
      for (const padding of ['zero', 'reflect', 'symmetric'] as const) {
        const frontEnd = frontEndSettings.parse({
          sampleRateHz: 16000,
          frame: { ...frame, placement, padding, preEmphasis: 0.97, preEmphasisScope: 'signal' },
          mel: { bands: 8, fMaxHz: 8000 },
        });
        const out = join(work, `${placement}-${padding}`);
        const rows = await featuresOf(path, frontEnd, out);
        const [whole] = new FeaturePlan(frontEnd).extract([pcm]);
        expect(rows[0]).toMatchObject({ status: 'ok', frames: whole?.frames });
        const npy = readFileSync(join(out, 'npy/one.wav.npy'));
        expect(new Float32Array(new Uint8Array(npy.subarray(128)).buffer)).toEqual(whole?.values);
      }
    },
  );
});

async function featuresOf(path: string, frontEnd: FrontEnd, out: string): Promise<Row[]> {
  const job = {
    kind: 'features',
    out,
    fingerprint: 'f',
    channels: 'mix',
    frontEnd,
    devices: ['cpu'],
    gpuMemoryMib: null,
    npy: true,
    frameRows: false,
  } as const;
  const pipeline = await FeaturesPipeline.open(job, new Counters(), new FlightSlot(createFlightFile(), 0), 0);
  const { size, mtimeMs } = statSync(path);
  const record: ManifestRecord = {
    id: '0',
    file: './one.wav',
    path,
    bytes: size,
    mtimeMs: Math.trunc(mtimeMs),
    estimatedSeconds: 0,
    truth: null,
    speaker: null,
    gender: null,
    corpus: null,
    scanError: null,
  };
  const rows: Row[] = [];
  const writer = { write: (_table: string, row: Row) => rows.push(row), recordDone: () => undefined };
  await pipeline.run({ id: 's', index: 0, first: 0, records: [record] }, writer);
  return rows;
}

describe('scoring', () => {
  const taken = (
    into: (result: Float32Array | UndertoneError | null) => void,
    wanted = true,
  ): ScoredWindow => ({
    wanted,
    deliver: into,
  });

  it('delivers in order, and a window that cannot be scored costs nobody else', async () => {
    const model = await openModel(writeModel(matrixCard(), linearModel([5, 4])));
    const batcher = new StretchBatcher(model);
    const delivered: string[] = [];
    const fine = Array.from({ length: 40 }, (_, i) => slice(5, 4, i + 1));
    const bad = { ...slice(5, 4, 99), values: new Float32Array(20).fill(Number.NaN) };
    for (const [i, window] of [...fine.slice(0, 20), bad, ...fine.slice(20)].entries()) {
      const note = taken((result) =>
        delivered.push(result instanceof UndertoneError ? `${i} ${result.code}` : `${i} ${result?.join()}`),
      );
      await batcher.score(window, [note]);
      if (i % 7 === 0) batcher.inOrder(() => delivered.push(`after ${i}`));
    }
    await batcher.flush();
    const { values } = await model.score(fine);
    const expected: string[] = [];
    for (let i = 0; i < 41; ++i) {
      const own = i < 20 ? i : i - 1;
      expected.push(i === 20 ? '20 model_error' : `${i} ${values.slice(own * 3, own * 3 + 3).join()}`);
      if (i % 7 === 0) expected.push(`after ${i}`);
    }
    expect(delivered).toEqual(expected);
    await model.close();
  });

  it('stretches of all sizes share batches with their like and still come out in order', async () => {
    const sizes = { frames: 5, hopFrames: 2, columns: 4, hidden: 6 };
    const model = await openModel(writeModel(stretchCard(), stretchModel(sizes)));
    const random = seeded(3);
    const batches: number[] = [];
    let most = 0;
    let behind = 0;
    const batcher = new StretchBatcher(model, async (work) => {
      batches.push(behind);
      return work();
    });
    const delivered: string[] = [];
    const expected: string[] = [];
    for (let i = 0; i < 400; ++i) {
      // Rarely a stretch of 3: it must not hold up the others for long.
      const windows = i % 97 === 5 ? 3 : ([1, 2, 4, 4, 4][random.below(5)] ?? 1);
      const stretch = slice(5 + 2 * (windows - 1), 4, i);
      const isBad = i === 30 || i === 102;
      if (isBad) stretch.values[7] = Number.NaN;
      behind += 1;
      const own = Array.from({ length: windows }, (_, w) =>
        taken(
          (result) => {
            const what = result instanceof UndertoneError ? result.code : (result?.join() ?? 'unwanted');
            delivered.push(`${i}.${w} ${what}`);
            if (w === windows - 1) behind -= 1;
          },
          (i + w) % 3 > 0,
        ),
      );
      await batcher.score(stretch, own);
      batcher.inOrder(() => delivered.push(`after ${i}`));
      most = Math.max(most, behind);
      const alone = isBad ? null : await model.score([stretch], windows);
      for (let w = 0; w < windows; ++w) {
        const scored = alone ? alone.values.slice(3 * w, 3 * w + 3).join() : 'model_error';
        expected.push(`${i}.${w} ${(i + w) % 3 > 0 ? scored : 'unwanted'}`);
      }
      expected.push(`after ${i}`);
    }
    await batcher.flush();
    expect(delivered).toEqual(expected);
    expect(most).toBeLessThanOrEqual(64);
    expect(batches.length).toBeLessThan(130);
    await model.close();
  });
});

describe('stretches', () => {
  const window: ScoredWindow = { wanted: true, deliver: () => undefined };
  const gathered = (size: number, first: number, count: number) => {
    const gatherer = new StretchGatherer(size);
    return Array.from({ length: count }, (_, i) => {
      const index = first + i;
      const segment = { index, start: 100 * index, end: 100 * index + 200, last: i === count - 1 };
      const full = gatherer.add(segment, window);
      const from = full ? null : 100 * Math.max(first, index - (index % size));
      expect(gatherer.from).toBe(from);
      return full && [full.first, full.windows.length, full.start, full.end];
    }).filter((full) => full !== null);
  };

  it.each([1, 2, 3, 4, 5])('of 4: %i windows', (count) => {
    const rest = count % 4;
    const whole = Array.from({ length: Math.floor(count / 4) }, (_, k) => [4 * k, 4, 400 * k, 400 * k + 500]);
    const end = rest ? [[count - rest, rest, 100 * (count - rest), 100 * count + 100]] : [];
    expect(gathered(4, 0, count)).toEqual([...whole, ...end]);
  });

  it('stand where they stand in the recording, whichever of its windows come first', () => {
    expect(gathered(4, 8, 6)).toEqual([
      [8, 4, 800, 1300],
      [12, 2, 1200, 1500],
    ]);
    expect(gathered(1, 3, 2)).toEqual([
      [3, 1, 300, 500],
      [4, 1, 400, 600],
    ]);
  });
});

describe('quality', () => {
  const sine = Float32Array.from({ length: 16000 }, (_, i) => Math.sin((2 * Math.PI * 1000 * i) / 16000));

  it('a full-scale sine is −3.0 dBFS, half of it −9.0, silence has no level, however it arrives', () => {
    const track = new QualityTrack(16000, 480);
    const signal = new Float32Array(48000);
    signal.set(sine);
    signal.set(
      sine.map((x) => x / 2),
      16000,
    );
    for (let at = 0; at < signal.length; at += 7919)
      track.push(signal.slice(at, at + 7919), new Uint32Array(0));
    track.end();
    expect(track.levelDbfs(0, 1)).toBeCloseTo(-3.01, 2);
    expect(track.levelDbfs(1, 2)).toBeCloseTo(-9.03, 2);
    expect(track.levelDbfs(2, 3)).toBeNull();
    track.discardBefore(1);
    expect(track.levelDbfs(1, 2)).toBeCloseTo(-9.03, 2);
  });

  it('a channel is a copy of its twin by likeness and gain, and silence is none', () => {
    // Σx², Σy², Σx·y of one block of 10 ms each.
    const blocks: [sums: number[], copy: boolean][] = [
      [[1, 1, 1], true],
      [[1, 1, -1], true],
      [[1, 0.25, 0.5], true],
      [[1, 1, 0.9], true],
      [[1, 1, 0.89], false],
      [[1, 0.07, Math.sqrt(0.07)], true],
      [[1, 0.06, Math.sqrt(0.06)], false],
      [[0, 0, 0], false],
      [[1, 0, 0], false],
    ];
    const track = new QualityTrack(16000, 480);
    const seconds = sine.slice(0, 160 * blocks.length);
    track.push(seconds, new Uint32Array(blocks.length), Float32Array.from(blocks.flatMap(([sums]) => sums)));
    blocks.forEach(([sums, copy], i) => {
      expect(track.isCopy((i + 0.2) / 100, (i + 0.8) / 100), sums.join()).toBe(copy);
    });
    expect(new QualityTrack(16000, 480).isCopy(0, 1)).toBe(false);
  });

  it('clipping is a share of the samples of the recording', () => {
    const track = new QualityTrack(16000, 480);
    const clipped = new Uint32Array(100);
    clipped[10] = 240;
    track.push(sine, clipped);
    expect(track.clipRatio(0.1, 0.11)).toBe(0.5);
    expect(track.clipRatio(0, 1)).toBeCloseTo(0.005, 6);
    expect(track.clipRatio(0.5, 1)).toBe(0);
  });
});

describe('sums of squares', () => {
  const samples = Float32Array.from({ length: 1003 }, (_, i) => Math.sin(i) * (i % 7));

  it('are those of each stretch, whatever its length and place', () => {
    const bounds = Uint32Array.of(0, 0, 1, 8, 161, 321, 1003);
    const sums = new Float64Array(bounds.length - 1);
    sumSquares(samples, bounds, sums);
    for (const [i, sum] of sums.entries()) {
      const expected = samples.subarray(bounds[i], bounds[i + 1]).reduce((total, x) => total + x * x, 0);
      expect(Math.abs(sum - expected)).toBeLessThanOrEqual(1e-12 * Math.max(1, expected));
    }
  });

  it.each([
    ['a bound outside', [0, 1004], 'ascending indices up to 1003 for bounds'],
    ['bounds that descend', [5, 4], 'ascending indices up to 1003 for bounds'],
    ['too little room', [0, 1, 2], 'room for 2 values for sums'],
  ])('refuse %s', (_what, bounds, message) => {
    expect(() => sumSquares(samples, Uint32Array.from(bounds), new Float64Array(1))).toThrow(message);
  });
});

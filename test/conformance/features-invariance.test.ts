/** A frame's features do not depend on the batch, the span, the thread or the tile that they are computed in. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FEATURE_SETS, FeaturePlan } from '@undertone/dsp-native';
import {
  columnNames,
  type FeatureSettings,
  type FrontEnd,
  frontEndSettings,
  rowFeatures,
} from '@undertone/shared';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { describeEachInstructionSet, runUnder } from '../fixtures/instruction-sets.ts';
import { seeded } from '../fixtures/random.ts';
import { FEATURE_KINDS, randomFeature } from '../fixtures/random-feature.ts';
import { randomFrontEnds } from '../fixtures/random-front-end.ts';
import { rowsOf } from '../fixtures/result-shape.ts';
import { readSpeech } from '../fixtures/speech/pcm16.mjs';
import { AGREEMENT, RESOLUTION } from '../golden/tolerances.ts';

/** Every descriptor at once, flux among them, which looks at the frame before; frames that overlap and that do not. */
const descriptorFrontEnds = (['snip', 'centre', 'kaldi-centre'] as const).flatMap((placement) =>
  [107, 400].map((hopSamples) =>
    frontEndSettings.parse({
      sampleRateHz: 16000,
      frame: { lengthSamples: 320, hopSamples, fftSize: 375, placement, padding: 'reflect', removeDc: true },
      features: [
        'zero-crossing-rate',
        'energy',
        'rms',
        'energy-entropy',
        'spectral-centroid',
        'spectral-bandwidth',
        'spectral-skewness',
        'spectral-kurtosis',
        'spectral-entropy',
        'spectral-flux',
        'spectral-flatness',
        'spectral-roll-off',
        'spectral-slope',
      ].map((kind) => ({ kind })),
    }),
  ),
);
const frontEnds = [
  ...descriptorFrontEnds,
  ...[...FEATURE_SETS.values()].map((set) => set.frontEnd),
  ...randomFrontEnds(220, 20261121),
];
const hasResult = (samples: number, frontEnd: FrontEnd): boolean => rowsOf(samples, frontEnd) !== null;

type Kind = FeatureSettings['kind'];

/** The feature that each column of a front-end without statistics belongs to. */
function kindsOfColumns(frontEnd: FrontEnd): Kind[] {
  const base = rowFeatures(frontEnd).flatMap((feature) => {
    const alone = { ...frontEnd, features: [feature], deltas: null };
    return columnNames(alone).map((): Kind => feature.kind);
  });
  return Array.from({ length: 1 + (frontEnd.deltas?.order ?? 0) }, () => base).flat();
}

/** Values further apart than AGREEMENT allows, in words. */
function disagreements(values: Float32Array, expected: Float32Array, frontEnd: FrontEnd): string[] {
  const kinds = kindsOfColumns(frontEnd);
  const columns = kinds.length;
  const squares = new Float64Array(columns);
  const largest = new Map<Kind, number>();
  expected.forEach((x, i) => {
    squares[i % columns] = (squares[i % columns] ?? 0) + x * x;
    const kind = kinds[i % columns] as Kind;
    largest.set(kind, Math.max(largest.get(kind) ?? 0, Math.abs(x)));
  });
  // A delta is a difference of its feature's values, and no more exact than they are.
  const base = columns / (1 + (frontEnd.deltas?.order ?? 0));
  const rms = squares.map((sum, c) =>
    Math.sqrt(Math.max(sum, squares[c % base] ?? 0) / (expected.length / columns)),
  );
  const found: string[] = [];
  for (let row = 0; row < expected.length; row += columns) {
    kinds.forEach((kind, c) => {
      const [value, wanted] = [values[row + c] ?? Number.NaN, expected[row + c] ?? Number.NaN];
      const { error, linear, unit = 0 } = AGREEMENT[kind];
      const floor = linear ? RESOLUTION[frontEnd.spectrum.kind] * (largest.get(kind) ?? 0) : 0;
      const scale = Math.max(Math.abs(wanted), rms[c] ?? 0, floor, unit);
      if (!(Math.abs(value - wanted) <= error * scale)) {
        found.push(`${kind}, column ${c}, frame ${row / columns}: ${value}, not ${wanted}`);
      }
    });
  }
  return found;
}

const scratch = mkdtempSync(join(tmpdir(), 'undertone-invariance-'));
const jobs = join(scratch, 'jobs.json');

beforeAll(() => {
  const random = seeded(7);
  const list = frontEnds.map((frontEnd, i) => ({
    frontEnd,
    // One sample, shorter than the padding, one frame and a sample less or more, many tiles.
    lengths: [
      1,
      2,
      1 + random.below(60),
      frontEnd.frame.lengthSamples - 1,
      frontEnd.frame.lengthSamples,
      frontEnd.frame.lengthSamples + 1,
      1 + random.below(4000),
      8000,
      0,
      777,
    ].filter((length) => hasResult(length, frontEnd)),
    seed: i + 1,
  }));
  writeFileSync(jobs, JSON.stringify(list));
});
afterAll(() => rmSync(scratch, { recursive: true }));

describeEachInstructionSet((instructionSet) => {
  it('gives the same bits in a batch, alone, asynchronously and in random spans', () => {
    const printed = runUnder(instructionSet, new URL('invariance.mjs', import.meta.url), [jobs]);
    const report = JSON.parse(printed) as { instructionSet: string; compared: number; failures: unknown[] };
    expect(report.instructionSet).toBe(instructionSet);
    expect(report.failures).toEqual([]);
    expect(report.compared).toBeGreaterThan(1_000_000);
  });
});

describe('instruction sets', () => {
  // Without what is made of the values that are compared here, and what drops samples.
  const compared = frontEnds.map(
    (frontEnd): FrontEnd => ({
      ...frontEnd,
      samples: { ...frontEnd.samples, excerpt: null, gate: null },
      cmvn: null,
      statistics: [],
      sequence: null,
    }),
  );
  const samples = (i: number): [start: number, end: number] => [i * 37, i * 37 + 9000];
  const featuresUnder = (instructionSet: string): Float32Array => {
    const file = join(scratch, `${instructionSet}.f32`);
    const list = join(scratch, 'agreement.json');
    writeFileSync(list, JSON.stringify(compared.map((frontEnd, i) => ({ frontEnd, samples: samples(i) }))));
    runUnder(instructionSet, new URL('agreement.mjs', import.meta.url), [list, file]);
    const bytes = readFileSync(file);
    return new Float32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4);
  };
  const expected = featuresUnder('scalar');

  describeEachInstructionSet((instructionSet) => {
    it('agrees with scalar within the tolerance of each feature', () => {
      const values = featuresUnder(instructionSet);
      expect(values.length).toBe(expected.length);
      let at = 0;
      for (const frontEnd of compared) {
        const size = columnNames(frontEnd).length * (rowsOf(9000, frontEnd) ?? 0);
        const found = disagreements(
          values.subarray(at, at + size),
          expected.subarray(at, at + size),
          frontEnd,
        );
        expect(found.slice(0, 3), JSON.stringify(frontEnd)).toEqual([]);
        at += size;
      }
      expect(at).toBe(expected.length);
    });
  });
});

describe('random front-ends', () => {
  it('reach every kind of feature with every parameter at both its bounds', () => {
    const random = seeded(41);
    const bounds = {
      sampleRateHz: 16000,
      lengthSamples: 400,
      hopSamples: 160,
      fftSize: 4096,
      centred: true,
      mel: true,
      log: true,
      cepstrum: true,
    };
    const seen = new Map<string, number[]>();
    for (const kind of FEATURE_KINDS) {
      for (let i = 0; i < 200; i++) {
        const feature = randomFeature(kind, bounds, random) as Record<string, unknown>;
        for (const [name, value] of Object.entries(feature)) {
          if (typeof value === 'number')
            seen.set(`${kind}.${name}`, [...(seen.get(`${kind}.${name}`) ?? []), value]);
        }
      }
    }
    const reach = (name: string): number[] => [
      Math.min(...(seen.get(name) ?? [])),
      Math.max(...(seen.get(name) ?? [])),
    ];
    expect(reach('energy-entropy.blocks')).toEqual([2, 256]);
    expect(reach('spectral-entropy.blocks')).toEqual([2, 256]);
    expect(reach('spectral-roll-off.share')).toEqual([0.01, 0.99]);
    expect(reach('spectral-contrast.bands')).toEqual([1, 10]);
    expect(reach('spectral-contrast.quantile')).toEqual([0.001, 0.5]);
    expect(reach('pitch.fMinHz')).toEqual([10, 2000]);
    expect(reach('pitch.fMaxHz')[1]).toBe(4000);
    const used = new Set(frontEnds.flatMap(({ features }) => features.map(({ kind }) => kind)));
    expect(FEATURE_KINDS.filter((kind) => !used.has(kind))).toEqual([]);
  });
});

describe('flux', () => {
  it.each(
    descriptorFrontEnds.map((frontEnd) => [frontEnd.frame.placement, frontEnd.frame.hopSamples, frontEnd]),
  )(
    'of a span is that of the recording from every first frame on: %s, hop %i',
    (_placement, _hop, frontEnd) => {
      const plan = new FeaturePlan(frontEnd as FrontEnd);
      const samples = readSpeech('librivox-16k').slice(5000, 5000 + 6000);
      const [whole] = plan.extract([samples]);
      for (let first = 0; whole && first < whole.frames; first++) {
        for (const frames of [1, 2, 17].filter((count) => first + count <= whole.frames)) {
          const span = { samples, start: 0, totalSamples: samples.length };
          const { values } = plan.extractSpan(span, first, frames);
          expect(values).toEqual(
            whole.values.subarray(first * plan.columns, (first + frames) * plan.columns),
          );
        }
      }
    },
  );
});

describe('shapes', () => {
  it('agree with the frame count and the column names of the shared package', () => {
    const random = seeded(11);
    for (const frontEnd of frontEnds) {
      const plan = new FeaturePlan(frontEnd);
      expect(plan.columns).toBe(columnNames(frontEnd).length);
      const lengths = [0, 1, frontEnd.frame.lengthSamples - 1, random.below(5000), random.below(5000)].filter(
        (n) => hasResult(n, frontEnd),
      );
      const frames = plan.extract(lengths.map((n) => new Float32Array(n).fill(0.1))).map((m) => m.frames);
      expect(frames).toEqual(lengths.map((n) => rowsOf(n, frontEnd)));
    }
  });
});

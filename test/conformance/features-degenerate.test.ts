/** Inputs that no speaker makes: features stay finite, and are what docs/features.md says. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FEATURE_SETS, FeaturePlan } from '@undertone/dsp-native';
import { type FeatureSettings, type FrontEndInput, frameCount, frontEndSettings } from '@undertone/shared';
import { afterAll, describe, expect, it } from 'vitest';
import { DEGENERATE, filled } from '../fixtures/degenerate.mjs';
import { describeEachInstructionSet, runUnder } from '../fixtures/instruction-sets.ts';
import { seeded } from '../fixtures/random.ts';
import { FEATURE_KINDS } from '../fixtures/random-feature.ts';
import { extremeFrontEnds, randomFrontEnds } from '../fixtures/random-front-end.ts';

const N = 9000;
const random = seeded(3);
const frontEnds = [
  ...[...FEATURE_SETS.values()].map((set) => set.frontEnd),
  ...extremeFrontEnds(),
  ...randomFrontEnds(60, 5),
];
const scratch = mkdtempSync(join(tmpdir(), 'undertone-degenerate-'));
const list = join(scratch, 'front-ends.json');
writeFileSync(list, JSON.stringify(frontEnds));
afterAll(() => rmSync(scratch, { recursive: true }));

describeEachInstructionSet((instructionSet) => {
  it('gives finite features under every set, 60 random front-ends and the largest and smallest frames', () => {
    const printed = runUnder(instructionSet, new URL('degenerate.mjs', import.meta.url), [list]);
    const report = JSON.parse(printed) as { instructionSet: string; compared: number; failures: unknown[] };
    expect(report.instructionSet).toBe(instructionSet);
    expect(report.failures).toEqual([]);
    expect(report.compared).toBeGreaterThan(1_000_000);
  });
});

type Kind = FeatureSettings['kind'];
type Rows = readonly (readonly number[])[];

/** Every feature alone, over frames of 2048 samples at 22,050 Hz. */
const frame = { lengthSamples: 2048, hopSamples: 512, fftSize: 2048 };
const CONSTANT_Q: ReadonlySet<Kind> = new Set(['chroma-cqt', 'tonnetz']);
const alone = (kind: Kind, more: object = {}): FrontEndInput => ({
  sampleRateHz: 22050,
  frame: CONSTANT_Q.has(kind) ? { ...frame, placement: 'centre' } : frame,
  mel: { bands: 20, fMaxHz: 11025 },
  log: { kind: 'ln' },
  cepstrum: { coefficients: 5 },
  features: [kind === 'pitch' ? { kind, frameSamples: 1024 } : { kind }],
  ...more,
});
function rowsOf(frontEnd: FrontEndInput, samples: Float32Array): Rows {
  const plan = new FeaturePlan(frontEnd);
  const [matrix] = plan.extract([samples]);
  return Array.from({ length: matrix?.frames ?? 0 }, (_, t) =>
    Array.from(matrix?.values.subarray(t * plan.columns, (t + 1) * plan.columns) ?? []),
  );
}
const input = (name: string): Float32Array => DEGENERATE[name] as Float32Array;

describe('silence', () => {
  const floor = Math.fround(Math.log(1e-10));
  /** 0 unless it says otherwise; one value stands for all columns. */
  const documented: Partial<Record<Kind, readonly number[]>> = {
    log: [floor],
    // A constant has no other cosine than the first.
    cepstrum: [floor * Math.sqrt(20), 0, 0, 0, 0],
    // As flat as can be.
    'spectral-flatness': [1],
    // F0, voicing, voiced, and the lowest harmonic-to-noise ratio.
    pitch: [0, 0, 0, -20],
  };
  it.each(FEATURE_KINDS)('is what the documentation says for %s', (kind) => {
    const expected = documented[kind] ?? [0];
    for (const row of rowsOf(alone(kind), input('silence'))) {
      row.forEach((value, c) => {
        expect(value).toBeCloseTo(expected[c % expected.length] ?? Number.NaN, 3);
      });
    }
  });

  it.each(['zero-crossing-rate', 'spectral-centroid', 'spectral-bandwidth', 'spectral-roll-off'] as const)(
    'is 0 for %s of pyAudioAnalysis too',
    (kind) => {
      const features = [{ kind, convention: 'pyaudioanalysis' }] as FrontEndInput['features'];
      expect(
        rowsOf(alone(kind, { features }), input('silence'))
          .flat()
          .every((x) => x === 0),
      ).toBe(true);
    },
  );
});

describe('a constant', () => {
  // The filters of a constant-Q transform reach beyond the ends from anywhere.
  it.each(FEATURE_KINDS.filter((kind) => !CONSTANT_Q.has(kind)))('gives every frame the same %s', (kind) => {
    const [first, ...others] = rowsOf(alone(kind), input('a constant'));
    for (const row of others) {
      row.forEach((value, c) => {
        expect(value).toBeCloseTo(first?.[c] ?? Number.NaN, 5);
      });
    }
  });

  it('of c has an RMS of |c|, an energy of c², evenly spread, and neither crossing nor flux', () => {
    const features = [
      { kind: 'rms' },
      { kind: 'energy' },
      { kind: 'energy-entropy', blocks: 8 },
      { kind: 'zero-crossing-rate' },
      { kind: 'spectral-flux' },
    ] as FrontEndInput['features'];
    for (const c of [0.25, -0.25, 1, 1e-3]) {
      for (const row of rowsOf(
        alone('rms', { features }),
        filled(() => c),
      )) {
        expect(row[0]).toBeCloseTo(Math.abs(c), 6);
        expect(row[1]).toBeCloseTo(c * c, 6);
        expect(Math.abs((row[2] ?? 0) - 3)).toBeLessThan(c === 1e-3 ? 0.01 : 1e-3);
        expect(row.slice(3)).toEqual([0, 0]);
      }
    }
  });

  it('is silence where the mean of the frame is removed', () => {
    const rows = rowsOf(alone('rms', { frame: { ...frame, removeDc: true } }), input('a constant'));
    expect(rows.flat().every((x) => Math.abs(x) < 1e-7)).toBe(true);
  });
});

it('a full-scale square wave has an RMS and an energy of 1, and two crossings a period', () => {
  const features = [
    { kind: 'rms' },
    { kind: 'energy' },
    { kind: 'zero-crossing-rate' },
  ] as FrontEndInput['features'];
  for (const [rms, energy, crossings] of rowsOf(
    alone('rms', { features }),
    input('a full-scale square wave'),
  )) {
    expect([rms, energy]).toEqual([1, 1]);
    expect(Math.abs((crossings ?? 0) - 2 / 80)).toBeLessThan(1 / 2048);
  }
});

describe('not a number and infinity', () => {
  const zeroed = input('NaN and infinities').map((x) => (Number.isFinite(x) ? x : 0));
  it.each(FEATURE_KINDS)('count as 0 for %s', (kind) => {
    expect(rowsOf(alone(kind), input('NaN and infinities'))).toEqual(rowsOf(alone(kind), zeroed));
    expect(rowsOf(alone(kind), input('nothing but NaN'))).toEqual(rowsOf(alone(kind), input('silence')));
  });
});

describe.each(['snip', 'centre', 'kaldi-centre'] as const)('short utterances under %s', (placement) => {
  const lengths = [0, 1, 2, 511, 512, 513, 2047, 2048, 2049, 2559, 2560, 2561];
  const kinds = FEATURE_KINDS.filter((kind) => placement === 'centre' || !CONSTANT_Q.has(kind));
  it.each(kinds)('have the promised frames of finite %s', (kind) => {
    for (const padding of ['zero', 'reflect', 'symmetric'] as const) {
      const frontEnd = frontEndSettings.parse(alone(kind, { frame: { ...frame, placement, padding } }));
      for (const length of lengths) {
        const rows = rowsOf(
          frontEnd,
          filled(() => random.next() - 0.5, length),
        );
        expect(rows.length).toBe(frameCount(length, frontEnd.frame));
        expect(rows.flat().every(Number.isFinite), `${padding}, ${length} samples`).toBe(true);
      }
    }
  });

  it('of one frame have no flux', () => {
    const frontEnd = alone('spectral-flux', { frame: { ...frame, placement } });
    const [first] = rowsOf(
      frontEnd,
      filled(() => random.next() - 0.5, 2048),
    );
    expect(first).toEqual([0]);
  });
});

describe('what is promised of bad samples', () => {
  const base: FrontEndInput = {
    sampleRateHz: 16000,
    frame: { lengthSamples: 400, hopSamples: 160, fftSize: 512 },
    mel: { bands: 30, fMaxHz: 8000 },
    log: { kind: 'ln' },
  };
  const noise = filled(() => random.next() - 0.5);
  const only = (frontEnd: FrontEndInput, samples: Float32Array): Float32Array =>
    new FeaturePlan(frontEnd).extract([samples])[0]?.values as Float32Array;

  it('not a number counts as 0', () => {
    const spoilt = noise.map((x, i) => (i % 7 === 0 ? Number.NaN : x));
    const zeroed = noise.map((x, i) => (i % 7 === 0 ? 0 : x));
    for (const normalise of ['none', 'z-score', 'peak'] as const) {
      const frontEnd = { ...base, samples: { normalise } };
      expect(only(frontEnd, spoilt)).toEqual(only(frontEnd, zeroed));
    }
  });

  it('silence is the logarithm of the floor', () => {
    for (const x of only(base, new Float32Array(400))) expect(x).toBeCloseTo(Math.log(1e-10), 5);
  });

  it('silence has the log energy of FLT_EPSILON', () => {
    const cepstrum = { coefficients: 2, c0: 'log-energy' } as const;
    const [energy] = only({ ...base, cepstrum }, new Float32Array(400));
    expect(energy).toBeCloseTo(Math.log(2 ** -23), 5);
  });

  it('an utterance without deviation normalises to silence', () => {
    const constant = { ...base, samples: { normalise: 'z-score' } } as const;
    expect(
      only(
        constant,
        filled(() => 0.3),
      ),
    ).toEqual(only(base, new Float32Array(N)));
  });
});

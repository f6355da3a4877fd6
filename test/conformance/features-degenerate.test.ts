/** Inputs that no speaker makes: features stay finite, and are what the settings' documentation says. */
import { FEATURE_SETS, FeaturePlan } from '@undertone/dsp-native';
import type { FrontEndInput } from '@undertone/shared';
import { describe, expect, it } from 'vitest';
import { seeded } from '../fixtures/random.ts';
import { extremeFrontEnds, randomFrontEnds } from '../fixtures/random-front-end.ts';

const N = 9000;
const fill = (value: (i: number) => number, length = N): Float32Array =>
  Float32Array.from({ length }, (_, i) => value(i));
const random = seeded(3);
const INPUTS: Record<string, Float32Array> = {
  silence: new Float32Array(N),
  'negative zero': fill(() => -0),
  'a constant': fill(() => 0.25),
  'a full-scale square wave': fill((i) => (i % 80 < 40 ? 1 : -1)),
  'one impulse': fill((i) => (i === 4000 ? 1 : 0)),
  denormals: fill((i) => (i % 2 ? 1e-42 : -1e-42)),
  'NaN and infinities': fill(
    (i) => [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0.1][i % 4] ?? 0,
  ),
  'the largest float32': fill((i) => (i % 3 ? 3.4e38 : -3.4e38)),
  'integers by mistake': fill(() => Math.round((random.next() - 0.5) * 65535)),
};

const frontEnds = [
  ...[...FEATURE_SETS.values()].map((set) => set.frontEnd),
  ...extremeFrontEnds(),
  ...randomFrontEnds(60, 5),
];

describe.each(Object.entries(INPUTS))('%s', (_name, samples) => {
  it('gives finite features under every set and 60 random front-ends', () => {
    for (const frontEnd of frontEnds) {
      // Of next to nothing a gate may leave too little, which is said so (functionals.test.ts).
      if (frontEnd.samples.gate && samples.filter((x) => x !== 0).length < 2) continue;
      const plan = new FeaturePlan(frontEnd);
      const [features] = plan.extract([samples]);
      const bad = features?.values.findIndex((x) => !Number.isFinite(x)) ?? 0;
      const column = plan.columnNames[bad % plan.columns];
      expect(bad, `${column} of ${JSON.stringify(frontEnd)}`).toBe(-1);
    }
  });
});

describe('short utterances', () => {
  it.each([1, 2, 399, 400, 401])('of %i samples are finite', (length) => {
    for (const placement of ['snip', 'centre', 'kaldi-centre'] as const) {
      for (const padding of ['zero', 'reflect', 'symmetric'] as const) {
        const frame = { lengthSamples: 400, hopSamples: 160, fftSize: 512, placement, padding };
        const plan = new FeaturePlan({ sampleRateHz: 16000, frame, log: { kind: 'ln' } });
        const [features] = plan.extract([fill((i) => Math.sin(i), length)]);
        expect(features?.values.every(Number.isFinite)).toBe(true);
      }
    }
  });
});

describe('what is promised of bad samples', () => {
  const base: FrontEndInput = {
    sampleRateHz: 16000,
    frame: { lengthSamples: 400, hopSamples: 160, fftSize: 512 },
    mel: { bands: 30, fMaxHz: 8000 },
    log: { kind: 'ln' },
  };
  const noise = fill(() => random.next() - 0.5);
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
        fill(() => 0.3),
      ),
    ).toEqual(only(base, new Float32Array(N)));
  });
});

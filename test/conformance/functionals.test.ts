/** What happens to an utterance before framing and to its rows after the features: settings, names, edges. */
import { FeaturePlan } from '@undertone/dsp-native';
import {
  columnNames,
  type FrontEndInput,
  frontEndSettings,
  oneRowPerUtterance,
  parseSettings,
  STATISTICS,
  type UndertoneError,
} from '@undertone/shared';
import { describe, expect, it } from 'vitest';
import { seeded } from '../fixtures/random.ts';

const base = {
  sampleRateHz: 16000,
  frame: { lengthSamples: 400, hopSamples: 160, fftSize: 512 },
  mel: { bands: 3, fMaxHz: 8000 },
  log: { kind: 'ln' },
} satisfies FrontEndInput;
const parse = (change: object) => parseSettings(frontEndSettings, { ...base, ...change }, 'frontEnd');
const refusal = (act: () => unknown): string => {
  try {
    act();
  } catch (thrown) {
    return `${(thrown as UndertoneError).code}: ${(thrown as Error).message}`;
  }
  throw new Error('nothing was refused');
};
const random = seeded(23);
const noise = (length: number): Float32Array => Float32Array.from({ length }, () => random.next() - 0.5);
const samplesFor = (frames: number): number => 400 + 160 * (frames - 1);
const extract = (change: object, samples: Float32Array) => {
  const plan = new FeaturePlan(parse(change));
  const [matrix] = plan.extract([samples]);
  if (!matrix) throw new Error('no matrix');
  return { ...matrix, names: plan.columnNames };
};

describe('statistics', () => {
  it.each([
    ['p101', 'a percentile of at most 100'],
    ['p1-p200', 'a percentile of at most 100'],
    ['p75-p25', 'a first percentile below the second (25)'],
    ['p5-p5', 'a first percentile below the second (5)'],
  ])('refuses %s', (statistic, what) => {
    expect(refusal(() => parse({ statistics: ['mean', statistic] }))).toBe(
      `usage: Expected ${what} for frontEnd.statistics.1 but received "${statistic}" of type string`,
    );
  });

  it.each(['mode', 'p', 'p-1', 'p01', 'p1.0', 'p1-99', '50', 'P50', 'p1e1'])(
    'refuses %s, naming all',
    (name) => {
      expect(refusal(() => parse({ statistics: [name] }))).toBe(
        `usage: Expected one of ${STATISTICS.map((s) => `"${s}"`).join(', ')}, a percentile such as "p2.5" or a range ` +
          `such as "p25-p75" for frontEnd.statistics.0 but received "${name}" of type string`,
      );
    },
  );

  it('refuses one that stands twice', () => {
    expect(refusal(() => parse({ statistics: ['p50', 'p50'] }))).toBe(
      'usage: Expected each statistic once for frontEnd.statistics but received ["p50","p50"] of type array',
    );
  });

  it('takes the edges', () => {
    const statistics = ['p0', 'p100', 'p0-p100', 'p99.999'];
    expect(parse({ statistics }).statistics).toEqual(statistics);
    const { values } = extract({ statistics: ['p0', 'min', 'p100', 'max', 'p0-p100', 'range'] }, noise(4000));
    for (let c = 0; c < 3; ++c) {
      for (const s of [0, 2, 4]) expect(values[s * 3 + c]).toBe(values[(s + 1) * 3 + c]);
    }
  });

  it('name columns block after block, so that a set with deltas begins with the set without', () => {
    const statistics = ['mean', 'p2.5', 'p1-p99'];
    const plain = columnNames(parse({ statistics }));
    expect(plain).toEqual(
      ['mean', 'p2_5', 'p1_p99'].flatMap((s) => [0, 1, 2].map((band) => `mel_${band}_${s}`)),
    );
    const deltas = { order: 2, convention: 'kaldi' };
    const names = columnNames(parse({ statistics, deltas }));
    expect(names.slice(0, 9)).toEqual(plain);
    expect(names.slice(9, 18)).toEqual(plain.map((name) => `delta_${name}`));
    expect(names.slice(18)).toEqual(plain.map((name) => `delta2_${name}`));
    const samples = noise(8000);
    expect(extract({ statistics, deltas }, samples).values.slice(0, 9)).toEqual(
      extract({ statistics }, samples).values,
    );
  });

  it('of a column without deviation are finite: no skewness, no kurtosis, no slope', () => {
    const silence = extract({ statistics: [...STATISTICS, 'p25-p75'] }, new Float32Array(8000));
    const floor = Math.fround(Math.log(1e-10));
    const at = (name: string): number | undefined => silence.values[silence.names.indexOf(`mel_1_${name}`)];
    for (const name of ['mean', 'median', 'min', 'max', 'first', 'last'])
      expect(at(name)).toBeCloseTo(floor, 5);
    for (const name of ['std', 'variance', 'skewness', 'kurtosis', 'range', 'slope', 'p25_p75']) {
      expect(at(name)).toBe(0);
    }
  });

  it('of one frame are that frame, without deviation', () => {
    const one = extract({ statistics: [...STATISTICS] }, noise(400));
    const [frame] = [extract({}, noise(400))];
    expect(frame?.frames).toBe(1);
    for (const name of ['std', 'skewness', 'kurtosis', 'range', 'slope']) {
      expect(one.values[one.names.indexOf(`mel_0_${name}`)]).toBe(0);
    }
    expect(one.values.every(Number.isFinite)).toBe(true);
  });

  it('are those of the sorted values, for every number of frames', () => {
    for (const frames of [1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 33, 100, 2047, 2048, 2049, 2100]) {
      const samples = noise(samplesFor(frames));
      const rows = extract({}, samples);
      const { values } = extract({ statistics: ['median', 'p25', 'max', 'p90'] }, samples);
      for (let c = 0; c < 3; ++c) {
        const sorted = Float64Array.from({ length: frames }, (_, t) => rows.values[t * 3 + c] ?? 0).sort();
        const percentile = (q: number): number => {
          const place = (q / 100) * (frames - 1);
          const low = sorted[Math.floor(place)] ?? 0;
          return low + ((sorted[Math.ceil(place)] ?? 0) - low) * (place % 1);
        };
        const expected = [50, 25, 100, 90].map((q) => Math.fround(percentile(q)));
        expect([0, 1, 2, 3].map((s) => values[s * 3 + c])).toEqual(expected);
      }
    }
  });
});

describe('deltas of convention difference', () => {
  const deltas = { order: 2, convention: 'difference' };

  it('are x[t] − x[t−1], whatever the width, and 0 where there is no frame before', () => {
    const samples = noise(samplesFor(5));
    const { values, columns, frames } = extract({ deltas }, samples);
    expect(extract({ deltas: { ...deltas, width: 101 } }, samples).values).toEqual(values);
    const at = (t: number, c: number): number => values[t * columns + c] ?? Number.NaN;
    for (let t = 0; t < frames; ++t) {
      for (let c = 0; c < 3; ++c) {
        expect(at(t, 3 + c)).toBe(t < 1 ? 0 : Math.fround(at(t, c) - at(t - 1, c)));
        const second = t < 2 ? 0 : at(t, c) - 2 * at(t - 1, c) + at(t - 2, c);
        expect(at(t, 6 + c)).toBeCloseTo(second, 4);
      }
    }
  });

  it('leave the first frames out of statistics', () => {
    const samples = noise(samplesFor(4));
    const rows = extract({ deltas }, samples);
    const { values, names } = extract({ deltas, statistics: ['mean', 'first'] }, samples);
    const of = (name: string): number => values[names.indexOf(name)] ?? Number.NaN;
    const at = (t: number, c: number): number => rows.values[t * rows.columns + c] ?? Number.NaN;
    expect(of('delta_mel_1_first')).toBe(at(1, 4));
    expect(of('delta_mel_1_mean')).toBeCloseTo((at(1, 4) + at(2, 4) + at(3, 4)) / 3, 5);
    expect(of('delta2_mel_1_first')).toBe(at(2, 7));
    expect(of('delta2_mel_1_mean')).toBeCloseTo((at(2, 7) + at(3, 7)) / 2, 5);
  });

  it('need a frame more than their order for statistics', () => {
    const statistics = ['mean'];
    expect(refusal(() => extract({ deltas, statistics }, noise(samplesFor(2))))).toBe(
      'too_short: Utterance 0 has 2 frames (560 samples); statistics of differences of deltas.order 2 need at least 3',
    );
    expect(extract({ deltas, statistics }, noise(samplesFor(3))).frames).toBe(1);
    expect(extract({ deltas }, noise(400)).values.slice(3)).toEqual(new Float32Array(6));
  });
});

describe('one row an utterance', () => {
  it('is what statistics make', () => {
    expect(oneRowPerUtterance(parse({}))).toBe(false);
    expect(oneRowPerUtterance(parse({ statistics: ['mean'] }))).toBe(true);
  });
});

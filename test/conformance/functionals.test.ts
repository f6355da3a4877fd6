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
    for (const frames of [1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 33, 100, 2047, 2048, 2049, 9000]) {
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

describe('cepstral mean and variance normalisation', () => {
  const means = (values: Float32Array, columns: number): number[] =>
    Array.from({ length: columns }, (_, c) => {
      const column = values.filter((_x, i) => i % columns === c);
      return column.reduce((sum, x) => sum + x, 0) / column.length;
    });

  it('takes the mean, and the deviation, from every column', () => {
    const { values } = extract({ cmvn: { scope: 'utterance', normaliseVariance: true } }, noise(16000));
    for (const mean of means(values, 3)) expect(mean).toBeCloseTo(0, 5);
    for (const square of means(
      values.map((x) => x * x),
      3,
    ))
      expect(square).toBeCloseTo(1, 5);
  });

  it('comes before deltas and statistics', () => {
    const change = { deltas: { order: 1, convention: 'difference' }, statistics: ['mean', 'last'] };
    const samples = noise(16000);
    const plain = extract(change, samples);
    const normalised = extract({ ...change, cmvn: { scope: 'utterance' } }, samples);
    for (let c = 0; c < 3; ++c) {
      expect(normalised.values[c]).toBeCloseTo(0, 5);
      const [last = 0, mean = 0] = [plain.values[3 + c], plain.values[c]];
      expect(normalised.values[3 + c]).toBeCloseTo(last - mean, 4);
      expect(normalised.values[9 + c]).toBeCloseTo(plain.values[9 + c] ?? Number.NaN, 4);
    }
  });

  it.each(['utterance', 'sliding'])('%s: makes 0 of silence, and of one frame', (scope) => {
    for (const normaliseVariance of [false, true]) {
      for (const centre of [false, true]) {
        const cmvn = { scope, normaliseVariance, centre, windowFrames: 7, minWindowFrames: 3 };
        for (const samples of [new Float32Array(16000), noise(400)]) {
          const { values } = extract({ cmvn }, samples);
          expect(values.every((x) => x === 0)).toBe(true);
        }
      }
    }
  });

  it('a window that holds the utterance is the utterance', () => {
    const samples = noise(16000);
    const whole = extract({ cmvn: { scope: 'utterance' } }, samples).values;
    const centre = extract({ cmvn: { scope: 'sliding', centre: true } }, samples).values;
    const first = extract({ cmvn: { scope: 'sliding', minWindowFrames: 600 } }, samples).values;
    for (const sliding of [centre, first]) {
      sliding.forEach((x, i) => {
        expect(x).toBeCloseTo(whole[i] ?? Number.NaN, 4);
      });
    }
  });
});

describe('excerpt', () => {
  const samples = noise(16000);
  const of = (excerpt: object, from = samples) => extract({ samples: { excerpt } }, from);

  it('is the stretch alone', () => {
    const plain = extract({}, samples.subarray(1000, 6000));
    expect(of({ offsetSamples: 1000, lengthSamples: 5000 })).toEqual(plain);
    expect(of({ offsetSamples: 11000, lengthSamples: 9000 })).toEqual(extract({}, samples.subarray(11000)));
    expect(of({ offsetSamples: 0 })).toEqual(extract({}, samples));
  });

  it('is filled with zeros where that is asked for', () => {
    const padded = new Float32Array(9000);
    padded.set(samples.subarray(11000));
    expect(of({ offsetSamples: 11000, lengthSamples: 9000, pad: true })).toEqual(extract({}, padded));
  });

  it('needs a sample after the offset, padded or not', () => {
    expect(of({ offsetSamples: 15999, lengthSamples: 400, pad: true }).frames).toBe(1);
    for (const pad of [false, true]) {
      expect(refusal(() => of({ offsetSamples: 16000, lengthSamples: 400, pad }))).toBe(
        'too_short: Utterance 0 has 16000 samples; samples.excerpt.offsetSamples 16000 leaves none',
      );
    }
    expect(refusal(() => of({ offsetSamples: 0 }, new Float32Array(0)))).toBe(
      'too_short: Utterance 0 has 0 samples; samples.excerpt.offsetSamples 0 leaves none',
    );
  });
});

describe('gate', () => {
  const tone = (length: number, level: number): Float32Array =>
    Float32Array.from({ length }, (_, i) => (i % 2 ? level : -level));
  const joined = (...parts: Float32Array[]): Float32Array => Float32Array.from(parts.flatMap((x) => [...x]));

  it('drops what is quiet, with a window that looks both ways', () => {
    // The window of 5 at threshold 0.15 needs two samples of 0.5: those from two before the loud part to two behind.
    const samples = joined(tone(1000, 0), tone(4000, 0.5), tone(1000, 0));
    const gate = { windowSamples: 5, threshold: 0.15 };
    const kept = samples.subarray(1000 - 1, 5000 + 1);
    expect(extract({ samples: { gate } }, samples)).toEqual(extract({}, kept));
  });

  it('comes after the excerpt and before normalisation', () => {
    const loud = noise(6000);
    const samples = joined(tone(500, 0.9), tone(900, 0), loud, tone(900, 0));
    const gate = { windowSamples: 1, threshold: 0 };
    const excerpt = { offsetSamples: 500 };
    const left = loud.filter((x) => x !== 0);
    expect(extract({ samples: { gate, excerpt, normalise: 'peak' } }, samples)).toEqual(
      extract({ samples: { normalise: 'peak' } }, left),
    );
  });

  it('says so when it leaves nothing', () => {
    for (const samples of [new Float32Array(4000), tone(4000, 0.0005)]) {
      expect(
        refusal(() => extract({ samples: { gate: { windowSamples: 1600, threshold: 0.0006 } } }, samples)),
      ).toBe(
        'too_short: Utterance 0 has 4000 samples; no moving mean is above samples.gate.threshold 0.0006, which leaves none',
      );
    }
  });

  it('counts what is no number as 0', () => {
    const spoilt = joined(
      noise(4000),
      Float32Array.from({ length: 4000 }, () => Number.NaN),
    );
    const { values } = extract({ samples: { gate: { windowSamples: 99, threshold: 0.01 } } }, spoilt);
    expect(values.every(Number.isFinite)).toBe(true);
    expect(values.length / 3).toBeLessThanOrEqual(Math.floor((4050 - 400) / 160) + 1);
  });
});

describe('sequence', () => {
  const features = [{ kind: 'zero-crossing-rate' }, { kind: 'rms' }, { kind: 'log' }];

  it('goes feature after feature, each frame after frame', () => {
    const samples = noise(samplesFor(6));
    const rows = extract({ features }, samples);
    const one = extract({ features, sequence: { frames: 4 } }, samples);
    expect(one.frames).toBe(1);
    expect(one.names.slice(0, 9)).toEqual([
      ...[0, 1, 2, 3].map((t) => `zero_crossing_rate_t${t}`),
      ...[0, 1, 2, 3].map((t) => `rms_t${t}`),
      'mel_0_t0',
    ]);
    expect(one.names.slice(-3)).toEqual(['mel_0_t3', 'mel_1_t3', 'mel_2_t3']);
    const of = (name: string, t: number): number =>
      rows.values[t * rows.columns + rows.names.indexOf(name)] ?? Number.NaN;
    one.names.forEach((name, i) => {
      const [, column = '', t = ''] = /^(.*)_t(\d+)$/.exec(name) ?? [];
      expect(one.values[i]).toBe(of(column, Number(t)));
    });
  });

  it('takes deltas as features of their own', () => {
    const change = { features, deltas: { order: 1, convention: 'kaldi' }, sequence: { frames: 2 } };
    const { names, values } = extract(change, noise(8000));
    expect(names.length).toBe(values.length);
    expect(names.slice(10, 13)).toEqual([
      'delta_zero_crossing_rate_t0',
      'delta_zero_crossing_rate_t1',
      'delta_rms_t0',
    ]);
  });

  it('needs as many frames, which an excerpt can give', () => {
    const samples = noise(samplesFor(3));
    expect(refusal(() => extract({ sequence: { frames: 4 } }, samples))).toBe(
      'too_short: Utterance 0 has 3 frames (720 samples); sequence.frames 4 needs as many',
    );
    expect(extract({ sequence: { frames: 3 } }, samples).values.length).toBe(9);
    const excerpt = { offsetSamples: 0, lengthSamples: samplesFor(4), pad: true };
    expect(extract({ sequence: { frames: 4 }, samples: { excerpt } }, samples).values.length).toBe(12);
  });

  it('makes one row a recording', () => {
    expect(oneRowPerUtterance(parse({}))).toBe(false);
    expect(oneRowPerUtterance(parse({ statistics: ['mean'] }))).toBe(true);
    expect(oneRowPerUtterance(parse({ sequence: { frames: 1 } }))).toBe(true);
  });
});

describe('the range of a logarithm', () => {
  const samples = Float32Array.from(noise(8000), (x, i) => (i < 4000 ? x : x * 1e-4));

  it('is topDb decibels in every unit', () => {
    for (const spectrum of [{ kind: 'power' }, { kind: 'magnitude' }]) {
      const tenth = spectrum.kind === 'power' ? 10 : 20;
      for (const [kind, range] of [
        ['db', 30],
        ['log10', 30 / tenth],
        ['ln', (30 / tenth) * Math.LN10],
      ] as const) {
        const { values } = extract({ spectrum, log: { kind, floor: 1e-30, topDb: 30 } }, samples);
        expect(Math.max(...values) - Math.min(...values)).toBeCloseTo(range, 4);
      }
    }
  });

  it('ends with (log + add) · multiply, with and without topDb', () => {
    for (const topDb of [null, 30]) {
      const plain = extract({ log: { kind: 'log10', topDb } }, samples).values;
      const moved = extract({ log: { kind: 'log10', topDb, add: 4, multiply: 0.25 } }, samples).values;
      moved.forEach((x, i) => {
        expect(x).toBeCloseTo(((plain[i] ?? Number.NaN) + 4) / 4, 5);
      });
    }
  });

  it('of silence is the floor', () => {
    const { values } = extract(
      { log: { kind: 'log10', topDb: 80, add: 4, multiply: 0.25 } },
      new Float32Array(4000),
    );
    for (const x of values) expect(x).toBeCloseTo((-10 + 4) / 4, 5);
  });
});

describe('whisper-centre', () => {
  it('is centre without the last frame', () => {
    const frame = { ...base.frame, padding: 'reflect' };
    for (const length of [160, 161, 319, 320, 4000]) {
      const samples = noise(length);
      const centre = extract({ frame: { ...frame, placement: 'centre' } }, samples);
      const whisper = extract({ frame: { ...frame, placement: 'whisper-centre' } }, samples);
      expect(whisper.frames).toBe(Math.floor(length / 160));
      expect(whisper.values).toEqual(centre.values.subarray(0, 3 * whisper.frames));
    }
    expect(extract({ frame: { ...frame, placement: 'whisper-centre' } }, noise(159)).frames).toBe(0);
  });
});

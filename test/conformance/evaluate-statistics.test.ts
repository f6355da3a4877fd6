/** The figures of `undertone eval` against values worked out by hand and against closed forms. */
import { describe, expect, it } from 'vitest';
import { intervalsOf } from '../../packages/batch-runner/dist/evaluate/bootstrap.js';
import {
  brierScore,
  calibrationError,
  logLoss,
  reliability,
  uncalibrated,
} from '../../packages/batch-runner/dist/evaluate/calibration.js';
import { confusionOf, figuresOf } from '../../packages/batch-runner/dist/evaluate/confusion.js';
import {
  areaUnderRiskCoverage,
  riskCoverageCurve,
  thresholds,
} from '../../packages/batch-runner/dist/evaluate/risk-coverage.js';
import { unitFigures } from '../../packages/batch-runner/dist/evaluate/unit-figures.js';

describe('confusion matrix', () => {
  // Truths a a a a b b c c, labels a a a b b a c b; class d occurs nowhere.
  const truth = [0, 0, 0, 0, 1, 1, 2, 2];
  const label = [0, 0, 0, 1, 1, 0, 2, 1];
  const figures = figuresOf(confusionOf(truth, label, 4));

  it('counts truths in rows and labels in columns', () => {
    expect([...confusionOf(truth, label, 4).counts]).toEqual([
      3, 1, 0, 0, 1, 1, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0,
    ]);
  });

  it('gives accuracy, UAR and macro-F1 over the classes that have a truth', () => {
    expect(figures.accuracy).toBeCloseTo(5 / 8, 12);
    expect(figures.uar).toBeCloseTo((3 / 4 + 1 / 2 + 1 / 2) / 3, 12);
    expect(figures.macroF1).toBeCloseTo((6 / 8 + 2 / 5 + 2 / 3) / 3, 12);
  });

  it('gives recall, precision and F1 of a class, none where there is nothing to divide by', () => {
    expect(figures.perClass[0]).toEqual({ n: 4, recall: 0.75, precision: 0.75, f1: 0.75 });
    expect(figures.perClass[1]?.precision).toBeCloseTo(1 / 3, 12);
    expect(figures.perClass[3]).toEqual({ n: 0, recall: Number.NaN, precision: Number.NaN, f1: Number.NaN });
  });

  it('leaves a class without a truth out of UAR, as labels of it still count as wrong', () => {
    const { uar, accuracy } = figuresOf(confusionOf([0, 0, 1, 1], [0, 2, 1, 2], 3));
    expect([uar, accuracy]).toEqual([0.5, 0.5]);
  });
});

describe('calibration', () => {
  const items = [
    { confidence: 0.95, isRight: true },
    { confidence: 0.95, isRight: false },
    { confidence: 0.45, isRight: true },
    { confidence: 0.45, isRight: true },
  ];

  it('error is the mean distance of accuracy and confidence over the bins', () => {
    expect(calibrationError(items, 10)).toBeCloseTo(
      0.5 * Math.abs(0.5 - 0.95) + 0.5 * Math.abs(1 - 0.45),
      12,
    );
  });

  it('has 15 bins of equal width; 1 lies in the last', () => {
    const bins = reliability([
      { confidence: 1, isRight: true },
      { confidence: 1 / 15, isRight: false },
    ]);
    expect(bins).toHaveLength(15);
    expect(bins[14]).toEqual({ from: 14 / 15, to: 1, n: 1, confidence: 1, accuracy: 1 });
    expect(bins[1]).toMatchObject({ n: 1, accuracy: 0 });
    expect(bins[0]).toMatchObject({ n: 0, confidence: null, accuracy: null });
  });

  it.each([0.5, 1, 1.7])('takes temperature %d back exactly', (temperature) => {
    const softmax = (logits: number[]): number[] => {
      const mass = logits.map(Math.exp);
      return mass.map((one) => one / mass.reduce((a, b) => a + b));
    };
    const logits = [1.2, -0.4, 0.1, 2.5];
    const back = uncalibrated(softmax(logits.map((one) => one / temperature)), temperature);
    for (const [i, p] of softmax(logits).entries()) expect(back[i]).toBeCloseTo(p, 12);
  });

  it('scores a distribution', () => {
    expect(brierScore([0.7, 0.2, 0.1], 0)).toBeCloseTo(0.09 + 0.04 + 0.01, 12);
    expect(brierScore([0, 1], 0)).toBe(2);
    expect(logLoss([0.25, 0.75], 0)).toBeCloseTo(Math.log(4), 12);
    expect(logLoss([0, 1], 0)).toBeCloseTo(-Math.log(5e-7), 9);
  });
});

describe('risk and coverage', () => {
  const items = {
    truth: [0, 0, 1, 1],
    label: [0, 1, 1, 1],
    confidence: [0.9, 0.3, 0.8, 0.6],
  };

  it('keeps the most confident share', () => {
    const half = riskCoverageCurve(items, 2).find(({ coverage }) => coverage === 0.5);
    expect(half).toEqual({ coverage: 0.5, n: 2, leastConfidence: 0.8, accuracy: 1, uar: 1 });
    expect(riskCoverageCurve(items, 2)[0]).toEqual({
      coverage: 1,
      n: 4,
      leastConfidence: 0.3,
      accuracy: 0.75,
      uar: 0.75,
    });
  });

  it('area is the mean error over coverages', () => {
    expect(areaUnderRiskCoverage(items)).toBeCloseTo((0 + 0 + 0 + 1 / 4) / 4, 12);
  });

  it('says what abstaining would do', () => {
    const rows = thresholds(items, 2);
    expect(rows.find((row) => row.abstainBelow === 0.6)).toEqual({
      abstainBelow: 0.6,
      coverage: 0.75,
      n: 3,
      accuracy: 1,
      uar: 1,
    });
    expect(rows.at(-1)).toEqual({ abstainBelow: 0.95, coverage: 0, n: 0, accuracy: null, uar: null });
  });
});

describe('bootstrap', () => {
  const accuracyOf = (confusion: Parameters<typeof figuresOf>[0]): number[] => [
    figuresOf(confusion).accuracy,
  ];
  /** Speakers with so many right and wrong items of one truth. */
  const speakers = (counts: readonly (readonly [right: number, wrong: number])[]) => {
    const items = counts.flatMap(([right, wrong], i) => [
      ...Array.from({ length: right }, () => ({ label: 0, cluster: `s${i}` })),
      ...Array.from({ length: wrong }, () => ({ label: 1, cluster: `s${i}` })),
    ]);
    return {
      truth: items.map(() => 0),
      label: items.map(({ label }) => label),
      cluster: items.map(({ cluster }) => cluster),
    };
  };
  const interval = (items: ReturnType<typeof speakers>, seed = 1, draws = 4000) => {
    const [found] = intervalsOf(items, 2, accuracyOf, { draws, seed });
    if (!found) throw new Error('no interval');
    return found;
  };

  it('draws whole speakers: those who are alike leave no spread, however many items', () => {
    expect(interval(speakers(Array.from({ length: 8 }, () => [6, 4] as const)))).toEqual([0.6, 0.6]);
  });

  it('agrees with the binomial where each speaker is all right or all wrong', () => {
    // 40 speakers, half of them right: the share of right ones is binomial(40, ½)/40, whose 2.5 % point is 14/40.
    const items = speakers(
      Array.from({ length: 40 }, (_, i) => (i % 2 ? [5, 0] : [0, 5]) as [number, number]),
    );
    expect(interval(items)).toEqual([14 / 40, 26 / 40]);
  });

  it('draws the items again too where there are few speakers', () => {
    // One speaker: the items are binomial(400, ½), standard deviation 0.025.
    const [low, high] = interval(speakers([[200, 200]]));
    expect(low).toBeGreaterThan(0.5 - 1.96 * 0.025 - 0.006);
    expect(low).toBeLessThan(0.5 - 1.96 * 0.025 + 0.006);
    expect(high).toBeGreaterThan(0.5 + 1.96 * 0.025 - 0.006);
    expect(high).toBeLessThan(0.5 + 1.96 * 0.025 + 0.006);
  });

  it('gives the same for the same seed, whatever the order of the items, and another for another', () => {
    const items = speakers([
      [3, 1],
      [2, 5],
      [4, 4],
      [1, 0],
      [0, 3],
      [6, 2],
      [2, 2],
    ]);
    const reversed = {
      truth: [...items.truth].reverse(),
      label: [...items.label].reverse(),
      cluster: [...items.cluster].reverse(),
    };
    expect(interval(reversed, 7, 200)).toEqual(interval(items, 7, 200));
    expect(interval(items, 8, 200)).not.toEqual(interval(items, 7, 200));
  });

  it('has none where no draw has a value', () => {
    const none = intervalsOf(speakers([[1, 0]]), 2, () => [Number.NaN], { draws: 100, seed: 1 });
    expect(none).toEqual([null]);
  });
});

describe('figures of a unit', () => {
  const item = (truth: number, p: number[], speaker: string, gender: string | null) => ({
    truth,
    cluster: speaker,
    groups: { corpus: 'x', gender, intensity: null, emotion: 'y', fold: null, speaker },
    calibrated: Float64Array.from(p),
    uncalibrated: Float64Array.from(p),
  });
  const items = [
    item(0, [0.9, 0.1], 'a', 'female'),
    item(1, [0.6, 0.4], 'a', 'female'),
    item(0, [0.8, 0.2], 'b', null),
    item(1, [0.3, 0.7], 'b', null),
  ];
  const figures = unitFigures(items, ['no', 'yes'], { draws: 200, seed: 3 });

  it('holds n, confusion and shares with their intervals', () => {
    expect(figures).toMatchObject({ n: 4, accuracy: { value: 0.75 }, uar: { value: 0.75 } });
    expect(figures.confusion).toEqual([
      [2, 0],
      [1, 1],
    ]);
    expect(figures.accuracy.ci95?.[0]).toBeLessThanOrEqual(0.75);
    expect(figures.perClass.map(({ n, recall }) => [n, recall.value])).toEqual([
      [2, 1],
      [2, 0.5],
    ]);
  });

  it('groups by what is known, and leaves out what nothing tells', () => {
    expect(Object.keys(figures.groups)).toEqual(['corpus', 'gender', 'emotion', 'speaker']);
    expect(figures.groups.gender).toMatchObject([
      { group: 'female', n: 2, speakers: 1, accuracy: { value: 0.5 } },
    ]);
    expect(figures.groups.speaker?.map(({ group, n }) => [group, n])).toEqual([
      ['a', 2],
      ['b', 2],
    ]);
  });
});

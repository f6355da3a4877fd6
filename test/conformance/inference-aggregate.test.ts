/** Windows → recording → label. */
import { type Aggregate, type LabelRules, predict, WindowAggregator } from '@undertone/inference';
import { describe, expect, it } from 'vitest';
import { expectError, random } from './inference-models.ts';

function aggregate(rows: readonly number[][], seconds: readonly number[]): Aggregate | null {
  const aggregator = new WindowAggregator(3);
  rows.forEach((row, i) => {
    aggregator.add(row, seconds[i] ?? Number.NaN);
  });
  return aggregator.result();
}
const rules = (abstainBelow = 0): LabelRules => ({
  classes: ['neutral', 'happy', 'sad'],
  polarity: { neutral: { neutral: 1 }, happy: { positive: 1 }, sad: { negative: 0.5, neutral: 0.5 } },
  abstainBelow,
});

describe('WindowAggregator', () => {
  it('weighs by seconds', () => {
    const mean = aggregate(
      [
        [1, 0, 0],
        [0, 0.5, 0.5],
      ],
      [1, 3],
    );
    expect(mean?.seconds).toBe(4);
    expect([...(mean?.probabilities ?? [])]).toEqual([0.25, 0.375, 0.375]);
    // The tie of the second window goes to the earlier class.
    expect([...(mean?.shares ?? [])]).toEqual([0.25, 0.75, 0]);
  });

  it('has no answer without a window', () => {
    expect(aggregate([], [])).toBeNull();
  });

  it('refuses weights that are none, and rows of another size', async () => {
    for (const weight of [0, -1, Number.NaN, Number.POSITIVE_INFINITY]) {
      await expectError(
        () => aggregate([[1, 0, 0]], [weight]),
        'internal',
        `Expected a weight above 0 s but received ${weight}`,
      );
    }
    await expectError(() => aggregate([[1, 0]], [1]), 'internal', 'Expected 3 probabilities but received 2');
  });

  it('gives the same bits in any order and in any pieces', () => {
    const next = random(12);
    const rows = Array.from({ length: 301 }, () => {
      const raw = [next() + 1, next() + 1, next() + 1.001];
      const sum = raw.reduce((a, b) => a + b, 0);
      return Array.from(Float32Array.from(raw, (p) => p / sum));
    });
    const seconds = rows.map(() => (next() + 1.1) * 3);
    const whole = aggregate(rows, seconds);
    expect(aggregate([...rows].reverse(), [...seconds].reverse())).toEqual(whole);
    for (const size of [1, 7, 150, 300]) {
      const joined = new WindowAggregator(3);
      for (let first = 0; first < rows.length; first += size) {
        const piece = new WindowAggregator(3);
        for (let i = first; i < Math.min(first + size, rows.length); i++)
          piece.add(rows[i] ?? [], seconds[i] ?? 0);
        joined.addSums(JSON.parse(JSON.stringify(piece.sums())));
      }
      expect(joined.result()).toEqual(whole);
    }
  });

  it('refuses sums over other classes', async () => {
    const sums = new WindowAggregator(2).sums();
    await expectError(
      () => new WindowAggregator(3).addSums(sums),
      'internal',
      'Expected sums over 3 classes but received 2',
    );
  });

  it('sums to 1 and repeats bit by bit for any windows', () => {
    const next = random(11);
    for (let trial = 0; trial < 50; trial++) {
      const rows = Array.from({ length: 1 + trial * 7 }, () => {
        const raw = [next() + 1, next() + 1, next() + 1.001];
        const sum = raw.reduce((a, b) => a + b, 0);
        return raw.map((p) => p / sum);
      });
      const weights = rows.map(() => next() + 1.5);
      const mean = aggregate(rows, weights);
      if (mean === null) throw new Error('no window');
      const total = (values: Float32Array): number => values.reduce((a, b) => a + b, 0);
      expect(total(mean.probabilities)).toBeCloseTo(1, 5);
      expect(total(mean.shares)).toBeCloseTo(1, 5);
      expect(aggregate(rows, weights)).toEqual(mean);
    }
  });
});

describe('predict', () => {
  it('gives label, confidence, margin, entropy and polarity', () => {
    const prediction = predict([0.2, 0.5, 0.3], rules());
    expect(prediction.label).toBe('happy');
    expect(prediction.topLabel).toBe('happy');
    expect(prediction.confidence).toBe(0.5);
    expect(prediction.margin).toBeCloseTo(0.2, 12);
    const entropy = -(0.2 * Math.log(0.2) + 0.5 * Math.log(0.5) + 0.3 * Math.log(0.3)) / Math.log(3);
    expect(prediction.entropy).toBeCloseTo(entropy, 12);
    expect(prediction.polarity).toBe('positive');
    expect(prediction.probabilities).toEqual(Float32Array.of(0.2, 0.5, 0.3));
  });

  it('gives ties to the earlier class', () => {
    const tie = predict([0.2, 0.4, 0.4], rules());
    expect([tie.topLabel, tie.margin]).toEqual(['happy', 0]);
    // Polarity: positive 0.4, neutral 0.4, negative 0.2.
    expect(tie.polarity).toBe('positive');
  });

  it('gives no polarity where the card declares none', () => {
    expect(predict([0.2, 0.5, 0.3], { ...rules(), polarity: null }).polarity).toBeNull();
  });

  it('abstains below the threshold, not at it', () => {
    const below = predict([0.25, 0.5, 0.25], rules(0.51));
    expect([below.label, below.topLabel, below.confidence]).toEqual(['abstain', 'happy', 0.5]);
    expect(predict([0.25, 0.5, 0.25], rules(0.5)).label).toBe('happy');
  });

  it('keeps entropy within 0 and 1', () => {
    expect(predict([0, 1, 0], rules()).entropy).toBe(0);
    expect(predict(Float32Array.of(1 / 3, 1 / 3, 1 / 3), rules()).entropy).toBe(1);
  });

  it('refuses another number of classes', async () => {
    await expectError(() => predict([1], rules()), 'internal', 'Expected 3 probabilities but received 1');
  });
});

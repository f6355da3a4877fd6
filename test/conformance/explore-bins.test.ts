/** Borders of histograms: round, and nothing falls between them. */
import { describe, expect, it } from 'vitest';
import { durationBins, levelBins, roundStep } from '../../packages/batch-runner/src/explore/bins.ts';
import { seeded } from '../fixtures/random.ts';

describe('histograms', () => {
  it('have steps of 1, 2 or 5 times a power of ten', () => {
    expect([0.03, 0.1, 0.11, 3, 6, 100].map(roundStep)).toEqual([0.05, 0.1, 0.2, 5, 10, 100]);
  });

  it('take in every recording once, whatever the lengths', () => {
    const random = seeded(5);
    for (let round = 0; round < 100; ++round) {
      const seconds = Float64Array.from(
        { length: 1 + random.below(400) },
        () => 0.01 + random.next() ** 8 * 9000,
      );
      const bins = durationBins(seconds);
      expect(bins.reduce((sum, { recordings }) => sum + recordings, 0)).toBe(seconds.length);
      expect(bins.length).toBeLessThan(35);
      for (const { from, to } of bins) if (from !== null && to !== null) expect(to).toBeGreaterThan(from);
    }
  });

  it('have a last bar for what is far longer than the rest', () => {
    const bins = durationBins(Float64Array.from({ length: 200 }, (_, i) => (i === 0 ? 7200 : 3)));
    expect(bins.at(-1)).toEqual({ from: expect.any(Number), to: null, recordings: 1 });
  });

  it('have a first bar for silence, and steps of 2 dB', () => {
    expect(levelBins(Float64Array.of(Number.NEGATIVE_INFINITY, -78.5, -74, NaN))).toEqual([
      { from: null, to: -80, recordings: 1 },
      { from: -80, to: -78, recordings: 1 },
      { from: -78, to: -76, recordings: 0 },
      { from: -76, to: -74, recordings: 0 },
      { from: -74, to: -72, recordings: 1 },
    ]);
  });

  it('are empty where nothing was measured', () => {
    expect(durationBins(Float64Array.of(NaN))).toEqual([]);
    expect(levelBins(new Float64Array(0))).toEqual([]);
  });
});

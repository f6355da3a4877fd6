/**
 * What is gained by leaving the least confident items without a label: selective classification (El-Yaniv & Wiener 2010;
 * area under the curve: Geifman et al. 2019).
 */
import { confusionOf, figuresOf } from './confusion.js';

/** Parallel arrays. */
export interface ConfidentItems {
  readonly truth: readonly number[];
  readonly label: readonly number[];
  readonly confidence: readonly number[];
}

export interface Coverage {
  /** Share of the items that is labelled. */
  readonly coverage: number;
  readonly n: number;
  /** Of the items labelled, the least. */
  readonly leastConfidence: number;
  readonly accuracy: number;
  readonly uar: number;
}

/** The shares that are printed. */
export const COVERAGES = [1, 0.9, 0.8, 0.7, 0.5] as const;
const CURVE = Array.from({ length: 100 }, (_, i) => (100 - i) / 100);
export const THRESHOLDS = Array.from({ length: 19 }, (_, i) => (i + 1) / 20);

/** From everything down to the most confident hundredth. Of equal confidences the items that came first are kept. */
export function riskCoverageCurve(items: ConfidentItems, classes: number): Coverage[] {
  const order = byConfidence(items);
  return CURVE.map((share) =>
    coverage(items, order.slice(0, Math.max(1, Math.round(share * order.length))), classes, share),
  );
}

/** The mean error over all coverages, from the most confident item alone to all items: 0 is perfect. NaN of nothing. */
export function areaUnderRiskCoverage(items: ConfidentItems): number {
  let [wrong, area] = [0, 0];
  byConfidence(items).forEach((item, i) => {
    if (items.truth[item] !== items.label[item]) ++wrong;
    area += wrong / (i + 1);
  });
  return area / items.truth.length;
}

export interface Threshold {
  readonly abstainBelow: number;
  readonly coverage: number;
  readonly n: number;
  /** Of those labelled; null when none is, as the UAR. */
  readonly accuracy: number | null;
  readonly uar: number | null;
}

/** What `abstainBelow` would do: items of less confidence get no label. */
export function thresholds(items: ConfidentItems, classes: number): Threshold[] {
  const order = byConfidence(items);
  return THRESHOLDS.map((abstainBelow) => {
    const kept = order.filter((item) => (items.confidence[item] as number) >= abstainBelow);
    const share = kept.length / order.length;
    if (kept.length === 0) return { abstainBelow, coverage: 0, n: 0, accuracy: null, uar: null };
    const { n, accuracy, uar } = coverage(items, kept, classes, share);
    return { abstainBelow, coverage: share, n, accuracy, uar };
  });
}

function byConfidence({ confidence }: ConfidentItems): number[] {
  return confidence
    .map((_, i) => i)
    .sort((a, b) => (confidence[b] as number) - (confidence[a] as number) || a - b);
}

function coverage(
  { truth, label, confidence }: ConfidentItems,
  kept: readonly number[],
  classes: number,
  share: number,
): Coverage {
  const pick = (values: readonly number[]): number[] => kept.map((i) => values[i] as number);
  const { n, accuracy, uar } = figuresOf(confusionOf(pick(truth), pick(label), classes));
  return {
    coverage: share,
    n,
    leastConfidence: confidence[kept[kept.length - 1] as number] as number,
    accuracy,
    uar,
  };
}

/** How far confidences can be believed. */

/** As in Guo et al. 2017, "On calibration of modern neural networks". */
export const CALIBRATION_BINS = 15;

/** What a distribution over the classes says: its top class and that class's probability. */
export interface Judgement {
  readonly confidence: number;
  readonly isRight: boolean;
}

export interface ReliabilityBin {
  readonly from: number;
  readonly to: number;
  readonly n: number;
  /** Mean confidence of the items; null without any, as the accuracy. */
  readonly confidence: number | null;
  readonly accuracy: number | null;
}

/** The reliability diagram: items by confidence, in bins of equal width; a bin holds its lower edge, the last one both. */
export function reliability(items: readonly Judgement[], bins = CALIBRATION_BINS): ReliabilityBin[] {
  const [n, confidence, right] = [new Float64Array(bins), new Float64Array(bins), new Float64Array(bins)];
  for (const item of items) {
    const bin = Math.min(bins - 1, Math.floor(item.confidence * bins));
    n[bin] = (n[bin] as number) + 1;
    confidence[bin] = (confidence[bin] as number) + item.confidence;
    right[bin] = (right[bin] as number) + (item.isRight ? 1 : 0);
  }
  return Array.from(n, (count, i) => ({
    from: i / bins,
    to: (i + 1) / bins,
    n: count,
    confidence: count > 0 ? (confidence[i] as number) / count : null,
    accuracy: count > 0 ? (right[i] as number) / count : null,
  }));
}

/** Expected calibration error: Σ share of the bin · |accuracy − mean confidence| (Guo et al. 2017, eq. 3). NaN of nothing. */
export function calibrationError(items: readonly Judgement[], bins = CALIBRATION_BINS): number {
  return (
    reliability(items, bins).reduce(
      (sum, { n, confidence, accuracy }) => sum + n * Math.abs((accuracy ?? 0) - (confidence ?? 0)),
      0,
    ) / items.length
  );
}

/** Half of the last decimal of a probability in the tables: what was rounded to 0 may have been as much. */
const SMALLEST_PROBABILITY = 5e-7;

/** −ln p(truth), in nats. */
export const logLoss = (probabilities: ArrayLike<number>, truth: number): number =>
  -Math.log(Math.max(SMALLEST_PROBABILITY, probabilities[truth] as number));

/** Σ (p − [class is the truth])² over the classes, from 0 to 2 (Brier 1950). */
export function brierScore(probabilities: ArrayLike<number>, truth: number): number {
  let sum = 0;
  for (let i = 0; i < probabilities.length; ++i)
    sum += ((probabilities[i] as number) - (i === truth ? 1 : 0)) ** 2;
  return sum;
}

/**
 * Takes a temperature back: what the model gave before it. Probabilities are softmax(logits/T), so that
 * probability^T, brought to a sum of 1, is softmax(logits).
 */
export function uncalibrated(probabilities: ArrayLike<number>, temperature: number): Float64Array {
  const powers = Float64Array.from(probabilities, (p) => p ** temperature);
  const sum = powers.reduce((total, each) => total + each, 0);
  return powers.map((each) => each / sum);
}

/**
 * Windows → recording → label. Sums run in window order, so the same windows give the same bits.
 */
import { type Prediction, polarityOf, UndertoneError } from '@undertone/shared';
import type { Card } from './card.js';

/** What turning probabilities into a label needs of a card. */
export type LabelRules = Pick<Card, 'classes' | 'polarity' | 'calibration'>;

export const ABSTAIN = 'abstain';

/** All windows of a recording, or of one of its channels. */
export interface Aggregate {
  /** Mean of the windows' probabilities, each weighted by its seconds; sums to 1. */
  readonly probabilities: Float32Array;
  /** Share of the seconds by each window's top class, abstained or not; sums to 1. */
  readonly shares: Float32Array;
  /** Sum of the weights. */
  readonly seconds: number;
}

/** Index of the largest value; ties go to the earlier class. */
export function topIndex(probabilities: ArrayLike<number>): number {
  let top = 0;
  for (let i = 1; i < probabilities.length; i++) {
    if ((probabilities[i] as number) > (probabilities[top] as number)) top = i;
  }
  return top;
}

/**
 * The windows of a recording, or of one of its channels, taken one by one in window order: constant memory, whatever the
 * recording's length. Sums are kept in double.
 */
export class WindowAggregator {
  readonly #mass: Float64Array;
  readonly #topSeconds: Float64Array;
  #seconds = 0;

  /** @param classes length of every distribution */
  constructor(readonly classes: number) {
    this.#mass = new Float64Array(classes);
    this.#topSeconds = new Float64Array(classes);
  }

  /**
   * @param seconds the window's weight, above 0: a window that is not to count is not to be added
   * @throws UndertoneError internal for a wrong number of probabilities, or another weight
   */
  add(probabilities: ArrayLike<number>, seconds: number): void {
    if (probabilities.length !== this.classes) {
      throw misuse(`Expected ${this.classes} probabilities but received ${probabilities.length}`);
    }
    if (!(seconds > 0 && seconds < Number.POSITIVE_INFINITY)) {
      throw misuse(`Expected a weight above 0 s but received ${seconds}`);
    }
    for (let c = 0; c < this.classes; c++) {
      this.#mass[c] = (this.#mass[c] as number) + seconds * (probabilities[c] as number);
    }
    const top = topIndex(probabilities);
    this.#topSeconds[top] = (this.#topSeconds[top] as number) + seconds;
    this.#seconds += seconds;
  }

  /** @returns null when no window was added: there is nothing to label */
  result(): Aggregate | null {
    if (this.#seconds === 0) return null;
    return {
      probabilities: Float32Array.from(this.#mass, (value) => value / this.#seconds),
      shares: Float32Array.from(this.#topSeconds, (value) => value / this.#seconds),
      seconds: this.#seconds,
    };
  }
}

/** Labels one distribution. @param probabilities a row of Scores, or an Aggregate's; copied */
export function predict(probabilities: ArrayLike<number>, rules: LabelRules): Prediction {
  const { classes, polarity, calibration } = rules;
  if (probabilities.length !== classes.length) {
    throw misuse(`Expected ${classes.length} probabilities but received ${probabilities.length}`);
  }
  const top = topIndex(probabilities);
  const confidence = probabilities[top] as number;
  const topLabel = classes[top] as string;
  return {
    label: confidence < calibration.abstainBelow ? ABSTAIN : topLabel,
    topLabel,
    probabilities: Float32Array.from(probabilities),
    confidence,
    margin: confidence - runnerUp(probabilities, top),
    entropy: normalisedEntropy(probabilities),
    polarity: polarityOf(probabilities, classes, polarity),
  };
}

function runnerUp(probabilities: ArrayLike<number>, top: number): number {
  let second = 0;
  for (let i = 0; i < probabilities.length; i++) {
    if (i !== top) second = Math.max(second, probabilities[i] as number);
  }
  return second;
}

/** Shannon entropy over ln(classes): 0 for one sure class, 1 for all alike; rounding is kept inside. */
function normalisedEntropy(probabilities: ArrayLike<number>): number {
  let entropy = 0;
  for (let i = 0; i < probabilities.length; i++) {
    const p = probabilities[i] as number;
    if (p > 0) entropy -= p * Math.log(p);
  }
  return Math.min(1, Math.max(0, entropy / Math.log(probabilities.length)));
}

function misuse(message: string): UndertoneError {
  return new UndertoneError('internal', 'aggregate', message);
}

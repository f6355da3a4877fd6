/** Windows → recording → label. Sums are exact, so the same windows give the same bits. */
import { type Prediction, polarityOf, UndertoneError } from '@undertone/shared';
import type { Card } from './card.js';

/** What turns probabilities into a label. */
export interface LabelRules extends Pick<Card, 'classes' | 'polarity'> {
  /** A top class less probable than this is no label but `abstain`. */
  readonly abstainBelow: number;
}

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

/** Sums over windows, as data: decimal integers. Those of two stretches added up are those of both together. */
export interface WindowSums {
  /** Weight · probability of each class, in units of 2⁻²⁰ s · 2⁻⁴⁰. */
  readonly mass: readonly string[];
  /** Weight of the windows with each top class, in units of 2⁻²⁰ s. */
  readonly top: readonly string[];
}

const TICKS_PER_SECOND = 2 ** 20;
/** Finer than float32 anywhere near 1. */
const PROBABILITY_UNITS = 2 ** 40;

/**
 * The windows of a recording, or of one of its channels, taken one by one: constant memory, whatever the recording's
 * length. Sums are kept in integers, hence exactly: no order of windows, and no cut between them, changes a bit.
 */
export class WindowAggregator {
  readonly #mass: bigint[];
  readonly #topTicks: bigint[];

  /** @param classes length of every distribution */
  constructor(readonly classes: number) {
    this.#mass = new Array<bigint>(classes).fill(0n);
    this.#topTicks = new Array<bigint>(classes).fill(0n);
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
    const ticks = BigInt(Math.max(1, Math.round(seconds * TICKS_PER_SECOND)));
    for (let c = 0; c < this.classes; c++) {
      const units = BigInt(Math.round((probabilities[c] as number) * PROBABILITY_UNITS));
      this.#mass[c] = (this.#mass[c] as bigint) + ticks * units;
    }
    const top = topIndex(probabilities);
    this.#topTicks[top] = (this.#topTicks[top] as bigint) + ticks;
  }

  /** Adds the windows that another one was given. @throws UndertoneError internal for sums over other classes */
  addSums({ mass, top }: WindowSums): void {
    if (mass.length !== this.classes || top.length !== this.classes) {
      throw misuse(`Expected sums over ${this.classes} classes but received ${mass.length}`);
    }
    for (let c = 0; c < this.classes; c++) {
      this.#mass[c] = (this.#mass[c] as bigint) + BigInt(mass[c] as string);
      this.#topTicks[c] = (this.#topTicks[c] as bigint) + BigInt(top[c] as string);
    }
  }

  sums(): WindowSums {
    return { mass: this.#mass.map(String), top: this.#topTicks.map(String) };
  }

  /** @returns null when no window was added: there is nothing to label */
  result(): Aggregate | null {
    const ticks = Number(this.#topTicks.reduce((sum, each) => sum + each, 0n));
    if (ticks === 0) return null;
    return {
      probabilities: Float32Array.from(this.#mass, (value) => Number(value) / PROBABILITY_UNITS / ticks),
      shares: Float32Array.from(this.#topTicks, (value) => Number(value) / ticks),
      seconds: ticks / TICKS_PER_SECOND,
    };
  }
}

/** Labels one distribution. @param probabilities a row of Scores, or an Aggregate's; copied */
export function predict(probabilities: ArrayLike<number>, rules: LabelRules): Prediction {
  const { classes, polarity, abstainBelow } = rules;
  if (probabilities.length !== classes.length) {
    throw misuse(`Expected ${classes.length} probabilities but received ${probabilities.length}`);
  }
  const top = topIndex(probabilities);
  const confidence = probabilities[top] as number;
  const topLabel = classes[top] as string;
  return {
    label: confidence < abstainBelow ? ABSTAIN : topLabel,
    topLabel,
    probabilities: Float32Array.from(probabilities),
    confidence,
    margin: confidence - runnerUp(probabilities, top),
    entropy: normalisedEntropy(probabilities),
    polarity: polarity && polarityOf(probabilities, classes, polarity),
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

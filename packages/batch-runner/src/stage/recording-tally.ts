/** One channel of a recording while its windows come in: what its row in the files table needs, in constant memory. */
import { type LabelRules, predict, WindowAggregator, type WindowSums } from '@undertone/inference';
import type { Prediction } from '@undertone/shared';
import type { RecordFailure } from './failure.js';

export class RecordingTally {
  readonly #windows: WindowAggregator;
  /** Rows written to the segments table. */
  segments = 0;
  /** Windows of a later channel that have no row, since the first channel holds the same sound. */
  copies = 0;
  /** The first thing that went wrong. */
  failure: RecordFailure | null = null;

  constructor(readonly rules: LabelRules) {
    this.#windows = new WindowAggregator(rules.classes.length);
  }

  /** Weighs the window by the seconds of audio in it: a short last window counts for what it holds. */
  add(prediction: Prediction, seconds: number): void {
    this.#windows.add(prediction.probabilities, seconds);
  }

  fail(failure: RecordFailure): void {
    this.failure ??= failure;
  }

  /** What `result` is made of, to be added to that of other pieces. */
  sums(): WindowSums {
    return this.#windows.sums();
  }

  /** The recording's own prediction and the shares of its scored time by top class; null when no window was scored. */
  result(): { prediction: Prediction; shares: Float32Array } | null {
    const all = this.#windows.result();
    return all && { prediction: predict(all.probabilities, this.rules), shares: all.shares };
  }
}

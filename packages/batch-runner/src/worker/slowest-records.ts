/** Keeps the few recordings that took longest, in memory that does not grow with their number. */
import type { RecordTiming } from '@undertone/shared';

const KEPT = 5;

export class SlowestRecords {
  #kept: RecordTiming[] = [];

  add(timing: RecordTiming): void {
    const shortest = this.#kept.at(-1);
    if (this.#kept.length === KEPT && shortest && timing.wallSeconds <= shortest.wallSeconds) return;
    this.#kept = [...this.#kept, timing].sort((a, b) => b.wallSeconds - a.wallSeconds).slice(0, KEPT);
  }

  get longestFirst(): readonly RecordTiming[] {
    return this.#kept;
  }
}

/** Keeps the few recordings that took longest, in memory that does not grow with their number. */
import type { RecordTiming } from '@undertone/shared';

/** What a commit holds of its shard. */
export const SLOWEST_OF_SHARD = 5;

export class SlowestRecords {
  #kept: RecordTiming[] = [];

  constructor(readonly most: number) {}

  add(timing: RecordTiming): void {
    const shortest = this.#kept.at(-1);
    if (this.#kept.length === this.most && shortest && timing.wallSeconds <= shortest.wallSeconds) return;
    this.#kept = [...this.#kept, timing].sort((a, b) => b.wallSeconds - a.wallSeconds).slice(0, this.most);
  }

  get longestFirst(): readonly RecordTiming[] {
    return this.#kept;
  }
}

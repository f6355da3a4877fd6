/**
 * Wall time by stage inside one worker; goes to COMMIT.json and run.json, never into a table.
 * A stage inside another counts for itself alone, so that the stages of a worker add up to the time it was at work.
 */
import { performance } from 'node:perf_hooks';

export type Stage = 'decode' | 'features' | 'speech' | 'model' | 'rows';

export class StageClock {
  readonly seconds: Record<string, number> = {};
  #stage: Stage | null = null;
  #since = 0;

  time<T>(stage: Stage, work: () => T): T {
    const outer = this.#enter(stage);
    try {
      return work();
    } finally {
      this.#enter(outer);
    }
  }

  async timeAsync<T>(stage: Stage, work: () => Promise<T>): Promise<T> {
    const outer = this.#enter(stage);
    try {
      return await work();
    } finally {
      this.#enter(outer);
    }
  }

  /** @returns the stage that was on until now */
  #enter(stage: Stage | null): Stage | null {
    const now = performance.now();
    const outer = this.#stage;
    if (outer) this.seconds[outer] = (this.seconds[outer] ?? 0) + (now - this.#since) / 1000;
    this.#stage = stage;
    this.#since = now;
    return outer;
  }
}

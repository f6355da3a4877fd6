/** Wall time by stage inside one worker; goes to COMMIT.json and run.json, never into a table. */
import { performance } from 'node:perf_hooks';

export type Stage = 'decode' | 'features' | 'speech' | 'model' | 'write';

export class StageClock {
  readonly seconds: Record<string, number> = {};

  time<T>(stage: Stage, work: () => T): T {
    const begin = performance.now();
    try {
      return work();
    } finally {
      this.#add(stage, begin);
    }
  }

  async timeAsync<T>(stage: Stage, work: () => Promise<T>): Promise<T> {
    const begin = performance.now();
    try {
      return await work();
    } finally {
      this.#add(stage, begin);
    }
  }

  /** Times what the iterator does between handing out items. */
  *iterate<T>(stage: Stage, items: Iterable<T>): Generator<T> {
    const iterator = items[Symbol.iterator]();
    for (;;) {
      const next = this.time(stage, () => iterator.next());
      if (next.done) return;
      yield next.value;
    }
  }

  #add(stage: Stage, begin: number): void {
    this.seconds[stage] = (this.seconds[stage] ?? 0) + (performance.now() - begin) / 1000;
  }
}

/** The Piscina pool: one worker thread a core, each holding one model session; shards are its tasks. */
import { fileURLToPath } from 'node:url';
import { type ErrorData, fromErrorData } from '@undertone/shared';
import { Piscina } from 'piscina';
import type { Counters } from '../worker/counters.js';
import type { Job, WorkerData } from '../worker/job.js';
import type { TaskResult, WorkerTask } from '../worker/main.js';

export class WorkerPool {
  readonly #piscina: Piscina<WorkerTask, TaskResult<unknown>>;
  readonly #workers: number;
  #draining = false;

  constructor(
    job: Job,
    workers: number,
    readonly counters: Counters,
    flight: number,
  ) {
    this.#workers = workers;
    this.#piscina = new Piscina({
      filename: fileURLToPath(new URL('../worker/main.js', import.meta.url)),
      minThreads: 1,
      maxThreads: workers,
      // Threads hold a model session each: keep them until the end.
      idleTimeout: Number.POSITIVE_INFINITY,
      concurrentTasksPerWorker: 1,
      // A worker's event loop must turn between tasks for Piscina's messages; see Piscina's notes on atomics.
      atomics: 'disabled',
      workerData: { job, counters: this.counters.buffer, flight } satisfies WorkerData,
      recordTiming: false,
    });
  }

  async #run<R>(task: WorkerTask): Promise<R> {
    const result = (await this.#piscina.run(task)) as TaskResult<R>;
    if ('error' in result) throw fromErrorData(result.error satisfies ErrorData);
    return result.value;
  }

  /**
   * Runs every task, never more of them in the queue than there are workers, so that no task list of a million sits in messages.
   * After the first failure no further task starts; the failure is thrown when the running ones have ended.
   */
  async runAll<T extends WorkerTask, R>(
    tasks: Iterable<T>,
    done: (result: R, task: T) => void,
  ): Promise<void> {
    const source = tasks[Symbol.iterator]();
    let failure: unknown;
    const lane = async (): Promise<void> => {
      while (failure === undefined && !this.#draining && !this.counters.stopRequested) {
        const next = source.next();
        if (next.done) return;
        try {
          done(await this.#run<R>(next.value), next.value);
        } catch (thrown) {
          failure ??= thrown;
        }
      }
    };
    await Promise.all(Array.from({ length: this.#workers }, lane));
    if (failure !== undefined) throw failure;
  }

  /** No further task starts; what is at work ends as usual. */
  drain(): void {
    this.#draining = true;
  }

  async close(): Promise<void> {
    await this.#piscina.destroy();
  }
}

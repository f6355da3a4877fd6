/** Worker threads that take tasks one at a time. Errors come back as data. */
import { fileURLToPath } from 'node:url';
import { fromErrorData } from '@undertone/shared';
import { Piscina } from 'piscina';
import type { TaskResult } from '../worker/task-result.js';

export class TaskPool<Task> {
  readonly #piscina: Piscina<Task, TaskResult<unknown>>;
  #draining = false;

  /**
   * @param entry of the worker: a file beside this folder, e.g. `worker/main.js`
   * @param workerData what a worker starts with
   * @param isStopped asked before each task
   */
  constructor(
    entry: string,
    readonly workers: number,
    workerData: unknown,
    readonly isStopped: () => boolean,
  ) {
    this.#piscina = new Piscina({
      filename: fileURLToPath(new URL(`../${entry}`, import.meta.url)),
      minThreads: 1,
      maxThreads: workers,
      // Threads hold what is dear to make, such as a model session: keep them until the end.
      idleTimeout: Number.POSITIVE_INFINITY,
      concurrentTasksPerWorker: 1,
      // A worker's event loop must turn between tasks for Piscina's messages; see Piscina's notes on atomics.
      atomics: 'disabled',
      workerData,
      recordTiming: false,
    });
  }

  async #run<R>(task: Task): Promise<R> {
    const result = (await this.#piscina.run(task)) as TaskResult<R>;
    if ('error' in result) throw fromErrorData(result.error);
    return result.value;
  }

  /**
   * Runs every task, never more of them in the queue than there are workers, so that no task list of a million sits in messages.
   * After the first failure no further task starts; the failure is thrown when the running ones have ended.
   */
  async runAll<T extends Task, R>(tasks: Iterable<T>, done: (result: R, task: T) => void): Promise<void> {
    const source = tasks[Symbol.iterator]();
    let failure: unknown;
    const lane = async (): Promise<void> => {
      while (failure === undefined && !this.#draining && !this.isStopped()) {
        const next = source.next();
        if (next.done) return;
        try {
          done(await this.#run<R>(next.value), next.value);
        } catch (thrown) {
          failure ??= thrown;
        }
      }
    };
    await Promise.all(Array.from({ length: this.workers }, lane));
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

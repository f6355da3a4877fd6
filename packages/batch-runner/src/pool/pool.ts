/** The pool of a run: one worker thread a core, each holding one model session; shards are its tasks. */
import type { Counters } from '../worker/counters.js';
import type { Job, WorkerData } from '../worker/job.js';
import type { WorkerTask } from '../worker/main.js';
import { TaskPool } from './task-pool.js';

export class WorkerPool extends TaskPool<WorkerTask> {
  constructor(
    job: Job,
    workers: number,
    readonly counters: Counters,
    flight: number,
  ) {
    const workerData: WorkerData = { job, counters: counters.buffer, flight };
    super('worker/main.js', workers, workerData, () => counters.stopRequested);
  }
}

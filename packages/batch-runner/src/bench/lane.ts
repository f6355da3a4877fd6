/** One thread of a benchmark: plans and buffers of its own, timed between barriers. Entry file of a worker thread. */
import { isMainThread, parentPort, workerData } from 'node:worker_threads';
import { measureLimits } from '@undertone/dsp-native';
import { type ErrorData, toErrorData } from '@undertone/shared';
import type { Limits, PassFacts, Task } from './task.js';
import { prepare, type Workload } from './workload.js';

export type LaneRequest =
  | { readonly kind: 'prepare'; readonly tasks: readonly Task[] }
  /** `lanes` threads take part, and none starts before all are ready. */
  | { readonly kind: 'measure'; readonly task: number; readonly passes: number; readonly lanes: number }
  | { readonly kind: 'limits'; readonly lanes: number };

/** Begin and end on a clock that all threads of a process share, in ns. */
export interface Stretch {
  readonly begin: number;
  readonly end: number;
}

export type LaneAnswer = PassFacts[] | Stretch | Limits | { readonly error: ErrorData };

/** Words of the shared barrier: threads that have arrived, and how often all have. */
const ARRIVED = 0;
const GENERATION = 1;
export const BARRIER_BYTES = 8;

const now = (): number => Number(process.hrtime.bigint());

function meet(barrier: Int32Array, lanes: number): void {
  const generation = Atomics.load(barrier, GENERATION);
  if (Atomics.add(barrier, ARRIVED, 1) + 1 === lanes) {
    Atomics.store(barrier, ARRIVED, 0);
    Atomics.add(barrier, GENERATION, 1);
    Atomics.notify(barrier, GENERATION);
    return;
  }
  while (Atomics.load(barrier, GENERATION) === generation) Atomics.wait(barrier, GENERATION, generation);
}

class Lane {
  #workloads: Workload[] = [];

  constructor(readonly barrier: Int32Array) {}

  answer(request: LaneRequest): LaneAnswer {
    switch (request.kind) {
      case 'prepare':
        this.#workloads = request.tasks.map(prepare);
        return this.#workloads.map(({ facts }) => facts);
      case 'measure':
        return this.#measure(request);
      case 'limits':
        meet(this.barrier, request.lanes);
        return measureLimits();
    }
  }

  #measure({ task, passes, lanes }: Extract<LaneRequest, { kind: 'measure' }>): Stretch {
    const workload = this.#workloads[task];
    if (!workload) throw new Error(`No task ${task}`);
    try {
      // Brings its buffers back into the caches; of a single long pass that would be half the time.
      if (passes > 1) workload.pass();
    } finally {
      // Whoever fails must not keep the others waiting.
      meet(this.barrier, lanes);
    }
    const begin = now();
    for (let i = 0; i < passes; ++i) workload.pass();
    return { begin, end: now() };
  }
}

if (!isMainThread && parentPort) {
  const port = parentPort;
  const lane = new Lane(new Int32Array((workerData as { barrier: SharedArrayBuffer }).barrier));
  port.on('message', (request: LaneRequest) => {
    try {
      port.postMessage(lane.answer(request));
    } catch (thrown) {
      port.postMessage({ error: toErrorData(thrown, request.kind) });
    }
  });
}

/**
 * Entry file of a process that benchmarks under one instruction set, which is fixed once a process. Its own thread only
 * passes requests to its lanes; it lives as long as its parent.
 */
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { describeBuild } from '@undertone/dsp-native';
import { toErrorData } from '@undertone/shared';
import { BARRIER_BYTES, type LaneAnswer, type LaneRequest } from './lane.js';

/** `start` makes the lanes. The others go to the first `lanes` of them, and one answer of each comes back. */
export type ChildRequest = { readonly kind: 'start'; readonly lanes: number } | LaneRequest;

let lanes: Worker[] = [];

async function answers(request: ChildRequest): Promise<LaneAnswer[]> {
  if (request.kind === 'start') {
    // Refuses an instruction set that is not there, before anything else happens.
    describeBuild();
    const barrier = new SharedArrayBuffer(BARRIER_BYTES);
    const file = fileURLToPath(new URL('./lane.js', import.meta.url));
    lanes = Array.from({ length: request.lanes }, () => new Worker(file, { workerData: { barrier } }));
    return [];
  }
  const asked = request.kind === 'prepare' ? lanes : lanes.slice(0, request.lanes);
  return Promise.all(
    asked.map(async (lane) => {
      lane.postMessage(request);
      const [answer] = await once(lane, 'message');
      return answer as LaneAnswer;
    }),
  );
}

process.on('message', (request: ChildRequest) => {
  answers(request)
    .catch((thrown: unknown) => [{ error: toErrorData(thrown, request.kind) }])
    .then((answer) => process.send?.(answer));
});
process.on('disconnect', () => process.exit());
// The terminal sends Ctrl-C to all processes; the parent decides and ends this one.
process.on('SIGINT', () => {});

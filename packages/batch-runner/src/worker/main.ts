/** The Piscina entry: a task is a shard to work through or a slice of the manifest to probe. Errors go back as data. */
import { workerData } from 'node:worker_threads';
import { probeAudio } from '@undertone/dsp-native';
import { type Commit, type ErrorData, type Shard, toErrorData } from '@undertone/shared';
import { Counters } from './counters.js';
import { FeaturesPipeline } from './features-pipeline.js';
import type { WorkerData } from './job.js';
import { LabelPipeline } from './pipeline.js';
import { workShard } from './shard-work.js';

export type WorkerTask =
  | { readonly kind: 'probe'; readonly paths: readonly (string | Uint8Array)[] }
  | { readonly kind: 'shard'; readonly shard: Shard };

export type TaskResult<R> = { readonly value: R } | { readonly error: ErrorData };

/** What a finished shard reports; null when the worker was asked to stop. */
export type ShardResult = Omit<Commit, 'parts' | 'attempt'> | null;

const { job, counters: buffer } = workerData as WorkerData;
const counters = new Counters(buffer);

let pipeline: Promise<LabelPipeline | FeaturesPipeline> | undefined;

export default async function run(task: WorkerTask): Promise<TaskResult<Float64Array | ShardResult>> {
  try {
    if (task.kind === 'probe') return { value: probe(task.paths) };
    pipeline ??=
      job.kind === 'label' ? LabelPipeline.open(job, counters) : FeaturesPipeline.open(job, counters);
    return { value: await workShard(task.shard, job, await pipeline, counters) };
  } catch (thrown) {
    return { error: toErrorData(thrown, task.kind === 'shard' ? task.shard.id : 'probe') };
  }
}

/**
 * Two numbers a path: seconds by the header, and 1 where decoding can begin in the middle. 0 for what cannot be opened,
 * which the shard's own decoding will then explain.
 */
function probe(paths: readonly (string | Uint8Array)[]): Float64Array {
  const found = new Float64Array(2 * paths.length);
  for (const [i, path] of paths.entries()) {
    try {
      const { durationSeconds, seekable } = probeAudio(path);
      found.set([durationSeconds ?? 0, seekable ? 1 : 0], 2 * i);
    } catch {
      // Stays 0.
    }
  }
  return found;
}

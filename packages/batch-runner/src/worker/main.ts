/** The Piscina entry: a task is a shard to work through or a slice of the manifest to probe. Errors go back as data. */
import { workerData } from 'node:worker_threads';
import { probeAudio } from '@undertone/dsp-native';
import {
  type Commit,
  type ManifestRecord,
  type RecordError,
  type Shard,
  toErrorData,
} from '@undertone/shared';
import { FlightSlot } from '../flight/in-flight.js';
import { Counters } from './counters.js';
import { FeaturesPipeline } from './features-pipeline.js';
import type { WorkerData } from './job.js';
import { LabelPipeline } from './pipeline.js';
import type { RowWriter, ShardPipeline } from './row-writer.js';
import { workShard } from './shard-work.js';
import type { TaskResult } from './task-result.js';

export type WorkerTask =
  | {
      readonly kind: 'probe';
      readonly paths: readonly (string | Uint8Array)[];
      /** Of each, in the manifest. */
      readonly places: readonly number[];
    }
  /** A record that is suspected of having ended a process, by itself; nothing is kept. */
  | { readonly kind: 'trial'; readonly record: ManifestRecord }
  | { readonly kind: 'shard'; readonly shard: Shard };

/** What a finished shard reports; null when the worker was asked to stop. */
export type ShardResult =
  | (Omit<Commit, 'parts' | 'attempt'> & { readonly failures: readonly RecordError[] })
  | null;

const { job, counters: buffer, flight: descriptor } = workerData as WorkerData;
const counters = new Counters(buffer);
const worker = counters.claimWorker();
const flight = new FlightSlot(descriptor, worker);

let pipeline: Promise<LabelPipeline | FeaturesPipeline> | undefined;

export default async function run(task: WorkerTask): Promise<TaskResult<Float64Array | ShardResult>> {
  try {
    if (task.kind === 'probe') return { value: probe(task.paths, task.places) };
    pipeline ??=
      job.kind === 'label'
        ? LabelPipeline.open(job, counters, flight, worker)
        : FeaturesPipeline.open(job, counters, flight, worker);
    if (task.kind === 'trial') {
      await tryRecord(task.record, await pipeline);
      return { value: null };
    }
    return { value: await workShard(task.shard, job, await pipeline, counters, flight) };
  } catch (thrown) {
    return { error: toErrorData(thrown, task.kind === 'shard' ? task.shard.id : task.kind) };
  } finally {
    flight.idle();
  }
}

/** Everything that is done with a record, without its rows. */
async function tryRecord(record: ManifestRecord, pipeline: ShardPipeline): Promise<void> {
  const discard: RowWriter = {
    write: () => undefined,
    recordDone: () => flight.recordDone(),
    pieceDone: () => undefined,
  };
  probe([record.path], [0]);
  flight.beginShard(0);
  await pipeline.run({ id: 'trial', index: 0, first: 0, records: [record] }, discard);
}

const pathText = (path: string | Uint8Array): string =>
  typeof path === 'string' ? path : Buffer.from(path).toString();

/**
 * Two numbers a path: seconds by the header, and 1 where decoding can begin in the middle. 0 for what cannot be opened,
 * which the shard's own decoding will then explain.
 */
function probe(paths: readonly (string | Uint8Array)[], places: readonly number[]): Float64Array {
  const found = new Float64Array(2 * paths.length);
  for (const [i, path] of paths.entries()) {
    flight.probe(places[i] ?? 0, pathText(path));
    try {
      const { durationSeconds, seekable } = probeAudio(path);
      found.set([durationSeconds ?? 0, seekable ? 1 : 0], 2 * i);
    } catch {
      // Stays 0.
    }
  }
  return found;
}

/** One shard from its first record to its commit. */
import { performance } from 'node:perf_hooks';
import { asOutputTrouble, type RecordError, type Row, type Shard } from '@undertone/shared';
import { Attempt } from '../commit/attempt.js';
import { SLOWEST_OF_SHARD, SlowestRecords } from '../commit/slowest-records.js';
import type { FlightSlot } from '../flight/in-flight.js';
import type { Counters } from './counters.js';
import type { Job } from './job.js';
import type { ShardResult } from './main.js';
import type { RowWriter, ShardPipeline } from './row-writer.js';
import { Stopped } from './row-writer.js';

/** @returns null when a stop was requested before the shard was done; its attempt then leaves nothing behind */
export async function workShard(
  shard: Shard,
  job: Job,
  pipeline: ShardPipeline,
  counters: Counters,
  flight: FlightSlot,
): Promise<ShardResult> {
  const attempt = openAttempt(job, shard, pipeline);
  let errors = 0;
  const failures: RecordError[] = [];
  let tally: object | null = null;
  const slowest = new SlowestRecords(SLOWEST_OF_SHARD);
  const rows: RowWriter = {
    write: (table, row) => {
      if (row.status === 'error') failures.push(failureOf(row));
      attempt.write(table, row);
    },
    recordDone: (record, decodedSeconds, wallSeconds, failed) => {
      flight.recordDone();
      if (failed) errors += 1;
      slowest.add({ record: record.id, file: record.file, wallSeconds, audioSeconds: decodedSeconds });
      // A recording in pieces counts once: with the piece that reaches its end.
      if (shard.piece?.endWindow == null) counters.addFile(failed);
      if (record.estimatedSeconds > 0) counters.correctProgress(record.estimatedSeconds - decodedSeconds);
    },
    pieceDone: (own) => {
      tally = own;
    },
  };
  flight.beginShard(shard.first);
  try {
    const { audioSeconds, stageSeconds } = await pipeline.run(shard, rows);
    const begin = performance.now();
    attempt.finish();
    const commit = (performance.now() - begin) / 1000;
    const summary = {
      fingerprint: job.fingerprint,
      records: shard.piece ? 0 : shard.records.length,
      audioSeconds,
      stageSeconds: { ...stageSeconds, commit },
      slowest: slowest.longestFirst,
      errors: shard.piece ? 0 : errors,
      ...(tally ? { tally } : {}),
    };
    attempt.commit(summary);
    return { shard: shard.id, ...summary, failures };
  } catch (thrown) {
    abandon(attempt);
    if (thrown instanceof Stopped) return null;
    throw asOutputTrouble(thrown, job.out);
  }
}

/** The folder may have gone away since the shard before. */
function openAttempt(job: Job, shard: Shard, pipeline: ShardPipeline): Attempt {
  try {
    return new Attempt(job.out, shard.id, pipeline.tables);
  } catch (thrown) {
    throw asOutputTrouble(thrown, job.out);
  }
}

function failureOf({ record_id, file, channel, error_code, error_message }: Row): RecordError {
  return {
    record: String(record_id),
    file: String(file),
    channel: typeof channel === 'number' ? channel : null,
    code: String(error_code),
    message: String(error_message),
  };
}

/** The error on its way says why; what cannot be removed now goes with the merge. */
function abandon(attempt: Attempt): void {
  try {
    attempt.abandon();
  } catch {
    // Nothing to add.
  }
}

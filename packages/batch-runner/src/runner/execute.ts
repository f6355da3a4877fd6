/** Plan → pool → ledger → merge: what `run` and `features` share. */
import {
  asOutputTrouble,
  type Commit,
  type PlannedShard,
  type Shard,
  toErrorData,
  UndertoneError,
} from '@undertone/shared';
import { removeStaleTemporaries } from '../commit/durable.js';
import {
  claimOutput,
  type RunIdentity,
  readCommit,
  readIncidents,
  writeRunFile,
  writeRunFileIfAbsent,
} from '../commit/ledger.js';
import { isCommitted, type MergeSpec, mergeRun, type Totals, totalsOf } from '../commit/merge.js';
import type { Plan } from '../commit/plan-file.js';
import { Quarantine } from '../commit/quarantine.js';
import { FLIGHT_FD } from '../flight/in-flight.js';
import { WorkerPool } from '../pool/pool.js';
import { CSV_DIALECT, machineRecord, type RunRecord } from '../report/run-record.js';
import type { Part } from '../settings.js';
import { partOf, shardOf, workOrder } from '../shard/plan.js';
import type { Job } from '../worker/job.js';
import type { ShardResult } from '../worker/main.js';
import { interrupted } from './interrupted.js';
import { MemoryWatch } from './memory.js';
import type { PlanMessage } from './messages.js';
import { makePlan, type PlanRequest } from './planning.js';
import { type Finished, type Runner, reportProgress } from './runner.js';
import { openStdin } from './stdin.js';
import { Suspects } from './suspects.js';

export interface Execution {
  readonly command: string;
  readonly job: Job;
  readonly identity: RunIdentity;
  readonly settings: object;
  readonly inputs: readonly string[];
  /** The part of the plan to do; null for all of it and the tables. */
  readonly part: Part | null;
  /** null where no recording is cut. */
  readonly cutting: PlanRequest['cutting'];
  readonly merge: Omit<MergeSpec, 'metadata'>;
  readonly workers: number;
  /** What computed, for run.json. */
  readonly devices: readonly object[];
  /** Of a run that labels: those whose probabilities are averaged. */
  readonly models: readonly object[];
}

/** @throws UndertoneError interrupted when stopped by a signal: everything committed stays, the same command goes on */
export async function execute(runner: Runner, execution: Execution): Promise<Finished> {
  const { out } = execution.job;
  try {
    return await planToTables(runner, execution);
  } catch (thrown) {
    const { code, message } = toErrorData(asOutputTrouble(thrown, out), out);
    if (code !== 'output_unwritable') throw thrown;
    const todo = 'put that right (make room, mount the disk) and run the same command again to go on';
    throw new UndertoneError(code, out, `Output folder cannot be written (${message}): ${todo}`);
  }
}

async function planToTables(runner: Runner, execution: Execution): Promise<Finished> {
  const { job, identity, part } = execution;
  claimOutput(job.out, identity);
  const quarantine = new Quarantine(job.out);
  const suspects = new Suspects(runner, job, quarantine);
  const memory = watchMemory(runner);
  const pool = new WorkerPool(job, execution.workers, runner.counters, FLIGHT_FD);
  try {
    removeStaleTemporaries(job.out);
    const { plan, changes } = await makePlan(pool, {
      out: job.out,
      fingerprint: identity.fingerprint,
      inputs: execution.inputs,
      stdin: openStdin,
      part,
      cutting: execution.cutting,
      leaveUnread: (manifest, known) => suspects.tryUnread(manifest, known),
    });
    const record = startRecord(execution, plan, runner.incidents);
    if (part) writeRunFileIfAbsent(job.out, record);
    else await writeRunFile(job.out, record);
    const shards = part ? partOf(plan.shards, part) : plan.shards;
    await workThrough({ pool, plan, execution, runner, quarantine, suspects, memory }, shards);
    if (runner.counters.stopRequested) {
      if (!part)
        await writeRunFile(job.out, {
          ...record,
          state: 'interrupted',
          finishedAt: new Date().toISOString(),
        });
      throw interrupted(shards.filter((shard) => isCommitted(job.out, shard)).length, shards.length);
    }
    if (part) return finished(plan, totalsOf(job.out, plan, shards), job.out, part);
    // Workers and models are gone before the tables are made: each has its memory when it needs it.
    await pool.close();
    const totals = await mergeRun(job.out, plan, record.merge);
    await writeRunFile(job.out, {
      ...record,
      state: 'complete',
      finishedAt: new Date().toISOString(),
      totals: { ...totals, wallSeconds: runner.elapsedSeconds() },
    });
    return { ...finished(plan, totals, job.out, null), changes, written: writtenBy(record.merge) };
  } finally {
    await pool.close();
  }
}

function finished(plan: Plan, totals: Totals, out: string, part: Part | null): Finished {
  return {
    records: totals.records,
    errors: totals.recordsWithErrors,
    audioSeconds: totals.audioSeconds,
    passedOver: plan.passedOver,
    rows: totals.rows,
    written: [],
    changes: null,
    part: part && {
      ...part,
      committed: workOrder(plan.shards).filter((shard) => isCommitted(out, shard)).length,
      shards: workOrder(plan.shards).length,
    },
  };
}

const writtenBy = ({ tables }: MergeSpec): string[] =>
  tables.flatMap(({ table, formats }) => formats.map((format) => `${table.name}.${format}`));

function watchMemory({ memoryLimitMb, send }: Runner): MemoryWatch {
  const memory = new MemoryWatch(memoryLimitMb);
  if (memory.hopeless) {
    const sentence = `A process that has done nothing yet takes more than --memory-limit ${memoryLimitMb} MB: the limit is left out of account`;
    send({ kind: 'warning', sentence });
  }
  return memory;
}

interface Work {
  readonly pool: WorkerPool;
  readonly plan: Plan;
  readonly execution: Execution;
  readonly runner: Runner;
  readonly quarantine: Quarantine;
  readonly suspects: Suspects;
  readonly memory: MemoryWatch;
}

/** Shards with suspects wait until those are judged; the others go on meanwhile. */
async function workThrough(work: Work, shards: readonly PlannedShard[]): Promise<void> {
  const { plan, execution, runner, suspects } = work;
  const survey = surveyOf(execution.job.out, plan, shards);
  runner.send(survey.message);
  suspects.find(plan.manifest);
  const stopReporting = reportProgress(runner);
  const open = workOrder(survey.open);
  const waits = new Set(open.filter((shard) => suspects.within(shard)));
  try {
    const free = open.filter((shard) => !waits.has(shard));
    await Promise.all([suspects.tryAll(), runShards(work, free)]);
    await runShards(work, [...waits]);
    const left = open.filter((shard) => !isCommitted(execution.job.out, shard)).length;
    if (left > 0 && !runner.counters.stopRequested) work.memory.check();
  } finally {
    stopReporting();
  }
}

async function runShards(
  { pool, plan, execution, runner, quarantine, memory }: Work,
  shards: readonly PlannedShard[],
): Promise<void> {
  // A shard gets its records when a worker is free for it: only those at work are in memory.
  function* tasks(): Generator<{ kind: 'shard'; shard: Shard; planned: PlannedShard }> {
    for (const planned of shards) {
      const shard = shardOf(plan.manifest, planned);
      const records = shard.records.map((record) => quarantine.apply(record));
      yield { kind: 'shard', shard: { ...shard, records }, planned };
    }
  }
  await pool.runAll(tasks(), (result: ShardResult, { planned }) => {
    const commit = result && readCommit(execution.job.out, planned, plan.fingerprint);
    if (!commit) return;
    const { records, errors } = commit;
    runner.send({ kind: 'committed', shard: planned.id, records, errors, failures: result.failures });
    if (memory.look()) pool.drain();
  });
}

/** What of the shards is committed already. */
function surveyOf(
  out: string,
  plan: Plan,
  shards: readonly PlannedShard[],
): { open: PlannedShard[]; message: PlanMessage } {
  const open: PlannedShard[] = [];
  const committed = { shards: 0, files: 0, seconds: 0, errors: 0 };
  const all = { files: 0, seconds: 0 };
  const count = (shard: PlannedShard, commit: Commit | null): void => {
    all.files += shard.end - shard.first;
    all.seconds += shard.estimatedSeconds;
    if (!commit) {
      open.push(shard);
      return;
    }
    committed.shards += 1;
    committed.files += commit.records;
    committed.seconds += shard.estimatedSeconds;
    committed.errors += commit.errors;
  };
  for (const shard of shards) count(shard, readCommit(out, shard, plan.fingerprint));
  return { open, message: { kind: 'plan', shards: shards.length, ...all, committed } };
}

/** An earlier runner of this invocation may have written some of them already. */
function allIncidents(out: string, now: readonly object[]): readonly object[] {
  const texts = [...readIncidents(out), ...now].map((one) => JSON.stringify(one));
  return [...new Set(texts)].map((text) => JSON.parse(text) as object);
}

function startRecord(
  execution: Execution,
  { manifest, passedOver }: Plan,
  incidents: readonly object[],
): RunRecord {
  const { identity, models } = execution;
  return {
    schema: 'undertone-run/1',
    command: execution.command,
    state: 'running',
    startedAt: new Date().toISOString(),
    finishedAt: null,
    ...identity,
    settings: execution.settings,
    inputs: execution.inputs,
    root: manifest.root,
    passedOver,
    incidents: allIncidents(execution.job.out, incidents),
    models,
    devices: execution.devices,
    workers: execution.workers,
    ...machineRecord(),
    totals: null,
    csv: CSV_DIALECT,
    merge: {
      ...execution.merge,
      // Without the root: Parquet files of a run are the same bytes wherever the recordings are mounted.
      metadata: { undertone: JSON.stringify({ ...identity, models }) },
    },
  };
}

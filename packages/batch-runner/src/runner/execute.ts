/** Plan → pool → ledger → merge: what `run` and `features` share. */
import {
  asOutputTrouble,
  type Commit,
  type PlannedShard,
  type Shard,
  toErrorData,
  UndertoneError,
} from '@undertone/shared';
import { writeMerged } from '../commit/finished-run.js';
import {
  claimOutput,
  type RunIdentity,
  readCommit,
  removeAbandonedAttempts,
  writeRunFile,
} from '../commit/ledger.js';
import { type CommittedShard, checkEveryRecord, checkedParts, mergeTable } from '../commit/merge.js';
import type { CompactManifest } from '../manifest/manifest.js';
import { WorkerPool } from '../pool/pool.js';
import { CSV_DIALECT, machineRecord, type RunRecord, totalsOf } from '../report/run-record.js';
import { planShards, shardOf } from '../shard/plan.js';
import type { Sink } from '../sink/sink.js';
import type { Table } from '../sink/table.js';
import type { Job } from '../worker/job.js';
import type { ShardResult } from '../worker/main.js';
import { interrupted } from './interrupted.js';
import type { PlanMessage } from './messages.js';
import { type Finished, type Runner, reportProgress } from './runner.js';

export interface Execution {
  readonly command: string;
  readonly job: Job;
  readonly identity: RunIdentity;
  readonly settings: object;
  readonly inputs: readonly string[];
  readonly passedOver: number;
  readonly manifest: CompactManifest;
  readonly tables: readonly Table[];
  /** The table that has at least one row for every record. */
  readonly recordTable: Table;
  readonly sinksOf: (table: Table) => readonly Sink[];
  /** Writes further files from the checked parts, e.g. errors.csv. */
  readonly extras: (parts: ReadonlyMap<string, readonly string[]>) => Promise<void>;
  readonly excelBom: boolean;
  readonly workers: number;
  readonly model: object | null;
}

/** Files probed in one worker task: long enough to hide the message, short enough to spread. */
const PROBE_SLICE = 64;

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
  const { job, identity } = execution;
  const record = startRecord(execution);
  claimOutput(job.out, identity);
  await writeRunFile(job.out, record);
  const pool = new WorkerPool(job, execution.workers, runner.counters);
  try {
    const { manifest } = execution;
    await probeAll(pool, manifest);
    const shards = planShards(manifest, identity.fingerprint);
    const committed = new Map<string, Commit>();
    for (const shard of shards) {
      const commit = readCommit(job.out, shard, identity.fingerprint);
      if (commit) committed.set(shard.id, commit);
    }
    await workThrough(pool, shards, committed, execution, runner);
    if (runner.counters.stopRequested) {
      await writeRunFile(job.out, { ...record, state: 'interrupted', finishedAt: new Date().toISOString() });
      throw interrupted(committed.size, shards.length);
    }
    const rows = await mergeAll(execution, shards, committed);
    await writeMerged(
      job.out,
      identity.fingerprint,
      shards.map((shard) => shard.id),
    );
    const commits = shards.map((shard) => commitOf(committed, shard));
    await writeRunFile(job.out, {
      ...record,
      state: 'complete',
      finishedAt: new Date().toISOString(),
      totals: totalsOf(commits, rows, runner.elapsedSeconds()),
    });
    return {
      records: manifest.count,
      errors: commits.reduce((sum, commit) => sum + commit.errors, 0),
      audioSeconds: commits.reduce((sum, commit) => sum + commit.audioSeconds, 0),
      passedOver: execution.passedOver,
      rows,
      written: execution.tables.flatMap((table) =>
        execution.sinksOf(table).map((sink) => `${table.name}.${sink.extension}`),
      ),
    };
  } finally {
    await pool.close();
  }
}

/** Fills in the seconds that the headers tell. */
async function probeAll(pool: WorkerPool, manifest: CompactManifest): Promise<void> {
  function* slices(): Generator<{ kind: 'probe'; paths: (string | Uint8Array)[]; first: number }> {
    for (let first = 0; first < manifest.count; first += PROBE_SLICE) {
      const count = Math.min(PROBE_SLICE, manifest.count - first);
      yield {
        kind: 'probe',
        paths: Array.from({ length: count }, (_, i) => manifest.pathOf(first + i)),
        first,
      };
    }
  }
  await pool.runAll(slices(), (probed: Float64Array, task) => manifest.setSeconds(task.first, probed));
}

async function workThrough(
  pool: WorkerPool,
  shards: readonly PlannedShard[],
  committed: Map<string, Commit>,
  { job, identity, manifest }: Execution,
  runner: Runner,
): Promise<void> {
  runner.send(planMessage(manifest.count, shards, committed));
  const open = shards.filter((shard) => !committed.has(shard.id));
  const stopReporting = reportProgress(runner);
  try {
    // A shard gets its records when a worker is free for it: only those at work are in memory.
    function* tasks(): Generator<{ kind: 'shard'; shard: Shard; planned: PlannedShard }> {
      for (const planned of open) yield { kind: 'shard', shard: shardOf(manifest, planned), planned };
    }
    await pool.runAll(tasks(), (result: ShardResult, { planned }) => {
      const commit = result && readCommit(job.out, planned, identity.fingerprint);
      if (!commit) return;
      committed.set(planned.id, commit);
      runner.send({ kind: 'committed', shard: planned.id, records: commit.records, errors: commit.errors });
    });
  } finally {
    stopReporting();
  }
}

function planMessage(
  files: number,
  shards: readonly PlannedShard[],
  committed: ReadonlyMap<string, Commit>,
): PlanMessage {
  const commits = [...committed.values()];
  const seconds = (of: readonly PlannedShard[]): number =>
    of.reduce((sum, shard) => sum + shard.estimatedSeconds, 0);
  return {
    kind: 'plan',
    shards: shards.length,
    files,
    seconds: seconds(shards),
    committed: {
      shards: commits.length,
      files: commits.reduce((sum, commit) => sum + commit.records, 0),
      seconds: seconds(shards.filter((shard) => committed.has(shard.id))),
      errors: commits.reduce((sum, commit) => sum + commit.errors, 0),
    },
  };
}

function commitOf(committed: ReadonlyMap<string, Commit>, shard: PlannedShard): Commit {
  const commit = committed.get(shard.id);
  if (!commit) throw new Error(`Shard ${shard.id} has no commit`);
  return commit;
}

/** @returns rows by table */
async function mergeAll(
  execution: Execution,
  shards: readonly PlannedShard[],
  committed: ReadonlyMap<string, Commit>,
): Promise<Record<string, number>> {
  const { job, identity } = execution;
  const done: CommittedShard[] = shards.map((shard) => ({ shard, commit: commitOf(committed, shard) }));
  const metadata = {
    undertone: JSON.stringify({ ...identity, root: execution.manifest.root, model: execution.model }),
  };
  const partsByTable = new Map<string, readonly string[]>();
  for (const table of execution.tables)
    partsByTable.set(table.name, await checkedParts(job.out, done, table.name));
  checkEveryRecord(
    execution.manifest,
    execution.recordTable,
    partsByTable.get(execution.recordTable.name) ?? [],
  );
  const rows: Record<string, number> = {};
  for (const table of execution.tables) {
    const parts = partsByTable.get(table.name) ?? [];
    const count = done.reduce(
      (sum, { commit }) => sum + (commit.parts.find((part) => part.table === table.name)?.rows ?? 0),
      0,
    );
    await mergeTable(job.out, table, parts, execution.sinksOf(table), {
      excelBom: execution.excelBom,
      metadata,
      rows: count,
    });
    rows[table.name] = count;
  }
  await execution.extras(partsByTable);
  for (const { commit } of done) removeAbandonedAttempts(job.out, commit);
  return rows;
}

function startRecord(execution: Execution): RunRecord {
  return {
    schema: 'undertone-run/1',
    command: execution.command,
    state: 'running',
    startedAt: new Date().toISOString(),
    finishedAt: null,
    ...execution.identity,
    settings: execution.settings,
    inputs: execution.inputs,
    root: execution.manifest.root,
    passedOver: execution.passedOver,
    model: execution.model,
    ...machineRecord(),
    totals: null,
    csv: CSV_DIALECT,
  };
}

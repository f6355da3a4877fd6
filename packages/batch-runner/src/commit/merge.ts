/**
 * Committed shards → the tables. What to write is data that stands in run.json, so that whoever has the folder can merge.
 * Reads only parts named by a COMMIT, and checks every digest and count. One commit and a piece of a part in memory.
 */
import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { type Commit, type Manifest, type PlannedShard, sha256File, UndertoneError } from '@undertone/shared';
import { writeErrorsTable } from '../sink/errors.js';
import { partialFolder } from '../sink/npy.js';
import { SINKS } from '../sink/registry.js';
import { partRows } from '../sink/rows.js';
import type { Table } from '../sink/table.js';
import { writeTextFile } from '../sink/text-file.js';
import { replaceFile } from './durable.js';
import { writeMerged } from './finished-run.js';
import { commitJoints } from './joint.js';
import { commitFile, shardFolder } from './layout.js';
import { readCommit, removeAbandonedAttempts, setAside } from './ledger.js';
import type { Plan } from './plan-file.js';

/** What a merge writes. */
export interface MergeSpec {
  readonly tables: readonly { readonly table: Table; readonly formats: readonly (keyof typeof SINKS)[] }[];
  /** The table that has at least one row for every record; errors.csv is made from it. */
  readonly recordTable: string;
  /** How many of its first columns errors.csv shows. */
  readonly errorColumns: number;
  readonly excelBom: boolean;
  /** JSON for formats that carry metadata. */
  readonly metadata: Readonly<Record<string, string>>;
  /** Further files: name → text. */
  readonly files: Readonly<Record<string, string>>;
}

/** What came of a run, as its commits say. */
export interface Totals {
  readonly records: number;
  readonly recordsWithErrors: number;
  readonly audioSeconds: number;
  /** By table. */
  readonly rows: Readonly<Record<string, number>>;
  /** Of all workers together by stage, over every invocation that committed a shard. */
  readonly workerSeconds: Readonly<Record<string, number>>;
}

/**
 * Writes every table, errors.csv and the further files, each of them whole or not at all.
 * @throws UndertoneError incomplete when shards are not committed yet or are damaged
 */
export async function mergeRun(out: string, plan: Plan, spec: MergeSpec): Promise<Totals> {
  await commitJoints(out, plan, spec);
  const totals = totalsOf(out, plan, plan.shards);
  const partsByTable = await checkedParts(out, plan, spec);
  const parts = (table: string): readonly string[] => partsByTable.get(table) ?? [];
  const recordTable = spec.tables.find(({ table }) => table.name === spec.recordTable)?.table;
  if (!recordTable) throw new Error(`No table ${spec.recordTable}`);
  checkEveryRecord(plan.manifest, recordTable, parts(recordTable.name));
  for (const { table, formats } of spec.tables) {
    for (const sink of formats.map((format) => SINKS[format])) {
      const options = {
        excelBom: spec.excelBom,
        metadata: spec.metadata,
        rows: totals.rows[table.name] ?? 0,
      };
      await replaceFile(out, `${table.name}.${sink.extension}`, (temporary) =>
        sink.write(table, parts(table.name), temporary, options),
      );
    }
  }
  for (const [name, text] of Object.entries(spec.files))
    await replaceFile(out, name, (temporary) => writeTextFile(temporary, [text]));
  await replaceFile(out, 'errors.csv', (temporary) =>
    writeErrorsTable(recordTable, spec.errorColumns, parts(recordTable.name), temporary, spec.excelBom),
  );
  await writeMerged(
    out,
    plan.fingerprint,
    plan.shards.map((shard) => shard.id),
  );
  for (const shard of plan.shards) removeAbandonedAttempts(out, committed(out, plan, shard));
  rmSync(partialFolder(out), { recursive: true, force: true });
  return totals;
}

/** Of some of a plan's shards. @throws UndertoneError incomplete when one is not committed */
export function totalsOf(out: string, plan: Plan, shards: readonly PlannedShard[]): Totals {
  const rows: Record<string, number> = {};
  const workerSeconds: Record<string, number> = {};
  let records = 0;
  let recordsWithErrors = 0;
  let audioSeconds = 0;
  const add = (sums: Record<string, number>, key: string, value: number): void => {
    sums[key] = (sums[key] ?? 0) + value;
  };
  for (const shard of shards) {
    const commit = committed(out, plan, shard);
    records += commit.records;
    recordsWithErrors += commit.errors;
    audioSeconds += commit.audioSeconds;
    for (const part of commit.parts) add(rows, part.table, part.rows);
    for (const [stage, seconds] of Object.entries(commit.stageSeconds)) add(workerSeconds, stage, seconds);
  }
  return { records, recordsWithErrors, audioSeconds, rows, workerSeconds };
}

function committed(out: string, plan: Plan, shard: PlannedShard): Commit {
  const commit = readCommit(out, shard, plan.fingerprint);
  if (commit) return commit;
  const missing = plan.shards.filter((one) => !readCommit(out, one, plan.fingerprint));
  throw new UndertoneError('incomplete', out, missingSentence(out, plan, missing));
}

export const isCommitted = (out: string, shard: PlannedShard): boolean =>
  existsSync(commitFile(out, shard.id));

/** Which part of the plan still has to be done. */
export function missingSentence(out: string, { shards }: Plan, missing: readonly PlannedShard[]): string {
  const numbers = missing.slice(0, 10).map(({ index }) => index + 1);
  const more = missing.length > numbers.length ? ', …' : '';
  return (
    `${shards.length - missing.length} of ${shards.length} shards are committed in "${out}"; ` +
    `missing: ${numbers.join(', ')}${more}. Give the command of the run again to do them`
  );
}

/**
 * Paths of every table's parts in plan order.
 * @throws UndertoneError incomplete when parts are not what was committed: their commits are then set aside, and the
 * run's own command does those shards again
 */
async function checkedParts(out: string, plan: Plan, spec: MergeSpec): Promise<Map<string, string[]>> {
  const byTable = new Map<string, string[]>(spec.tables.map(({ table }) => [table.name, []]));
  let damaged = 0;
  let example = '';
  for (const shard of plan.shards) {
    const paths = partPaths(out, committed(out, plan, shard), [...byTable.keys()]);
    const broken = await firstBroken(paths);
    if (broken !== null) {
      setAside(out, shard.id, true);
      damaged += 1;
      example ||= broken;
    }
    for (const { table, path } of paths) byTable.get(table)?.push(path);
  }
  if (damaged === 0) return byTable;
  throw new UndertoneError(
    'incomplete',
    example,
    `${damaged} of ${plan.shards.length} shards do not match their digests any more, e.g. "${example}". ` +
      'They are set aside: run the same command again to do them anew',
  );
}

interface PartPath {
  readonly table: string;
  readonly path: string;
  /** null when the commit does not name the part. */
  readonly sha256: string | null;
}

export function partPaths(out: string, commit: Commit, tables: readonly string[]): PartPath[] {
  return tables.map((table) => {
    const part = commit.parts.find((one) => one.table === table);
    const path = join(shardFolder(out, commit.shard), part?.file ?? `part.${table}.csv`);
    return { table, path, sha256: part?.sha256 ?? null };
  });
}

/** The first part whose bytes are not those of its digest, or null. */
export async function firstBroken(parts: readonly PartPath[]): Promise<string | null> {
  for (const { path, sha256 } of parts) if (!sha256 || (await digestOrNone(path)) !== sha256) return path;
  return null;
}

async function digestOrNone(path: string): Promise<string | null> {
  try {
    return await sha256File(path);
  } catch {
    return null;
  }
}

/** Every record gives at least one row, in manifest order. @throws UndertoneError corrupt_output naming the first that does not */
export function checkEveryRecord(manifest: Manifest, table: Table, parts: readonly string[]): void {
  let done = 0;
  let last = '';
  let next = manifest.record(0);
  for (const [id = ''] of partRows(table, parts)) {
    if (id === last) continue;
    if (id !== next.id) break;
    last = id;
    if (++done === manifest.count) return;
    next = manifest.record(done);
  }
  throw new UndertoneError(
    'corrupt_output',
    next.file,
    `Recording "${next.file}" has no row in table ${table.name}`,
  );
}

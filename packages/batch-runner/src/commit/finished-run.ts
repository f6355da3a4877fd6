/**
 * What reads a finished run: its record, and the committed parts that its tables were merged from, in the tables' order.
 * The parts are the truth, so a reader does not mind which formats were written.
 */
import { closeSync, existsSync, openSync, readFileSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { type Commit, UndertoneError } from '@undertone/shared';
import { writeTextFile } from '../sink/text-file.js';
import { replaceFile } from './durable.js';
import { commitFile, mergedFile, runFile, shardFolder } from './layout.js';

/** The part of run.json that readers of a finished run rely on. */
export interface FinishedRecord {
  readonly command: string;
  readonly state: string;
  readonly fingerprint: string;
  readonly fingerprintParts: Readonly<Record<string, string | number | null>>;
  readonly startedAt: string;
  readonly finishedAt: string;
  /** Folder that `file` in the tables is relative to. */
  readonly root: string;
  readonly models: readonly {
    readonly name: string;
    readonly version: string;
    readonly licence: { readonly weights: string };
  }[];
  readonly totals: {
    readonly wallSeconds: number;
    readonly workerSeconds: Readonly<Record<string, number>>;
    readonly audioSeconds: number;
    readonly rows: Readonly<Record<string, number>>;
  };
}

/** As the column `model` has it. */
export const modelNames = ({ models }: Pick<FinishedRecord, 'models'>): string =>
  models.map(({ name, version }) => `${name}@${version}`).join('+');

/** Parts of one table: column names in order, and paths in the order of the table. */
export interface CommittedTable {
  readonly columns: readonly string[];
  readonly parts: readonly string[];
  readonly rows: number;
}

export class FinishedRun {
  constructor(
    readonly out: string,
    readonly record: FinishedRecord,
    readonly shards: readonly string[],
  ) {}

  /** One COMMIT.json at a time, in plan order. @throws UndertoneError corrupt_output */
  *commits(): Generator<Commit> {
    for (const shard of this.shards) yield readJson<Commit>(commitFile(this.out, shard));
  }

  /** @throws UndertoneError corrupt_output when the parts do not hold the same columns */
  table(name: string): CommittedTable {
    const parts: string[] = [];
    let rows = 0;
    let header: string | null = null;
    for (const commit of this.commits()) {
      const part = commit.parts.find((one) => one.table === name);
      const path = join(shardFolder(this.out, commit.shard), part?.file ?? `part.${name}.csv`);
      if (!part) throw corrupt(path, 'is not named by its commit');
      const found = firstLine(path);
      header ??= found;
      if (found !== header) throw corrupt(path, 'has other columns than the parts before it');
      parts.push(path);
      rows += part.rows;
    }
    return { columns: (header ?? '').split(','), parts, rows };
  }
}

/**
 * @throws UndertoneError usage for a folder without a run, or with one that is not finished or labels nothing;
 * corrupt_output for files that are not what a run writes
 */
export function openFinishedRun(out: string): FinishedRun {
  const refuse = (why: string): never => {
    throw new UndertoneError('usage', out, `"${out}" ${why}`);
  };
  if (!existsSync(runFile(out))) return refuse('holds no run: there is no run.json in it');
  const record = readJson<FinishedRecord>(runFile(out));
  if (record.command !== 'run')
    return refuse(`holds what undertone ${record.command} wrote: only what undertone run wrote has labels`);
  if (record.state !== 'complete')
    return refuse(
      `holds a run that is not finished (${record.state}): give the command that began it again, then this one`,
    );
  const merged = readJson<{ fingerprint: string; shards: string[] }>(mergedFile(out));
  if (merged.fingerprint !== record.fingerprint)
    throw corrupt(mergedFile(out), 'does not belong to the run in run.json');
  return new FinishedRun(out, record, merged.shards);
}

/** Called once every table is in place. @param shards ids in the order of the tables */
export async function writeMerged(
  out: string,
  fingerprint: string,
  shards: readonly string[],
): Promise<void> {
  await replaceFile(out, 'shards.json', (temporary) =>
    writeTextFile(temporary, [`${JSON.stringify({ fingerprint, shards }, null, 1)}\n`]),
  );
}

function readJson<T>(path: string): T {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as T;
  } catch (thrown) {
    throw corrupt(path, `cannot be read: ${(thrown as Error).message}`);
  }
}

const corrupt = (path: string, why: string): UndertoneError =>
  new UndertoneError('corrupt_output', path, `"${path}" ${why}`);

/** Longer than any header: some hundred columns. */
const HEADER_BYTES = 1 << 16;

function firstLine(path: string): string {
  const bytes = Buffer.alloc(HEADER_BYTES);
  let length = 0;
  try {
    const descriptor = openSync(path, 'r');
    try {
      length = readSync(descriptor, bytes);
    } finally {
      closeSync(descriptor);
    }
  } catch (thrown) {
    throw corrupt(path, `cannot be read: ${(thrown as Error).message}`);
  }
  const end = bytes.subarray(0, length).indexOf('\r\n');
  if (end < 0) throw corrupt(path, 'has no header');
  return bytes.toString('utf8', 0, end);
}

/** Committed shards → the merged tables. Reads only parts named by a COMMIT, and checks every digest and count. */
import { join } from 'node:path';
import { type Commit, type Manifest, type PlannedShard, sha256File, UndertoneError } from '@undertone/shared';
import { partRows } from '../sink/rows.js';
import type { Sink, SinkOptions } from '../sink/sink.js';
import type { Table } from '../sink/table.js';
import { shardFolder } from './layout.js';
import { replaceFile } from './ledger.js';

export interface CommittedShard {
  readonly shard: PlannedShard;
  readonly commit: Commit;
}

/** Paths of a table's parts in plan order. @throws UndertoneError corrupt_output when a part is not what was committed */
export async function checkedParts(
  out: string,
  shards: readonly CommittedShard[],
  table: string,
): Promise<string[]> {
  const paths: string[] = [];
  for (const { shard, commit } of shards) {
    const part = commit.parts.find((one) => one.table === table);
    const path = join(shardFolder(out, shard.id), part?.file ?? `part.${table}.csv`);
    if (!part || (await digestOrNone(path)) !== part.sha256) {
      throw new UndertoneError(
        'corrupt_output',
        path,
        `"${path}" is missing or does not match its digest: delete its shard folder and run again`,
      );
    }
    paths.push(path);
  }
  return paths;
}

async function digestOrNone(path: string): Promise<string | null> {
  try {
    return await sha256File(path);
  } catch {
    return null;
  }
}

export async function mergeTable(
  out: string,
  table: Table,
  parts: readonly string[],
  sinks: readonly Sink[],
  options: SinkOptions,
): Promise<void> {
  for (const sink of sinks) {
    await replaceFile(out, `${table.name}.${sink.extension}`, (temporary) =>
      sink.write(table, parts, temporary, options),
    );
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

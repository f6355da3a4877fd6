/** The bytes that every merged file should have, made again from the shards. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sha256File, sha256Hex, UndertoneError } from '@undertone/shared';
import { writeErrorsTable } from '../sink/errors.js';
import { SINKS } from '../sink/registry.js';
import { commitFile } from './layout.js';
import { wholeCommit } from './ledger.js';
import { type MergeSpec, partPaths } from './merge.js';
import type { Plan } from './plan-file.js';

export interface Rederived {
  readonly name: string;
  readonly sha256: string;
}

/** One file at a time, in a temporary folder that is gone at the end. Every shard has to be committed. */
export async function* rederive(out: string, plan: Plan, spec: MergeSpec): AsyncGenerator<Rederived> {
  const folder = mkdtempSync(join(tmpdir(), 'undertone-verify-'));
  const target = join(folder, 'table');
  const made = async (name: string): Promise<Rederived> => {
    const sha256 = await sha256File(target);
    rmSync(target);
    return { name, sha256 };
  };
  try {
    for (const { table, formats } of spec.tables) {
      const { parts, rows } = committedParts(out, plan, table.name);
      for (const sink of formats.map((format) => SINKS[format])) {
        await sink.write(table, parts, target, { excelBom: spec.excelBom, metadata: spec.metadata, rows });
        yield await made(`${table.name}.${sink.extension}`);
      }
      if (table.name === spec.recordTable) {
        writeErrorsTable(table, spec.errorColumns, parts, target, spec.excelBom);
        yield await made('errors.csv');
      }
    }
    for (const [name, text] of Object.entries(spec.files)) yield { name, sha256: sha256Hex(text) };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function committedParts(out: string, plan: Plan, table: string): { parts: string[]; rows: number } {
  const parts: string[] = [];
  let rows = 0;
  for (const { id } of plan.shards) {
    const commit = wholeCommit(out, id, commitFile(out, id));
    if (!commit) throw new UndertoneError('corrupt_output', id, `Shard ${id} is not committed`);
    for (const { path } of partPaths(out, commit, [table])) parts.push(path);
    rows += commit.parts.find((part) => part.table === table)?.rows ?? 0;
  }
  return { parts, rows };
}

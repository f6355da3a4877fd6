/** Reads canonical part files back, one part in memory at a time. */
import { readFileSync } from 'node:fs';
import { parse } from 'csv-parse/sync';
import type { Table } from './table.js';

/** Every row as raw texts in column order; '' is an empty cell. */
export function* partRows(table: Table, parts: readonly string[]): Generator<string[]> {
  const header = table.columns.map((column) => column.name).join(',');
  for (const part of parts) {
    const rows: string[][] = parse(readFileSync(part), { relax_column_count: false });
    if (rows[0]?.join(',') !== header) throw new Error(`Part ${part} does not hold table ${table.name}`);
    yield* rows.slice(1);
  }
}

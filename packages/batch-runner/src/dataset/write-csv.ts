/** A table of the house form that no run stands behind: whole or not there. */
import { basename, dirname } from 'node:path';
import { asOutputTrouble, type Row } from '@undertone/shared';
import { replaceFile } from '../commit/durable.js';
import { csvLines } from '../sink/csv.js';
import { cellText, type Table } from '../sink/table.js';
import { writeTextFile } from '../sink/text-file.js';

/** @throws UndertoneError output_unwritable */
export async function writeCsv(path: string, table: Table, rows: Iterable<Row>): Promise<void> {
  const folder = dirname(path);
  function* cells(): Generator<string[]> {
    for (const row of rows) yield table.columns.map((column) => cellText(column, row[column.name] ?? null));
  }
  try {
    await replaceFile(folder, basename(path), (temporary) =>
      writeTextFile(temporary, csvLines(table, cells(), false)),
    );
  } catch (thrown) {
    throw asOutputTrouble(thrown, folder);
  }
}

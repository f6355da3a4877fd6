/** errors.csv: the rows of the files table that are not ok, always CSV, so that trouble is found without a tool. */
import { csvLines } from './csv.js';
import { partRows } from './rows.js';
import type { Table } from './table.js';
import { writeTextFile } from './text-file.js';

export function writeErrorsTable(
  files: Table,
  parts: readonly string[],
  target: string,
  excelBom: boolean,
): void {
  const status = files.columns.findIndex((column) => column.name === 'status');
  function* notOk(): Generator<string[]> {
    for (const cells of partRows(files, parts)) {
      if (cells[status] !== 'ok') yield cells;
    }
  }
  writeTextFile(target, csvLines(files, notOk(), excelBom));
}

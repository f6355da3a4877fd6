/** errors.csv: the rows of the files table that are not ok, always CSV, so that trouble is found without a tool. */
import { csvLines } from './csv.js';
import { partRows } from './rows.js';
import type { Table } from './table.js';
import { writeTextFile } from './text-file.js';

/** @param shown how many of the first columns are written: the values of a file that failed say nothing */
export function writeErrorsTable(
  files: Table,
  shown: number,
  parts: readonly string[],
  target: string,
  excelBom: boolean,
): void {
  const status = files.columns.findIndex((column) => column.name === 'status');
  function* notOk(): Generator<string[]> {
    for (const cells of partRows(files, parts)) {
      if (cells[status] !== 'ok') yield cells.slice(0, shown);
    }
  }
  const columns = files.columns.slice(0, shown);
  writeTextFile(target, csvLines({ ...files, columns }, notOk(), excelBom));
}

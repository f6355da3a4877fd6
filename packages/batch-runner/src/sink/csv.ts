/** RFC 4180 CSV with a formula guard: spreadsheets evaluate cells that begin with = + - @ even when quoted. */
import { partRows } from './rows.js';
import type { Sink } from './sink.js';
import { csvHeader, quoted, type Table } from './table.js';
import { writeTextFile } from './text-file.js';

const formula = /^[=+\-@\t\r]/;

export const csv: Sink = {
  extension: 'csv',
  async write(table, parts, target, { excelBom }) {
    writeTextFile(target, csvLines(table, partRows(table, parts), excelBom));
  },
};

/** @param rows raw cells in column order */
export function* csvLines(
  table: Table,
  rows: Iterable<readonly string[]>,
  excelBom: boolean,
): Generator<string> {
  yield (excelBom ? '\uFEFF' : '') + csvHeader(table);
  const isText = table.columns.map((column) => column.kind === 'text');
  for (const cells of rows) {
    yield `${cells.map((cell, i) => quoted(isText[i] && formula.test(cell) ? `'${cell}` : cell)).join(',')}\r\n`;
  }
}

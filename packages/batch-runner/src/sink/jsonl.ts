/** One JSON object a line: raw text, numbers as in the CSV, null for empty cells. */
import { partRows } from './rows.js';
import type { Sink } from './sink.js';
import type { Table } from './table.js';
import { writeTextFile } from './text-file.js';

export const jsonl: Sink = {
  extension: 'jsonl',
  async write(table, parts, target) {
    writeTextFile(target, lines(table, parts));
  },
};

function* lines(table: Table, parts: readonly string[]): Generator<string> {
  for (const cells of partRows(table, parts)) {
    const fields = table.columns.map((column, i) => {
      const cell = cells[i] ?? '';
      const value = cell === '' ? 'null' : column.kind === 'text' ? JSON.stringify(cell) : cell;
      return `${JSON.stringify(column.name)}:${value}`;
    });
    yield `{${fields.join(',')}}\n`;
  }
}

/** Reads canonical part files back: pieces of them in memory, however long they are. */
import { closeSync, openSync, readSync } from 'node:fs';
import { csvHeader, type Table } from './table.js';
import { writeAll } from './text-file.js';

const PIECE_BYTES = 1 << 20;
const QUOTE = 0x22;
const LINE_FEED = 0x0a;

/**
 * Every row as raw texts in column order; '' is an empty cell. The form is that of `csvRow`: quotes only around cells
 * that need them, CRLF at the end of every row.
 * @throws Error for a part that is of another table or ends inside a row
 */
export function* partRows(table: Table, parts: readonly string[]): Generator<string[]> {
  const header = table.columns.map((column) => column.name).join(',');
  for (const part of parts) {
    let first = true;
    for (const line of lines(part)) {
      if (first && line !== header) throw new Error(`Part ${part} does not hold table ${table.name}`);
      if (!first) {
        const cells = cellsOf(line);
        if (cells.length !== table.columns.length)
          throw new Error(`Part ${part} has a row of ${cells.length} cells for table ${table.name}`);
        yield cells;
      }
      first = false;
    }
    if (first) throw new Error(`Part ${part} does not hold table ${table.name}`);
  }
}

/** One file with the rows of all parts, headers but the first left out. */
export function joinParts(table: Table, parts: readonly string[], target: string): void {
  const header = Buffer.from(csvHeader(table));
  const to = openSync(target, 'w');
  try {
    writeAll(to, header);
    const piece = Buffer.allocUnsafe(PIECE_BYTES);
    for (const part of parts) {
      const from = openSync(part, 'r');
      try {
        let at = header.length;
        for (let read = readSync(from, piece, 0, PIECE_BYTES, at); read > 0; ) {
          writeAll(to, piece.subarray(0, read));
          at += read;
          read = readSync(from, piece, 0, PIECE_BYTES, at);
        }
      } finally {
        closeSync(from);
      }
    }
  } finally {
    closeSync(to);
  }
}

function cellsOf(line: string): string[] {
  if (!line.includes('"')) return line.split(',');
  const cells: string[] = [];
  for (let at = 0; at <= line.length; ) {
    if (line[at] !== '"') {
      const comma = line.indexOf(',', at);
      const end = comma < 0 ? line.length : comma;
      cells.push(line.slice(at, end));
      at = end + 1;
      continue;
    }
    let end = line.indexOf('"', at + 1);
    while (line[end + 1] === '"') end = line.indexOf('"', end + 2);
    if (end < 0) throw new Error('A quoted cell has no end');
    cells.push(line.slice(at + 1, end).replaceAll('""', '"'));
    at = end + 2;
  }
  return cells;
}

/** Rows without their CRLF; line ends inside quotes belong to the cell. */
function* lines(path: string): Generator<string> {
  const descriptor = openSync(path, 'r');
  try {
    let bytes = Buffer.alloc(0);
    for (;;) {
      // Where a row was cut, it is looked at again from its start: rows are short beside a piece.
      const piece = Buffer.allocUnsafe(PIECE_BYTES);
      const read = readSync(descriptor, piece);
      if (read === 0) break;
      bytes = Buffer.concat([bytes, piece.subarray(0, read)]);
      let start = 0;
      let inQuotes = false;
      for (let at = 0; at < bytes.length; ++at) {
        const byte = bytes[at];
        if (byte === QUOTE) inQuotes = !inQuotes;
        else if (byte === LINE_FEED && !inQuotes) {
          yield bytes.toString('utf8', start, at - 1);
          start = at + 1;
        }
      }
      bytes = bytes.subarray(start);
    }
    if (bytes.length > 0) throw new Error(`Part ${path} ends inside a row`);
  } finally {
    closeSync(descriptor);
  }
}

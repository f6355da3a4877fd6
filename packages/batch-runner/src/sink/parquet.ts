/** Parquet with typed columns and ZSTD, written by DuckDB from the canonical parts. */
import { rmSync } from 'node:fs';
import { joinParts } from './rows.js';
import type { Sink } from './sink.js';
import type { Column, Table } from './table.js';

export const parquet: Sink = {
  extension: 'parquet',
  async write(table, parts, target, { metadata, rows }) {
    // Loaded when asked for: it is large, and most runs write CSV alone.
    const { DuckDBInstance } = await import('@duckdb/node-api');
    // One file in front of DuckDB: thousands of them cost it kilobytes each and most of the time.
    const joined = `${target}.csv`;
    // One thread and insertion order: the same rows give the same bytes.
    const instance = await DuckDBInstance.create(':memory:', {
      threads: '1',
      preserve_insertion_order: 'true',
      memory_limit: MEMORY_LIMIT,
    });
    const connection = await instance.connect();
    try {
      joinParts(table, parts, joined);
      const copied = await connection.runAndReadAll(copyStatement(table, joined, target, metadata));
      const count = Number(copied.getRows()[0]?.[0]);
      if (count !== rows) throw new Error(`Parquet took ${count} of the ${rows} rows of table ${table.name}`);
    } finally {
      connection.closeSync();
      instance.closeSync();
      rmSync(joined, { force: true });
    }
  },
};

const MEMORY_LIMIT = '250MB';
/** A row group is in memory until it is whole: at most this many rows, and this many cells where rows are long. */
const GROUP_ROWS = 30_720;
const GROUP_CELLS = 4_000_000;
/** Of the joined CSV; a row has to fit. */
const READ_BYTES = 4 << 20;
/** DuckDB's vectors; a row group holds whole ones. */
const VECTOR_ROWS = 2048;

function groupRows(table: Table): number {
  const vectors = Math.floor(GROUP_CELLS / table.columns.length / VECTOR_ROWS);
  return Math.min(GROUP_ROWS, Math.max(1, vectors) * VECTOR_ROWS);
}

const literal = (value: string): string => `'${value.replaceAll("'", "''")}'`;

function copyStatement(
  table: Table,
  source: string,
  target: string,
  metadata: Readonly<Record<string, string>>,
): string {
  const columns = table.columns.map((column) => `${literal(column.name)}: '${sqlType(column)}'`).join(', ');
  const rows =
    `read_csv(${literal(source)}, columns = {${columns}}, header = true, auto_detect = false, ` +
    `delim = ',', quote = '"', escape = '"', nullstr = '', new_line = '\\r\\n', parallel = false, ` +
    `buffer_size = ${READ_BYTES}, max_line_size = ${READ_BYTES})`;
  const pairs = Object.entries(metadata).map(([key, value]) => `${literal(key)}: ${literal(value)}`);
  const keyValues = pairs.length ? `, KV_METADATA {${pairs.join(', ')}}` : '';
  return `COPY (SELECT * FROM ${rows}) TO ${literal(target)} (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE ${groupRows(table)}${keyValues})`;
}

function sqlType(column: Column): string {
  switch (column.kind) {
    case 'text':
      return 'VARCHAR';
    case 'integer':
      return 'BIGINT';
    case 'decimal':
      return 'DOUBLE';
    case 'float32':
      return 'FLOAT';
  }
}

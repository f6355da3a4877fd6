/** Parquet with typed columns and ZSTD, written by DuckDB straight from the canonical parts. */
import type { Sink } from './sink.js';
import type { Column, Table } from './table.js';

export const parquet: Sink = {
  extension: 'parquet',
  async write(table, parts, target, { metadata, rows }) {
    // Loaded when asked for: it is large, and most runs write CSV alone.
    const { DuckDBInstance } = await import('@duckdb/node-api');
    // One thread and insertion order: the same rows give the same bytes.
    const instance = await DuckDBInstance.create(':memory:', {
      threads: '1',
      preserve_insertion_order: 'true',
    });
    const connection = await instance.connect();
    try {
      const copied = await connection.runAndReadAll(copyStatement(table, parts, target, metadata));
      const count = Number(copied.getRows()[0]?.[0]);
      if (count !== rows) throw new Error(`Parquet took ${count} of the ${rows} rows of table ${table.name}`);
    } finally {
      connection.closeSync();
      instance.closeSync();
    }
  },
};

const literal = (value: string): string => `'${value.replaceAll("'", "''")}'`;

function copyStatement(
  table: Table,
  parts: readonly string[],
  target: string,
  metadata: Readonly<Record<string, string>>,
): string {
  const columns = table.columns.map((column) => `${literal(column.name)}: '${sqlType(column)}'`).join(', ');
  const source =
    `read_csv([${parts.map(literal).join(', ')}], columns = {${columns}}, header = true, auto_detect = false, ` +
    `delim = ',', quote = '"', escape = '"', nullstr = '', new_line = '\\r\\n', parallel = false)`;
  const pairs = Object.entries(metadata).map(([key, value]) => `${literal(key)}: ${literal(value)}`);
  const keyValues = pairs.length ? `, KV_METADATA {${pairs.join(', ')}}` : '';
  return `COPY (SELECT * FROM ${source}) TO ${literal(target)} (FORMAT parquet, COMPRESSION zstd${keyValues})`;
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

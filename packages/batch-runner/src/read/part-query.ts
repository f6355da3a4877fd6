/** SQL over committed parts: DuckDB reads them in its own bounded memory, rows come out in the order of the table. */
import type { DuckDBConnection, DuckDBInstance, DuckDBValue } from '@duckdb/node-api';
import { UndertoneError } from '@undertone/shared';
import type { CommittedTable } from '../commit/finished-run.js';

/** What a row of a query may hold here; integers are asked for as DOUBLE. */
export type Value = string | number | null;

/** Parts in one statement: its text stays short for archives of any size. */
const PARTS_AT_ONCE = 256;

/** Above this DuckDB puts what it groups by on disk. */
const MEMORY_LIMIT = '512MB';

export class PartQuery {
  private constructor(
    readonly instance: DuckDBInstance,
    readonly connections: DuckDBConnection[],
  ) {}

  /** @param spill folder for groups that do not fit into memory; DuckDB makes it and takes it away again */
  static async open(spill: string): Promise<PartQuery> {
    // Loaded when asked for: it is large, and most commands do without.
    const { DuckDBInstance } = await import('@duckdb/node-api');
    const instance = await DuckDBInstance.create(':memory:', {
      threads: '1',
      preserve_insertion_order: 'true',
      memory_limit: MEMORY_LIMIT,
      temp_directory: spill,
    });
    return new PartQuery(instance, []);
  }

  close(): void {
    for (const connection of this.connections) connection.closeSync();
    this.instance.closeSync();
  }

  /**
   * The rows of a whole table, in its order, in pieces.
   * @param expressions SQL over the columns, all of which are VARCHAR
   * @throws UndertoneError corrupt_output when the parts hold more or fewer rows than were committed
   */
  async *rows(table: CommittedTable, expressions: readonly string[]): AsyncGenerator<Value[][]> {
    // A streamed result holds its connection until it is read.
    const connection = await this.#connect();
    let count = 0;
    for (let first = 0; first < table.parts.length; first += PARTS_AT_ONCE) {
      const source = partsSource(table.columns, table.parts.slice(first, first + PARTS_AT_ONCE));
      const result = await connection.stream(`SELECT ${expressions.join(', ')} FROM ${source}`);
      for await (const rows of result.yieldRows()) {
        count += rows.length;
        yield rows as Value[][];
      }
    }
    if (count !== table.rows) {
      const [part = ''] = table.parts;
      throw new UndertoneError('corrupt_output', part, `The parts hold ${count} of the ${table.rows} rows`);
    }
  }

  /** Every row of a result at once. */
  async all(sql: string): Promise<Record<string, Value>[]> {
    const connection = this.connections[0] ?? (await this.#connect());
    const reader = await connection.runAndReadAll(sql);
    return reader.getRowObjects() as Record<string, DuckDBValue>[] as Record<string, Value>[];
  }

  async #connect(): Promise<DuckDBConnection> {
    const connection = await this.instance.connect();
    this.connections.push(connection);
    return connection;
  }
}

export const literal = (value: string): string => `'${value.replaceAll("'", "''")}'`;

/** A FROM clause over canonical parts; every column is VARCHAR, an empty cell is NULL. */
export function partsSource(columns: readonly string[], parts: readonly string[]): string {
  const types = columns.map((name) => `${literal(name)}: 'VARCHAR'`).join(', ');
  return (
    `read_csv([${parts.map(literal).join(', ')}], columns = {${types}}, header = true, auto_detect = false, ` +
    `delim = ',', quote = '"', escape = '"', nullstr = '', new_line = '\\r\\n', parallel = false)`
  );
}

/** What an output format does: make one file from the part files of a table. */
import type { Table } from './table.js';

export interface SinkOptions {
  readonly excelBom: boolean;
  /** Rows that the parts hold together. */
  readonly rows: number;
  /** JSON for formats that carry metadata; holds nothing that differs between equal runs. */
  readonly metadata: Readonly<Record<string, string>>;
}

export interface Sink {
  readonly extension: string;
  /**
   * Writes `target` (a temporary name; the caller syncs and renames it) from canonical CSV parts, in their order.
   * @param parts paths of the parts, digests already checked
   */
  write(table: Table, parts: readonly string[], target: string, options: SinkOptions): Promise<void>;
}

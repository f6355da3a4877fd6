/**
 * Part files: rows in canonical CSV (raw text, no formula guard, header once), the form that every output format is
 * made from at merge. Adding a format to a finished run therefore costs no labelling.
 */

import { createHash } from 'node:crypto';
import { closeSync, fsyncSync, openSync, writeSync } from 'node:fs';
import type { CommittedPart, Row } from '@undertone/shared';
import { csvHeader, csvRow, type Table } from './table.js';

/** Rows are handed to the system in pieces of about this size. */
const FLUSH_BYTES = 1 << 18;

export class PartWriter {
  /** null once closed. */
  #descriptor: number | null;
  readonly #hash = createHash('sha256');
  #pending: string;
  #rows = 0;
  #bytes = 0;

  constructor(
    readonly table: Table,
    readonly file: string,
    path: string,
  ) {
    this.#descriptor = openSync(path, 'wx');
    this.#pending = csvHeader(table);
  }

  write(row: Row): void {
    this.#pending += csvRow(this.table, row);
    this.#rows += 1;
    if (this.#pending.length >= FLUSH_BYTES) this.#flush();
  }

  /** Writes what is left, forces it to disk and closes the file. */
  finish(): CommittedPart {
    this.#flush();
    if (this.#descriptor !== null) fsyncSync(this.#descriptor);
    this.close();
    return {
      table: this.table.name,
      file: this.file,
      rows: this.#rows,
      bytes: this.#bytes,
      sha256: this.#hash.digest('hex'),
    };
  }

  close(): void {
    if (this.#descriptor !== null) closeSync(this.#descriptor);
    this.#descriptor = null;
  }

  #flush(): void {
    if (this.#descriptor === null) throw new Error(`Part ${this.file} is closed`);
    const bytes = Buffer.from(this.#pending, 'utf8');
    for (let done = 0; done < bytes.length; ) done += writeSync(this.#descriptor, bytes, done);
    this.#hash.update(bytes);
    this.#bytes += bytes.length;
    this.#pending = '';
  }
}

/**
 * A worker's try at a shard: part files in a folder of its own, then one COMMIT.json created only if absent.
 * The first committer wins; a late twin deletes its own files. Nothing is ever written at its final name.
 */
import { randomUUID } from 'node:crypto';
import { closeSync, fsyncSync, linkSync, mkdirSync, openSync, rmSync, unlinkSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { Commit, Row } from '@undertone/shared';
import { PartWriter } from '../sink/part.js';
import type { Table } from '../sink/table.js';
import { shardFolder } from './layout.js';

export class Attempt {
  readonly #id = randomUUID();
  readonly #shardFolder: string;
  readonly #folder: string;
  readonly #parts: ReadonlyMap<string, PartWriter>;

  constructor(
    out: string,
    readonly shard: string,
    tables: readonly Table[],
  ) {
    this.#shardFolder = shardFolder(out, shard);
    const name = `.attempt-${this.#id}`;
    this.#folder = join(this.#shardFolder, name);
    mkdirSync(this.#folder, { recursive: true });
    this.#parts = new Map(
      tables.map((table) => {
        const file = `${name}/part.${table.name}.csv`;
        return [table.name, new PartWriter(table, file, join(this.#shardFolder, file))];
      }),
    );
  }

  write(table: string, row: Row): void {
    const part = this.#parts.get(table);
    if (!part) throw new Error(`No part for table ${table}`);
    part.write(row);
  }

  /** @returns false when another attempt had committed the shard first */
  commit(summary: Omit<Commit, 'shard' | 'attempt' | 'parts'>): boolean {
    const parts = [...this.#parts.values()].map((part) => part.finish());
    syncFolder(this.#folder);
    const commit: Commit = { shard: this.shard, attempt: this.#id, parts, ...summary };
    const draft = join(this.#folder, 'COMMIT.json');
    writeSynced(draft, `${JSON.stringify(commit, null, 1)}\n`);
    try {
      linkSync(draft, join(this.#shardFolder, 'COMMIT.json'));
    } catch (thrown) {
      if ((thrown as NodeJS.ErrnoException).code !== 'EEXIST') throw thrown;
      this.#remove();
      return false;
    }
    unlinkSync(draft);
    syncFolder(this.#shardFolder);
    return true;
  }

  abandon(): void {
    for (const part of this.#parts.values()) part.close();
    this.#remove();
  }

  #remove(): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

function writeSynced(path: string, text: string): void {
  const descriptor = openSync(path, 'wx');
  try {
    writeSync(descriptor, text);
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

/** A file's name is durable only once its folder is. */
export function syncFolder(folder: string): void {
  const descriptor = openSync(folder, 'r');
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

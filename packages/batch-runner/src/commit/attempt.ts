/**
 * A worker's try at a shard: part files in a folder of its own, then one COMMIT.json created only if absent.
 * The first committer wins; a late twin deletes its own files. Nothing is ever written at its final name.
 */
import { randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Commit, CommittedPart, Row } from '@undertone/shared';
import { PartWriter } from '../sink/part.js';
import type { Table } from '../sink/table.js';
import { makeSubfolder, nameIfAbsent, syncFolder, writeSynced } from './durable.js';
import { shardFolder } from './layout.js';

/** A folder of a try's own, and the race for the shard's COMMIT.json. */
export class AttemptFolder {
  readonly id = randomUUID();
  readonly #shardFolder: string;
  /** Below the shard's folder. */
  readonly name = `.attempt-${this.id}`;
  readonly path: string;

  constructor(
    out: string,
    readonly shard: string,
  ) {
    this.#shardFolder = shardFolder(out, shard);
    this.path = join(this.#shardFolder, this.name);
    makeSubfolder(this.#shardFolder);
    mkdirSync(this.path);
  }

  /**
   * @param parts synced files in this folder
   * @returns false when another attempt had committed the shard first
   */
  commit(parts: readonly CommittedPart[], summary: Omit<Commit, 'shard' | 'attempt' | 'parts'>): boolean {
    const target = join(this.#shardFolder, 'COMMIT.json');
    const commit: Commit = { shard: this.shard, attempt: this.id, parts, ...summary };
    const draft = join(this.path, 'COMMIT.json');
    try {
      syncFolder(this.path);
      // The folder's own name has to be durable before a commit speaks of it.
      syncFolder(this.#shardFolder);
      writeSynced(draft, `${JSON.stringify(commit, null, 1)}\n`);
      if (nameIfAbsent(draft, target)) return true;
    } catch (thrown) {
      // A merge that found the shard committed by another takes the files of every other attempt away.
      if ((thrown as NodeJS.ErrnoException).code !== 'ENOENT' || !existsSync(target)) throw thrown;
    }
    this.remove();
    return false;
  }

  remove(): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}

export class Attempt {
  readonly #folder: AttemptFolder;
  readonly #parts: ReadonlyMap<string, PartWriter>;
  #finished: readonly CommittedPart[] | null = null;

  constructor(
    out: string,
    readonly shard: string,
    tables: readonly Table[],
  ) {
    this.#folder = new AttemptFolder(out, shard);
    this.#parts = new Map(
      tables.map((table) => {
        const file = `part.${table.name}.csv`;
        const { name, path } = this.#folder;
        return [table.name, new PartWriter(table, `${name}/${file}`, join(path, file))];
      }),
    );
  }

  write(table: string, row: Row): void {
    const part = this.#parts.get(table);
    if (!part) throw new Error(`No part for table ${table}`);
    part.write(row);
  }

  /** Forces every row to disk, once; then no more can be written. */
  finish(): readonly CommittedPart[] {
    this.#finished ??= [...this.#parts.values()].map((part) => part.finish());
    return this.#finished;
  }

  /** @returns false when another attempt had committed the shard first */
  commit(summary: Omit<Commit, 'shard' | 'attempt' | 'parts'>): boolean {
    return this.#folder.commit(this.finish(), summary);
  }

  abandon(): void {
    for (const part of this.#parts.values()) part.close();
    this.#folder.remove();
  }
}

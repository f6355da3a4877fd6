/**
 * Recordings that end the program or never end themselves: noted in the output folder before their row is written, so
 * that every later run of that folder leaves them alone. One file a recording, since several machines may share the folder.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ManifestRecord, RecordErrorCode } from '@undertone/shared';
import { writeTextFile } from '../sink/text-file.js';
import { makeFolder, replaceFile } from './durable.js';

export interface QuarantineNote {
  readonly record: string;
  readonly file: string;
  /** A recording that has changed since is another one. */
  readonly mtimeMs: number;
  readonly code: Extract<RecordErrorCode, 'crash' | 'timeout'>;
  readonly message: string;
  /** Its header could not even be read: it counts as having no length in the plan. */
  readonly unprobed: boolean;
}

export class Quarantine {
  readonly #folder: string;
  readonly #notes = new Map<string, QuarantineNote>();

  constructor(out: string) {
    this.#folder = join(out, 'quarantine');
    if (!existsSync(this.#folder)) return;
    for (const name of readdirSync(this.#folder).filter((one) => /^[0-9a-f]{16}\.json$/.test(one))) {
      const note = JSON.parse(readFileSync(join(this.#folder, name), 'utf8')) as QuarantineNote;
      this.#notes.set(note.record, note);
    }
  }

  get holdsUnprobed(): boolean {
    return [...this.#notes.values()].some((note) => note.unprobed);
  }

  noteOf(record: ManifestRecord): QuarantineNote | null {
    const note = this.#notes.get(record.id);
    return note && note.mtimeMs === record.mtimeMs ? note : null;
  }

  /** The record, with the failure that is noted of it. */
  apply(record: ManifestRecord): ManifestRecord {
    const note = this.#notes.size > 0 ? this.noteOf(record) : null;
    return note ? { ...record, scanError: { code: note.code, message: note.message } } : record;
  }

  /** Durable when it returns. */
  async add(note: QuarantineNote): Promise<void> {
    makeFolder(this.#folder);
    await replaceFile(this.#folder, `${note.record}.json`, (temporary) =>
      writeTextFile(temporary, [`${JSON.stringify(note, null, 1)}\n`]),
    );
    this.#notes.set(note.record, note);
  }
}

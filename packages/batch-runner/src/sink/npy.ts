/**
 * NumPy's .npy format 1.0 for one float32 matrix in C order, written row by row: the header is a fixed 128 bytes and
 * is written last. The file has its name only once it is whole and synced; until then it lies in `.npy-partial`, which
 * goes when a run is complete.
 */

import { randomUUID } from 'node:crypto';
import { closeSync, fsyncSync, mkdirSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import { dirname, join } from 'node:path';

const HEADER_BYTES = 128;

export const partialFolder = (out: string): string => join(out, '.npy-partial');

export class NpyWriter {
  readonly #path: string;
  readonly #temporary: string;
  /** null once closed. */
  #descriptor: number | null;
  #bytes = HEADER_BYTES;

  /** @param name path below the output folder */
  constructor(
    out: string,
    name: string,
    readonly columns: number,
  ) {
    this.#path = join(out, name);
    this.#temporary = join(partialFolder(out), randomUUID());
    mkdirSync(partialFolder(out), { recursive: true });
    this.#descriptor = openSync(this.#temporary, 'wx');
  }

  /** @param values rows × columns */
  write(values: Float32Array): void {
    this.#writeAt(this.#bytes, new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
    this.#bytes += values.byteLength;
  }

  finish(): void {
    this.#writeAt(0, header((this.#bytes - HEADER_BYTES) / 4 / this.columns, this.columns));
    fsyncSync(this.#open());
    this.#close();
    const folder = dirname(this.#path);
    const made = mkdirSync(folder, { recursive: true });
    renameSync(this.#temporary, this.#path);
    syncFolder(folder);
    // A new folder's own name stands in the one above it.
    for (let inner = folder; made && inner.startsWith(made); inner = dirname(inner))
      syncFolder(dirname(inner));
  }

  abandon(): void {
    this.#close();
    rmSync(this.#temporary, { force: true });
  }

  #writeAt(place: number, bytes: Uint8Array): void {
    for (let done = 0; done < bytes.length; )
      done += writeSync(this.#open(), bytes, done, bytes.length - done, place + done);
  }

  #open(): number {
    if (this.#descriptor === null) throw new Error(`Matrix ${this.#path} is closed`);
    return this.#descriptor;
  }

  #close(): void {
    if (this.#descriptor !== null) closeSync(this.#descriptor);
    this.#descriptor = null;
  }
}

function syncFolder(folder: string): void {
  const descriptor = openSync(folder, 'r');
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

function header(rows: number, columns: number): Buffer {
  const dictionary = `{'descr': '<f4', 'fortran_order': False, 'shape': (${rows}, ${columns}), }`;
  const bytes = Buffer.alloc(HEADER_BYTES, ' ');
  bytes.write('\x93NUMPY\x01\x00', 0, 'latin1');
  bytes.writeUInt16LE(HEADER_BYTES - 10, 8);
  bytes.write(dictionary, 10, 'latin1');
  bytes.write('\n', HEADER_BYTES - 1, 'latin1');
  return bytes;
}

/**
 * NumPy's .npy format 1.0 for one float32 matrix in C order, written row by row: the header is a fixed 128 bytes and
 * gets its shape at the end. The file has its name only once it is whole.
 */

import { randomUUID } from 'node:crypto';
import { closeSync, mkdirSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import { dirname, join } from 'node:path';

const HEADER_BYTES = 128;

export class NpyWriter {
  readonly #temporary: string;
  readonly #descriptor: number;
  #rows = 0;

  constructor(
    readonly path: string,
    readonly columns: number,
  ) {
    mkdirSync(dirname(path), { recursive: true });
    // Not the name with something behind it: that could be longer than a name may be.
    this.#temporary = join(dirname(path), `.undertone-${randomUUID()}`);
    this.#descriptor = openSync(this.#temporary, 'wx');
    writeSync(this.#descriptor, header(0, columns));
  }

  /** @param values rows × columns */
  write(values: Float32Array): void {
    const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
    for (let done = 0; done < bytes.length; ) done += writeSync(this.#descriptor, bytes, done);
    this.#rows += values.length / this.columns;
  }

  finish(): void {
    writeSync(this.#descriptor, header(this.#rows, this.columns), 0, HEADER_BYTES, 0);
    closeSync(this.#descriptor);
    renameSync(this.#temporary, this.path);
  }

  abandon(): void {
    closeSync(this.#descriptor);
    rmSync(this.#temporary, { force: true });
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

/** Reads NumPy's .npy: version 1, little-endian float32, C order, two dimensions, and nothing else. */
import { readFileSync } from 'node:fs';

export interface Matrix {
  readonly values: Float32Array;
  readonly rows: number;
  readonly columns: number;
}

export function readNpy(path: string): Matrix {
  const file = readFileSync(path);
  const headerEnd = 10 + file.readUInt16LE(8);
  const header = file.toString('latin1', 10, headerEnd);
  const shape = /'shape': \((\d+), (\d+)\)/.exec(header);
  if (!header.includes("'descr': '<f4', 'fortran_order': False") || !shape) {
    throw new Error(`${path}: not a C-order float32 matrix: ${header}`);
  }
  const values = new Float32Array(
    file.buffer.slice(file.byteOffset + headerEnd, file.byteOffset + file.length),
  );
  return { values, rows: Number(shape[1]), columns: Number(shape[2]) };
}

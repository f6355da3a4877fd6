/** The paths that the supervisor took from its standard input: ours is a file that several runners share. */
import { createReadStream } from 'node:fs';
import type { Readable } from 'node:stream';

/** With a start of its own: another runner may have read the file before, and processes share the place they read at. */
export function openStdin(): Readable {
  return createReadStream('', { fd: 0, start: 0, autoClose: false });
}

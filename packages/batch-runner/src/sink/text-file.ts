/** A text file written in large pieces and synced: what the text sinks share. */
import { closeSync, fsyncSync, openSync, writeSync } from 'node:fs';

export function writeTextFile(target: string, chunks: Iterable<string>): void {
  const descriptor = openSync(target, 'w');
  try {
    let pending = '';
    for (const chunk of chunks) {
      pending += chunk;
      if (pending.length >= 1 << 20) {
        writeAll(descriptor, pending);
        pending = '';
      }
    }
    writeAll(descriptor, pending);
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

function writeAll(descriptor: number, text: string): void {
  const bytes = Buffer.from(text, 'utf8');
  for (let done = 0; done < bytes.length; ) done += writeSync(descriptor, bytes, done);
}

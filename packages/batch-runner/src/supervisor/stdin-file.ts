/** Paths on standard input, kept so that every runner can read them from the start. */
import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** @returns the descriptor of a file without a name, so that nothing stays behind however this process ends */
export async function keepStdin(): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'undertone-stdin-'));
  try {
    const descriptor = openSync(join(folder, 'paths'), 'wx+');
    try {
      for await (const chunk of process.stdin as AsyncIterable<Buffer>) {
        for (let done = 0; done < chunk.length; ) done += writeSync(descriptor, chunk, done);
      }
      return descriptor;
    } catch (thrown) {
      closeSync(descriptor);
      throw thrown;
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
}

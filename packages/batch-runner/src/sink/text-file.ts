/** Text files written in large pieces and synced: what the text sinks and the exports share. */
import { closeSync, fsyncSync, openSync, writeSync } from 'node:fs';

/** Text is handed to the system in pieces of about this length. */
const FLUSH_LENGTH = 1 << 20;

export function writeTextFile(target: string, chunks: Iterable<string>): void {
  const writer = new TextWriter(target);
  try {
    for (const chunk of chunks) writer.write(chunk);
  } finally {
    writer.close();
  }
}

export class TextWriter {
  readonly #descriptor: number;
  #pending = '';

  constructor(target: string) {
    this.#descriptor = openSync(target, 'w');
  }

  write(text: string): void {
    this.#pending += text;
    if (this.#pending.length >= FLUSH_LENGTH) this.#flush();
  }

  /** Writes what is left and forces it to disk. */
  close(): void {
    try {
      this.#flush();
      fsyncSync(this.#descriptor);
    } finally {
      closeSync(this.#descriptor);
    }
  }

  #flush(): void {
    const bytes = Buffer.from(this.#pending, 'utf8');
    this.#pending = '';
    writeAll(this.#descriptor, bytes);
  }
}

/** What one call does not take, the next does. */
export function writeAll(descriptor: number, bytes: Uint8Array): void {
  for (let done = 0; done < bytes.length; ) done += writeSync(descriptor, bytes, done);
}

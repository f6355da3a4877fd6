/** Numbers that cross the thread border: progress out of the workers, the stop request into them. */

const FILES = 0;
const ERRORS = 1;
const DECODED_MS = 2;
const PROGRESS_MS = 3;
const STOP = 4;
const WORKERS = 5;
const SLOTS = 6;

export class Counters {
  readonly buffer: SharedArrayBuffer;
  readonly #slots: BigInt64Array;

  constructor(buffer = new SharedArrayBuffer(SLOTS * BigInt64Array.BYTES_PER_ELEMENT)) {
    this.buffer = buffer;
    this.#slots = new BigInt64Array(buffer);
  }

  addFile(error: boolean): void {
    Atomics.add(this.#slots, FILES, 1n);
    if (error) Atomics.add(this.#slots, ERRORS, 1n);
  }

  /** Seconds decoded now, which move both the speed and the progress. */
  addDecoded(seconds: number): void {
    const ms = BigInt(Math.round(seconds * 1000));
    Atomics.add(this.#slots, DECODED_MS, ms);
    Atomics.add(this.#slots, PROGRESS_MS, ms);
  }

  /** Brings the progress to what the plan had expected of a finished recording. */
  correctProgress(seconds: number): void {
    Atomics.add(this.#slots, PROGRESS_MS, BigInt(Math.round(seconds * 1000)));
  }

  /** A number for the calling worker, counted from 0: what it shares devices out by. */
  claimWorker(): number {
    return Number(Atomics.add(this.#slots, WORKERS, 1n));
  }

  requestStop(): void {
    Atomics.store(this.#slots, STOP, 1n);
  }

  get stopRequested(): boolean {
    return Atomics.load(this.#slots, STOP) === 1n;
  }

  read(): { files: number; errors: number; decodedSeconds: number; progressSeconds: number } {
    const at = (slot: number): number => Number(Atomics.load(this.#slots, slot));
    return {
      files: at(FILES),
      errors: at(ERRORS),
      decodedSeconds: at(DECODED_MS) / 1000,
      progressSeconds: at(PROGRESS_MS) / 1000,
    };
  }
}

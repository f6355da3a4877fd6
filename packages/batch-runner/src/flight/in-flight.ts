/**
 * What each worker is at, in a file without a name that the supervisor opened: it is still there when the worker's
 * process has crashed, and gone when the supervisor is. One slot a worker: beats, seconds, length of the text, text.
 */
import { closeSync, fstatSync, mkdtempSync, openSync, readSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export const PHASES = ['probe', 'decode', 'model'] as const;
/** Reading a header; decoding and features of one record; scoring windows of several. */
export type Phase = (typeof PHASES)[number];

export interface InFlight {
  readonly worker: number;
  readonly phase: Phase;
  /** Records of the manifest, both inclusive, whose work is under way: one, or those with windows in the batch. */
  readonly first: number;
  readonly last: number;
  /** The last one's name in the tables; its path while a header is read. */
  readonly file: string;
  /** Grows with every block decoded and every batch scored. */
  readonly beats: number;
  /** Of audio decoded of the last record. */
  readonly seconds: number;
}

const SLOT_BYTES = 4096;
const HEAD_BYTES = 12;
/** In characters; each takes six bytes at most, as JSON. */
export const LONGEST_NAME = 600;

/** Where a runner finds the file among its descriptors. */
export const FLIGHT_FD = 4;

export function createFlightFile(): number {
  const folder = mkdtempSync(join(tmpdir(), 'undertone-flight-'));
  try {
    return openSync(join(folder, 'slots'), 'wx+');
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** One worker's side. */
export class FlightSlot {
  readonly #bytes = Buffer.alloc(SLOT_BYTES);
  readonly #at: number;
  #beats = 0;
  #shardFirst = 0;
  #done = 0;
  #last = 0;
  #file = '';
  #seconds = 0;

  constructor(
    readonly descriptor: number,
    worker: number,
  ) {
    this.#at = worker * SLOT_BYTES;
  }

  probe(index: number, path: string): void {
    this.#write('probe', index, index, path);
  }

  beginShard(first: number): void {
    this.#shardFirst = first;
    this.#done = 0;
  }

  /** A record of the shard is about to be opened. */
  readonly begin = (indexInShard: number, { file }: { readonly file: string }): void => {
    this.#last = this.#shardFirst + indexInShard;
    this.#file = file;
    this.#seconds = 0;
    this.#write('decode', this.#last, this.#last, file);
  };

  /** Every row of the shard's next record is written. */
  recordDone(): void {
    this.#done += 1;
  }

  /** A block more is decoded. */
  beat(seconds: number): void {
    this.#seconds += seconds;
    this.#head();
    writeSync(this.descriptor, this.#bytes, 0, 8, this.#at);
  }

  /** The batch holds windows of every record that is not done. */
  async scoring<T>(work: () => Promise<T>): Promise<T> {
    this.#write('model', Math.min(this.#shardFirst + this.#done, this.#last), this.#last, this.#file);
    try {
      return await work();
    } finally {
      this.#write('decode', this.#last, this.#last, this.#file);
    }
  }

  idle(): void {
    this.#head();
    this.#bytes.writeUInt32LE(0, 8);
    writeSync(this.descriptor, this.#bytes, 0, HEAD_BYTES, this.#at);
  }

  #head(): void {
    this.#beats = (this.#beats + 1) >>> 0;
    this.#bytes.writeUInt32LE(this.#beats, 0);
    this.#bytes.writeUInt32LE(Math.min(Math.round(this.#seconds), 0xffffffff), 4);
  }

  #write(phase: Phase, first: number, last: number, file: string): void {
    this.#head();
    const text = JSON.stringify([phase, first, last, file.slice(0, LONGEST_NAME)]);
    const length = this.#bytes.write(text, HEAD_BYTES);
    this.#bytes.writeUInt32LE(length, 8);
    writeSync(this.descriptor, this.#bytes, 0, HEAD_BYTES + length, this.#at);
  }
}

/** Every worker that is at something. A slot that is being written this moment may be left out. */
export function readInFlight(descriptor: number): InFlight[] {
  const bytes = Buffer.alloc(fstatSync(descriptor).size);
  readSync(descriptor, bytes, 0, bytes.length, 0);
  const found: InFlight[] = [];
  for (let at = 0; at + HEAD_BYTES <= bytes.length; at += SLOT_BYTES) {
    const length = bytes.readUInt32LE(at + 8);
    if (length === 0) continue;
    try {
      const text = bytes.toString('utf8', at + HEAD_BYTES, at + HEAD_BYTES + length);
      const [phase, first, last, file] = JSON.parse(text) as [Phase, number, number, string];
      found.push({
        worker: at / SLOT_BYTES,
        phase,
        first,
        last,
        file,
        beats: bytes.readUInt32LE(at),
        seconds: bytes.readUInt32LE(at + 4),
      });
    } catch {
      // Half old, half new: the next look sees it whole.
    }
  }
  return found;
}

export const closeFlightFile = (descriptor: number): void => closeSync(descriptor);

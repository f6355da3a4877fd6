/**
 * Decoding for TypeScript: a recording as planar float32 blocks, full scale 1, at the rate asked for.
 *
 * Memory does not grow with the recording's length. Everything is synchronous: inside a pool worker that is what
 * scales, because libuv's few threads are shared by all workers of a process.
 */
import { type AudioInfo, type ChannelPlan, type PcmBlock, UndertoneError } from '@undertone/shared';
import { loadNative } from './load.js';
import type { NativeDecoder } from './native.js';
import { mapNative } from './native-error.js';

export interface DecodeSettings {
  /** `mix`: mean of all channels. `split`: all, planar. A number: that channel, from 0. */
  readonly channels: ChannelPlan;
  /** Rate of the samples handed out, 1000 to 1000000; 0 keeps the recording's own. */
  readonly sampleRateHz: number;
  /**
   * Where the output begins, in samples of it; 0 when left out. From there on everything is what it is when the
   * recording is read from its beginning, bit for bit. Counts of clipping begin with the 10 ms block at that time.
   * Recordings whose `seekable` is false are decoded up to the place first.
   */
  readonly firstSample?: number;
}

/** What was wrong with the tail of a recording, if anything. */
export interface AudioEnding {
  /** The container promises clearly more sound than was there, or ends inside a sample frame or packet. */
  readonly truncated: boolean;
  /** Packets that could not be decoded and were skipped. */
  readonly corruptPackets: number;
}

/**
 * One open recording. Not to be shared between threads. Close it: one that is only dropped keeps its file and its
 * memory until the garbage collector comes by.
 */
export class AudioDecoder {
  /** Of the recording itself, before mixing and resampling. */
  readonly info: AudioInfo;
  readonly #subject: string;
  readonly #handle: NativeDecoder;

  /** Use `openAudio`. */
  constructor(handle: NativeDecoder, subject: string) {
    this.#handle = handle;
    this.#subject = subject;
    this.info = readInfo(handle, subject);
  }

  /**
   * The next `maxFrames` sample frames; fewer only at the end, then null.
   * @param into where the samples go, at least channels · maxFrames long: fresh memory for every read costs more than
   * decoding WAV. A new array when left out.
   * @throws UndertoneError corrupt or unreadable when the recording breaks on the way, after everything before the
   * break has been handed out; usage after `close` or for a bad `maxFrames`
   */
  read(maxFrames: number, into?: Float32Array): PcmBlock | null {
    return mapNative(() => loadNative().readDecoder(this.#handle, maxFrames, into), this.#subject);
  }

  /** After the last `read`. */
  ending(): AudioEnding {
    return mapNative(() => loadNative().decoderEnding(this.#handle), this.#subject);
  }

  /** Frees the file and the memory at once. Closing twice is no error. */
  close(): void {
    mapNative(() => loadNative().closeDecoder(this.#handle), this.#subject);
  }

  /** For `using`. */
  [Symbol.dispose](): void {
    this.close();
  }
}

/**
 * Opens a recording; its content, not its name, decides how it is decoded.
 * @param path text, or bytes for a name that is not UTF-8
 * @throws UndertoneError not_found, unreadable, empty, unsupported_codec, corrupt; usage for bad settings or for a
 * channel that the recording has not got
 */
export function openAudio(path: string | Uint8Array, settings: DecodeSettings): AudioDecoder {
  const subject = describePath(path);
  const handle = mapNative(
    () => loadNative().openDecoder(path, settings.channels, settings.sampleRateHz, settings.firstSample ?? 0),
    subject,
  );
  return new AudioDecoder(handle, subject);
}

/**
 * Says that this thread will open the recording soon. Its beginning is then on its way from the disk or the network
 * while another is worked on. A few can be announced at a time; what cannot be opened is told by `openAudio`.
 */
export function announceAudio(path: string | Uint8Array): void {
  mapNative(() => loadNative().announceFile(path), describePath(path));
}

/**
 * Σx² of every stretch [bounds[i], bounds[i + 1]) of the samples, in double precision.
 * @param bounds ascending indices into `samples`
 * @param sums receives bounds.length − 1 values
 * @throws UndertoneError usage for bounds outside the samples or too short an array
 */
export function sumSquares(samples: Float32Array, bounds: Uint32Array, sums: Float64Array): void {
  mapNative(() => loadNative().sumSquares(samples, bounds, sums), 'sumSquares');
}

/** What the header says, without decoding more than the first packet. @throws UndertoneError as `openAudio` does */
export function probeAudio(path: string | Uint8Array): AudioInfo {
  const decoder = openAudio(path, { channels: 'split', sampleRateHz: 0 });
  try {
    return decoder.info;
  } finally {
    decoder.close();
  }
}

function readInfo(handle: NativeDecoder, subject: string): AudioInfo {
  const { durationSeconds, ...rest } = mapNative(() => loadNative().decoderInfo(handle), subject);
  return { ...rest, durationSeconds: durationSeconds < 0 ? null : durationSeconds };
}

function describePath(path: string | Uint8Array): string {
  if (typeof path === 'string') return path;
  if (path instanceof Uint8Array) return new TextDecoder().decode(path);
  throw new UndertoneError(
    'usage',
    'path',
    `Expected a string or a Uint8Array for path but received ${path}`,
  );
}

/**
 * What the native add-on exports; held against the export table in src/napi/addon.cc by a test.
 * Every function is synchronous and safe in any number of worker threads, except those ending in `Async`.
 * Errors are thrown as Error with `code` from the closed list in shared/errors.ts.
 */
import type { FrontEnd } from '@undertone/shared';

/** Opaque, type-tagged handles: passing one kind for another is refused. */
export interface NativePlan {
  readonly __kind: 'plan';
}
export interface NativeDecoder {
  readonly __kind: 'decoder';
}

export interface NativeFeatures {
  /** total frames × columns, C order, utterance after utterance. */
  features: Float32Array;
  /** utterances + 1 row indices into `features`. */
  frameOffsets: Float64Array;
}

export interface NativeAudioInfo {
  container: string;
  codec: string;
  sampleRateHz: number;
  channels: number;
  /** −1 when the header does not tell. */
  durationSeconds: number;
  /** A start in the middle finds its place without decoding what lies before. */
  seekable: boolean;
}

export interface NativePcmBlock {
  /** channels × frames, planar, full scale 1. */
  samples: Float32Array;
  channels: number;
  frames: number;
  /** Samples at full scale per 10 ms block of source time finished in this read: channels × blocks, planar. */
  clipped: Uint32Array;
  /**
   * One channel chosen of several: for the same blocks, Σx², Σy² and Σx·y of the channel and its twin, three values a
   * block. The twin is the first channel, or the second for the first. Empty otherwise.
   */
  twins: Float32Array;
}

export interface NativeSpeechDetector {
  readonly __kind: 'speech detector';
}

/** What speech.ts resolves; src/plan/speech.h has the meaning of each. */
export interface NativeSpeechSpec {
  columns: number;
  firstColumn: number;
  bands: number;
  highBand: number;
  logScale: number;
  bandOffsets: Float32Array;
  groupEdges: Float32Array;
  blockFrames: number;
  sideBlocks: number;
  minSideBlocks: number;
  floorBias: number;
  powerFloorBias: number;
  cap: number;
  range: number;
  threshold: number;
  peak: number;
  peakThreshold: number;
  minRunFrames: number;
  gapFrames: number;
  leadFrames: number;
  hangoverFrames: number;
  firstBlock: number;
}

/** Frames that are decided, in order. */
export interface NativeSpeechFrames {
  /** 1 where there is speech. */
  speech: Uint8Array;
  /** Of the frame and of the noise in it, in the front-end's units. */
  power: Float32Array;
  noise: Float32Array;
  /** Of the bands that a telephone does not pass; 0 where the front-end has none. */
  high: Float32Array;
}

export interface NativeBuild {
  version: string;
  compiler: string;
  /** Instruction sets that were compiled in and that this machine can run, best first. */
  instructionSets: string[];
  /** The one in use (the best, or the one named by UNDERTONE_ISA). */
  instructionSet: string;
  /** Lanes of one tile under it. */
  lanes: number;
  /** All that settings may name; whether `cuda` can be had is told by describeCuda. */
  backends: string[];
  /** FFmpeg library versions, e.g. `libavformat 59.27.100`. */
  ffmpeg: string[];
  /** The audio decoders on the allow-list that this FFmpeg has, by FFmpeg's names, sorted. Plain WAV needs none. */
  codecs: string[];
}

export interface NativeCudaDevice {
  /** As in --device cuda:<index>. */
  index: number;
  name: string;
  /** For example `9.0`. */
  computeCapability: string;
  multiprocessors: number;
  memoryBytes: number;
}

export interface NativeCuda {
  /** The library of the CUDA backend was built. */
  built: boolean;
  /** Where it is, or would be. */
  library: string;
  /** CUDA runtime in the library, e.g. `13.0`; null where the library cannot be opened. */
  runtimeVersion: string | null;
  /** The newest CUDA that the driver offers; null without a driver. */
  driverVersion: string | null;
  devices: NativeCudaDevice[];
  /** Why no device can be used, one sentence; null where one can. */
  reason: string | null;
}

/** Which machine computes a plan's frames. */
export interface NativeBackendChoice {
  /** One of NativeBuild.backends. */
  name: string;
  /** Of several of a kind. */
  device: number;
  /** Most device memory that the plan may take; 0 for the backend's default. */
  memoryBytes: number;
}

export interface NativeFrameWork {
  /** Floating-point operations; a multiply-add is two. */
  operations: number;
  bytes: number;
}

export interface NativeLimits {
  /** float32, in registers. */
  multiplyAddsPerSecond: number;
  /** Read and written together, by a copy between buffers larger than the caches. */
  bytesPerSecond: number;
}

/** A front-end's frames on one GPU, and what the GPU can copy, of the same run. Medians. */
export interface NativeCudaFigures {
  /** Between page-locked host memory and the device. */
  toDeviceBytesPerSecond: number;
  toHostBytesPerSecond: number;
  /** Within the device's memory, read and written together. */
  deviceBytesPerSecond: number;
  /** int16 samples and raw rows stay in device memory: the kernel alone. */
  residentFramesPerSecond: number;
  /** Bytes of samples and rows, each once, over what the device can copy. */
  residentShareOfDevice: number;
  /** From page-locked int16 samples to page-locked rows. */
  hostToHostFramesPerSecond: number;
  /** Bytes of samples over what can be copied to the device. */
  hostToHostShareOfCopy: number;
  /** Frames and workers of a tile. */
  lanes: number;
  workers: number;
}

export interface NativeAddon {
  describeBuild(): NativeBuild;
  /** What CUDA there is. Opens the library and asks the driver, which `describeBuild` does not. */
  describeCuda(): NativeCuda;

  /** Builds windows, twiddles, filterbanks and the DCT once. `frontEnd` must be fully resolved (every key present). */
  createPlan(frontEnd: FrontEnd, backend: NativeBackendChoice): NativePlan;
  planColumns(plan: NativePlan): number;
  /** What a frame asks for at least (src/plan/work.h states every count); null where a part has no agreed count. */
  planWork(plan: NativePlan): NativeFrameWork | null;

  /**
   * Features of many utterances in one call.
   * @param samples all utterances, one after the other, float32, full scale 1, at the plan's sample rate
   * @param offsets utterances + 1 indices into `samples`, ascending, first 0, last samples.length
   * @param out where the features go, from its start on; a new array when left out. Fresh memory costs a page fault
   * every 4 KiB, so whoever calls often passes the same array again.
   */
  extract(plan: NativePlan, samples: Float32Array, offsets: Float64Array, out?: Float32Array): NativeFeatures;
  /** The same on a libuv thread, for interactive callers; `samples` must not change until it resolves. */
  extractAsync(plan: NativePlan, samples: Float32Array, offsets: Float64Array): Promise<NativeFeatures>;

  /**
   * Frames firstFrame … firstFrame + frames − 1 of one recording of which only a span is in memory. Refuses plans
   * that need the whole utterance, and frames that need samples outside the span (ends of the recording excepted). Pre-emphasis along the signal needs one sample
   * more in front, and mirrored padding the samples it mirrors.
   * @param spanStart index in the recording of span[0]
   * @param totalSamples length of the recording, or −1 while it is not known yet
   */
  extractSpan(
    plan: NativePlan,
    span: Float32Array,
    spanStart: number,
    totalSamples: number,
    firstFrame: number,
    frames: number,
  ): Float32Array;

  /** Finds speech in log-mel rows as they come; memory does not grow with the recording. */
  createSpeechDetector(spec: NativeSpeechSpec): NativeSpeechDetector;
  /** @param rows whole rows of `columns` values, the next ones of the recording */
  pushSpeech(detector: NativeSpeechDetector, rows: Float32Array): NativeSpeechFrames;
  /** Ends the recording: the frames that were not decided yet. */
  endSpeech(detector: NativeSpeechDetector): NativeSpeechFrames;

  /**
   * Opens a recording. `sampleRateHz` 0 keeps the recording's own rate; otherwise the output is resampled.
   * @param path text, or bytes for names that are not UTF-8
   * @param channels 'mix' (mean of all), 'split' (all, planar) or one channel's index from 0
   * @param firstSample where the output begins, 0 to 2^43, in samples of it; 0 when left out
   */
  openDecoder(
    path: string | Uint8Array,
    channels: 'mix' | 'split' | number,
    sampleRateHz: number,
    firstSample?: number,
  ): NativeDecoder;
  decoderInfo(decoder: NativeDecoder): NativeAudioInfo;
  /**
   * Up to `maxFrames` sample frames; null at the end. Memory does not grow with the recording.
   * @param into where the samples go, from its start on, at least channels · maxFrames long; a new array when left out
   */
  readDecoder(decoder: NativeDecoder, maxFrames: number, into?: Float32Array): NativePcmBlock | null;
  /** After the end: what was wrong with the tail of the recording, if anything. */
  decoderEnding(decoder: NativeDecoder): { truncated: boolean; corruptPackets: number };
  closeDecoder(decoder: NativeDecoder): void;
  /**
   * This thread will open the file soon: the system is asked for its beginning meanwhile, and the open file is kept
   * for `openDecoder`. Says nothing about files that cannot be opened.
   */
  announceFile(path: string | Uint8Array): void;

  /** Σx² of every stretch [bounds[i], bounds[i + 1]) of the samples, in double: sums[i]. Bounds ascend. */
  sumSquares(samples: Float32Array, bounds: Uint32Array, sums: Float64Array): void;

  /**
   * A whole signal at another rate, by the resampler that recordings go through.
   * @param out receives ⌈samples.length · toHz / fromHz⌉ samples
   * @returns that number
   */
  resample(samples: Float32Array, fromHz: number, toHz: number, out: Float32Array): number;

  /** What the calling thread's core can do at most under the instruction set in use; takes less than a second. */
  measureLimits(): NativeLimits;
  /** Figures of a GPU over `recordings` recordings of noise; takes seconds. A single round is as short as can be. */
  measureCuda(
    frontEnd: FrontEnd,
    device: number,
    samples: number,
    recordings: number,
    rounds: number,
  ): NativeCudaFigures;
}

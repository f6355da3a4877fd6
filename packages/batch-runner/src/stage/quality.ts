/** Level, clipping and likeness to another channel of any stretch of a recording, from sums over 10 ms blocks. */
import { sumSquares } from '@undertone/dsp-native';
import { StreamBuffer } from './stream-buffer.js';

const BLOCKS_PER_SECOND = 100;

/** A window is flagged as clipped when at least this share of its source samples is at full scale. */
export const CLIPPED_RATIO = 0.001;

/**
 * A channel is a copy of its twin when this share of its power is the twin's sound, scaled. What a telephone
 * codec adds to each channel by itself leaves 0.83 and more; two people have hardly anything in common.
 */
const COPY_LIKENESS = 0.8;
/** Beyond this gain, 12 dB, the sound of one channel in the other is crosstalk, not a copy. */
const COPY_GAIN = 10 ** 1.2;

export class QualityTrack {
  readonly #meanSquares: StreamBuffer;
  readonly #clipped: StreamBuffer;
  /** Σx², Σy², Σx·y with the channel's twin, where there is one. */
  readonly #twins: StreamBuffer;
  readonly #wholeTwins = new Float64Array(3);
  /** The block under way: its number, and the samples of it so far. */
  #block: number;
  readonly #open: Float32Array;
  #openCount = 0;
  /** Of the whole recording: samples, the sum of their squares, and those at full scale. */
  #samples = 0;
  #sum = 0;
  #clippedSum = 0;
  /** Samples and counts that still come before the first whole block. */
  #unwantedSamples: number;
  #unwantedCounts: number;

  /**
   * @param sampleRateHz of the samples pushed
   * @param sourceSamplesPerBlock samples of the recording that one 10 ms block counts clipping over
   * @param start the first sample that will come
   */
  constructor(
    readonly sampleRateHz: number,
    readonly sourceSamplesPerBlock: number,
    start = 0,
  ) {
    const underWay = Math.floor((start * BLOCKS_PER_SECOND) / sampleRateHz);
    this.#block = this.#blockStart(underWay) < start ? underWay + 1 : underWay;
    this.#unwantedSamples = this.#blockStart(this.#block) - start;
    this.#unwantedCounts = this.#block - underWay;
    this.#open = new Float32Array(this.#blockStart(1) + 1);
    this.#meanSquares = new StreamBuffer(1, 1 << 10, this.#block);
    this.#clipped = new StreamBuffer(1, 1 << 10, this.#block);
    this.#twins = new StreamBuffer(3, 1 << 10, this.#block);
  }

  /** Blocks stand at fixed times, so a rate that 100 does not divide has some a sample longer than others. */
  #blockStart(block: number): number {
    return Math.floor((block * this.sampleRateHz) / BLOCKS_PER_SECOND);
  }

  /**
   * @param clipped samples at full scale in each block that ended, as the decoder reports them
   * @param twins sums with the channel's twin over the same blocks, or nothing
   */
  push(samples: Float32Array, clipped: Uint32Array, twins: Float32Array = new Float32Array(0)): void {
    const unwanted = Math.min(this.#unwantedSamples, samples.length);
    this.#unwantedSamples -= unwanted;
    const most = Math.ceil((samples.length * BLOCKS_PER_SECOND) / this.sampleRateHz) + 1;
    const bounds = new Uint32Array(most + 1);
    let blocks = 0;
    let at = unwanted;
    // What is left of the block under way; a whole one is summed where it lies.
    if (this.#openCount > 0) {
      at += this.#fillOpen(samples.subarray(at));
      if (this.#openCount === this.#lengthOf(this.#block)) this.#closeOpen();
    }
    bounds[0] = at;
    for (let length = this.#lengthOf(this.#block); at + length <= samples.length && this.#openCount === 0; ) {
      at += length;
      blocks += 1;
      bounds[blocks] = at;
      length = this.#lengthOf(this.#block + blocks);
    }
    this.#addBlocks(samples, bounds.subarray(0, blocks + 1));
    if (this.#openCount === 0) this.#fillOpen(samples.subarray(at));
    const unwantedCounts = Math.min(this.#unwantedCounts, clipped.length);
    this.#unwantedCounts -= unwantedCounts;
    this.#clipped.append(Float32Array.from(clipped.subarray(unwantedCounts)));
    this.#samples += samples.length;
    for (const count of clipped) this.#clippedSum += count;
    // The decoder counts both over the same blocks.
    if (twins.length > 0) this.#twins.append(twins.subarray(3 * unwantedCounts));
    addTwins(this.#wholeTwins, twins);
  }

  /** Ends the recording: the last block may be shorter. */
  end(): void {
    if (this.#openCount > 0) this.#closeOpen();
  }

  #lengthOf(block: number): number {
    return this.#blockStart(block + 1) - this.#blockStart(block);
  }

  /** @returns how many of the samples the block under way took */
  #fillOpen(samples: Float32Array): number {
    const taken = Math.min(samples.length, this.#lengthOf(this.#block) - this.#openCount);
    this.#open.set(samples.subarray(0, taken), this.#openCount);
    this.#openCount += taken;
    return taken;
  }

  #closeOpen(): void {
    const length = this.#openCount;
    this.#openCount = 0;
    this.#addBlocks(this.#open, Uint32Array.of(0, length));
  }

  /** Each block is summed as a whole, however the samples came in: that makes no difference to a bit. */
  #addBlocks(samples: Float32Array, bounds: Uint32Array): void {
    const count = bounds.length - 1;
    const sums = new Float64Array(count);
    sumSquares(samples, bounds, sums);
    const means = new Float32Array(count);
    for (let i = 0; i < count; i++) {
      const sum = sums[i] as number;
      this.#sum += sum;
      means[i] = sum / ((bounds[i + 1] as number) - (bounds[i] as number));
    }
    this.#meanSquares.append(means);
    this.#block += count;
  }

  /** RMS level in dB re full scale 1 (a full-scale sine is −3.0), or null for digital silence. Seconds, half-open. */
  levelDbfs(startS: number, endS: number): number | null {
    return decibels(average(this.#meanSquares, startS, endS));
  }

  /** Share of the source's samples at full scale. */
  clipRatio(startS: number, endS: number): number {
    return Math.min(1, average(this.#clipped, startS, endS) / this.sourceSamplesPerBlock);
  }

  /** Whether the channel's sound is its twin's, scaled: dual mono. Silence is no copy of silence. */
  isCopy(startS: number, endS: number): boolean {
    const from = Math.max(this.#twins.start, Math.floor(startS * BLOCKS_PER_SECOND));
    const to = Math.min(this.#twins.end, Math.ceil(endS * BLOCKS_PER_SECOND));
    if (to <= from) return false;
    return areCopies(addTwins(new Float64Array(3), this.#twins.view(from, to)));
  }

  /** All figures over everything pushed so far. */
  whole(): { levelDbfs: number | null; clipRatio: number; isCopy: boolean } {
    if (this.#samples === 0) return { levelDbfs: null, clipRatio: 0, isCopy: false };
    const sourceSamples =
      (this.#samples / this.sampleRateHz) * BLOCKS_PER_SECOND * this.sourceSamplesPerBlock;
    return {
      levelDbfs: decibels(this.#sum / this.#samples),
      clipRatio: Math.min(1, this.#clippedSum / sourceSamples),
      isCopy: areCopies(this.#wholeTwins),
    };
  }

  discardBefore(seconds: number): void {
    const block = Math.floor(seconds * BLOCKS_PER_SECOND);
    this.#meanSquares.discardBefore(block);
    this.#clipped.discardBefore(block);
    this.#twins.discardBefore(block);
  }
}

function addTwins(sums: Float64Array, twins: Float32Array): Float64Array {
  for (let at = 0; at < twins.length; ++at) sums[at % 3] = (sums[at % 3] as number) + (twins[at] as number);
  return sums;
}

/** The squared correlation is the share of one channel's power that the other explains. */
function areCopies([first = 0, second = 0, product = 0]: Float64Array): boolean {
  const gain = first / second;
  return product * product > COPY_LIKENESS * first * second && gain < COPY_GAIN && gain > 1 / COPY_GAIN;
}

const decibels = (meanSquare: number): number | null => (meanSquare > 0 ? 10 * Math.log10(meanSquare) : null);

function average(track: StreamBuffer, startS: number, endS: number): number {
  const from = Math.max(track.start, Math.floor(startS * BLOCKS_PER_SECOND));
  const to = Math.min(track.end, Math.ceil(endS * BLOCKS_PER_SECOND));
  if (to <= from) return 0;
  let sum = 0;
  for (const value of track.view(from, to)) sum += value;
  return sum / (to - from);
}

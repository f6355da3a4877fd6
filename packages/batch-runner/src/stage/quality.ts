/** Level, clipping and likeness to another channel of any stretch of a recording, from sums over 10 ms blocks. */
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
    const means = new Float32Array(Math.ceil((samples.length * BLOCKS_PER_SECOND) / this.sampleRateHz) + 1);
    let count = 0;
    for (let from = unwanted; from < samples.length; ) {
      const length = this.#blockStart(this.#block + 1) - this.#blockStart(this.#block);
      const to = Math.min(samples.length, from + length - this.#openCount);
      if (to - from < length) {
        this.#open.set(samples.subarray(from, to), this.#openCount);
        this.#openCount += to - from;
        if (this.#openCount === length) means[count++] = this.#closeOpen();
      } else {
        means[count++] = this.#meanSquare(samples, from, to);
      }
      from = to;
    }
    this.#meanSquares.append(means.subarray(0, count));
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
    if (this.#openCount > 0) this.#meanSquares.append(Float32Array.of(this.#closeOpen()));
  }

  #closeOpen(): number {
    const mean = this.#meanSquare(this.#open, 0, this.#openCount);
    this.#openCount = 0;
    return mean;
  }

  /** Of one block, always summed as a whole: how the samples came in makes no difference to a bit. */
  #meanSquare(samples: Float32Array, from: number, to: number): number {
    const sum = sumOfSquares(samples, from, to);
    this.#sum += sum;
    this.#block += 1;
    return sum / (to - from);
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

/** A plain loop over locals: every sample of the archive passes here. Four sums, so that none waits for the other. */
function sumOfSquares(samples: Float32Array, from: number, to: number): number {
  let a = 0;
  let b = 0;
  let c = 0;
  let d = 0;
  let i = from;
  for (; i + 3 < to; i += 4) {
    const w = samples[i] as number;
    const x = samples[i + 1] as number;
    const y = samples[i + 2] as number;
    const z = samples[i + 3] as number;
    a += w * w;
    b += x * x;
    c += y * y;
    d += z * z;
  }
  for (; i < to; ++i) {
    const rest = samples[i] as number;
    a += rest * rest;
  }
  return a + b + (c + d);
}

/**
 * Pcm → Features: what a model is given of a stretch of a recording of any length, in constant memory.
 * Stretches are in samples at the front-end's rate, half-open.
 */
import type { FeaturePlan } from '@undertone/dsp-native';
import type { ResolvedWindow } from '@undertone/inference';
import { frameCount, frameStart, type WindowSlice } from '@undertone/shared';
import { StreamBuffer } from './stream-buffer.js';

export interface Track {
  /** Samples taken so far. */
  readonly samples: number;
  /** Material of stretches that end here or before is there. */
  readonly ready: number;
  /** Takes the next samples. @returns the feature rows that are new, where the track has rows of the recording */
  push(samples: Float32Array): Float32Array | null;
  /** Ends the recording. @returns as `push` */
  end(): Float32Array | null;
  /** Computes or copies what the model needs of a stretch. */
  material(start: number, end: number): WindowSlice;
  /** Lets go of what only stretches that begin earlier need. */
  discardBefore(sample: number): void;
}

/** Frames computed once along the recording; a stretch is the frames that start inside it. */
export class FrameTrack implements Track {
  readonly #samples: StreamBuffer;
  readonly #frames: StreamBuffer;
  #ended = false;

  /**
   * @param mostRows rows of the longest stretch: at the end of a recording some placements have one frame more
   * @param start the first sample that will come
   */
  constructor(
    readonly plan: FeaturePlan,
    readonly mostRows = Number.POSITIVE_INFINITY,
    start = 0,
  ) {
    this.#samples = new StreamBuffer(1, 1 << 16, start);
    this.#frames = new StreamBuffer(plan.columns, 1 << 10, firstFrameFrom(plan, start));
  }

  get samples(): number {
    return this.#samples.end;
  }

  get ready(): number {
    return this.#ended ? this.samples : this.#frames.end * this.#hop;
  }

  get #hop(): number {
    return this.plan.frontEnd.frame.hopSamples;
  }

  push(samples: Float32Array): Float32Array {
    this.#samples.append(samples);
    return this.#extract(null);
  }

  end(): Float32Array {
    const rows = this.#extract(this.samples);
    this.#ended = true;
    return rows;
  }

  material(start: number, end: number): WindowSlice {
    const first = Math.min(Math.round(start / this.#hop), this.#frames.end);
    const wanted = end === this.samples ? this.mostRows : Math.round((end - start) / this.#hop);
    const rows = Math.min(wanted, this.mostRows, this.#frames.end - first);
    return { values: this.#frames.view(first, first + rows).slice(), rows, columns: this.plan.columns };
  }

  discardBefore(sample: number): void {
    this.#frames.discardBefore(Math.round(sample / this.#hop));
  }

  #extract(totalSamples: number | null): Float32Array {
    const { frame } = this.plan.frontEnd;
    const have = this.#frames.end;
    const count = frameCount(this.samples, frame) - have;
    if (count <= 0) return new Float32Array(0);
    const { start, end } = this.#samples;
    const span = { samples: this.#samples.view(start, end), start, totalSamples };
    const { values } = this.plan.extractSpan(span, have, count);
    this.#frames.append(values);
    // One sample more than the next frame needs: signal-wide pre-emphasis looks one back.
    this.#samples.discardBefore(frameStart(have + count, frame) - 1);
    return values;
  }
}

/** The first frame of a recording that needs no sample before `start`. */
export function firstFrameFrom(plan: FeaturePlan, start: number): number {
  if (start === 0) return 0;
  const { frame } = plan.frontEnd;
  let first = Math.max(0, Math.ceil((start - frameStart(0, frame)) / frame.hopSamples));
  while (plan.samplesNeeded(first, 1).start < start) first += 1;
  return first;
}

/** Each stretch is an utterance of its own: padded at its edges and normalised by itself. */
export class UtteranceTrack implements Track {
  readonly #samples: StreamBuffer;

  /**
   * @param toSlice from a stretch's samples to what the model takes
   * @param start the first sample that will come
   */
  constructor(
    readonly toSlice: (samples: Float32Array) => WindowSlice,
    start = 0,
  ) {
    this.#samples = new StreamBuffer(1, 1 << 16, start);
  }

  get samples(): number {
    return this.#samples.end;
  }

  get ready(): number {
    return this.samples;
  }

  push(samples: Float32Array): null {
    this.#samples.append(samples);
    return null;
  }

  end(): null {
    return null;
  }

  material(start: number, end: number): WindowSlice {
    return this.toSlice(this.#samples.view(start, end));
  }

  discardBefore(sample: number): void {
    this.#samples.discardBefore(sample);
  }
}

/**
 * The track that a model's windows are cut from.
 * @param plan null for a model of samples
 * @param start the first sample that will come
 */
export function modelTrack(plan: FeaturePlan | null, window: ResolvedWindow, start = 0): Track {
  if (plan && window.frames) {
    const { lengthRows, hopRows } = window.frames;
    return new FrameTrack(plan, lengthRows + (window.stretchWindows - 1) * hopRows, start);
  }
  return new UtteranceTrack((samples) => {
    if (!plan) return { values: samples.slice(), rows: samples.length, columns: 1 };
    const [features] = plan.extract([samples]);
    if (!features) throw new Error('extract returned no matrix');
    return { values: features.values, rows: features.frames, columns: features.columns };
  }, start);
}

/**
 * Pcm → Features → Windows, along a recording of any length in constant memory.
 *
 * A window is handed out only when the next one is complete or the recording has ended, so that whoever takes the
 * last window knows that it is the last.
 */
import type { FeaturePlan } from '@undertone/dsp-native';
import type { ResolvedWindow } from '@undertone/inference';
import { frameCount, frameStart, type WindowSlice, windowCount, windowSpan } from '@undertone/shared';
import { StreamBuffer } from './stream-buffer.js';

export interface SlicedWindow {
  readonly index: number;
  /** Samples at the front-end's rate; half-open. */
  readonly start: number;
  readonly end: number;
  readonly last: boolean;
  /** Computes or copies what the model needs; call it before asking for the next window. */
  material(): WindowSlice;
}

export interface Slicer {
  /** Takes the next samples and yields the windows that are now certain. */
  push(samples: Float32Array): Generator<SlicedWindow>;
  /** Ends the recording and yields the windows that are left. */
  end(): Generator<SlicedWindow>;
  /** Samples taken so far. */
  readonly samples: number;
}

/** Frames computed once along the recording; windows are slices of them. Grid and hop are whole frames (the card's check). */
export class RecordingSlicer implements Slicer {
  readonly #samples = new StreamBuffer(1, 1 << 16);
  readonly #frames: StreamBuffer;
  readonly #rows: NonNullable<ResolvedWindow['frames']>;
  #next = 0;

  constructor(
    readonly plan: FeaturePlan,
    readonly grid: ResolvedWindow,
  ) {
    if (!grid.frames) throw new Error('Windows of this model are not slices of frames');
    this.#rows = grid.frames;
    this.#frames = new StreamBuffer(plan.columns, 1 << 10);
  }

  get samples(): number {
    return this.#samples.end;
  }

  *push(samples: Float32Array): Generator<SlicedWindow> {
    this.#samples.append(samples);
    this.#extract(null);
    const complete =
      1 + Math.floor((this.#frames.end - this.#rows.offsetRows - this.#rows.lengthRows) / this.#rows.hopRows);
    while (this.#next < complete - 1) yield this.#window(this.#next++, false);
    this.#frames.discardBefore(this.#frameAt(this.#next));
  }

  *end(): Generator<SlicedWindow> {
    this.#extract(this.samples);
    const count = windowCount(this.samples, this.grid);
    while (this.#next < count) yield this.#window(this.#next, ++this.#next === count);
  }

  #frameAt(window: number): number {
    return this.#rows.offsetRows + window * this.#rows.hopRows;
  }

  #extract(totalSamples: number | null): void {
    const { frame } = this.plan.frontEnd;
    const have = this.#frames.end;
    const count = frameCount(this.samples, frame) - have;
    if (count <= 0) return;
    const { start, end } = this.#samples;
    const span = { samples: this.#samples.view(start, end), start, totalSamples };
    this.#frames.append(this.plan.extractSpan(span, have, count).values);
    // One sample more than the next frame needs: signal-wide pre-emphasis looks one back.
    this.#samples.discardBefore(frameStart(have + count, frame) - 1);
  }

  #window(index: number, last: boolean): SlicedWindow {
    const first = this.#frameAt(index);
    const rows = Math.max(0, Math.min(this.#rows.lengthRows, this.#frames.end - first));
    return {
      index,
      ...windowSpan(index, this.samples, this.grid),
      last,
      material: () => ({
        values: rows > 0 ? this.#frames.view(first, first + rows).slice() : new Float32Array(0),
        rows,
        columns: this.plan.columns,
      }),
    };
  }
}

/** Each window is an utterance of its own: padded at its edges and normalised by itself. */
export class UtteranceSlicer implements Slicer {
  readonly #samples = new StreamBuffer(1, 1 << 16);
  #next = 0;

  /** @param toSlice from a window's samples to what the model takes */
  constructor(
    readonly grid: ResolvedWindow,
    readonly toSlice: (samples: Float32Array) => WindowSlice,
  ) {}

  get samples(): number {
    return this.#samples.end;
  }

  *push(samples: Float32Array): Generator<SlicedWindow> {
    this.#samples.append(samples);
    const { offsetSamples, lengthSamples, hopSamples } = this.grid;
    const complete = 1 + Math.floor((this.samples - offsetSamples - lengthSamples) / hopSamples);
    while (this.#next < complete - 1) yield this.#window(this.#next++, false);
    this.#samples.discardBefore(offsetSamples + this.#next * hopSamples);
  }

  *end(): Generator<SlicedWindow> {
    const count = windowCount(this.samples, this.grid);
    while (this.#next < count) yield this.#window(this.#next, ++this.#next === count);
  }

  #window(index: number, last: boolean): SlicedWindow {
    const span = windowSpan(index, this.samples, this.grid);
    return { index, ...span, last, material: () => this.toSlice(this.#samples.view(span.start, span.end)) };
  }
}

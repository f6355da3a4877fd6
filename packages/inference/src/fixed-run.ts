/**
 * The shapes that a graph runs at: one for each number of windows in a slice. Every run has one of them: a short batch
 * is filled with zeros. Memory then stays flat, and a slice's scores do not depend on which slices stood beside it (the
 * runtime picks its kernels by shape).
 */
import type { WindowSlice } from '@undertone/shared';
import type { Card } from './card.js';
import type { InputGiven, OutputAxis } from './family/family.js';
import { type BatchBuffer, bufferShape, bufferStrides, type RowForm } from './family/layout.js';
import { familyOf } from './family/registry.js';
import type { BoundRun, GraphSession } from './session.js';
import { inputGiven, type ResolvedWindow } from './window.js';

export class FixedRun {
  constructor(
    /** Slices a run. */
    readonly slices: number,
    readonly buffer: BatchBuffer,
    /** Runs the graph over the buffer. */
    readonly run: BoundRun,
    private readonly card: Card,
    private readonly given: InputGiven,
  ) {}

  /** Writes a batch of at most `slices`, the rest of it zeros. */
  fill(batch: readonly WindowSlice[]): void {
    // Stale slices of an earlier batch would be harmless to the result, but the tail should be the same every time.
    if (batch.length < this.slices) this.buffer.values.fill(0);
    const form: RowForm = { padValue: this.card.window.padValue, scaler: this.card.scaler };
    const family = familyOf(this.card.family);
    for (const [i, slice] of batch.entries()) family.write(slice, i, this.buffer, this.given, form);
  }
}

export class FixedRuns {
  readonly #made = new Map<number, FixedRun>();
  /** What all shapes read from in turn: only one is run at a time. */
  readonly #values: Float32Array;

  constructor(
    private readonly session: GraphSession,
    private readonly card: Card,
    private readonly window: ResolvedWindow,
  ) {
    const each = Array.from({ length: window.stretchWindows }, (_, i) => product(this.#shape(i + 1)));
    this.#values = new Float32Array(Math.max(...each));
  }

  /** Slices a run, about as many windows whatever a slice holds. */
  slices(windows: number): number {
    return Math.max(1, Math.floor(this.session.batchWindows / windows));
  }

  /** The graph's input for a slice of `windows` windows, without its batch axis. */
  inputShape(windows: number): number[] {
    return this.#shape(windows).filter((_, i) => this.card.input.axes[i] !== 'batch');
  }

  of(windows: number): FixedRun {
    const made = this.#made.get(windows) ?? this.#make(windows);
    this.#made.set(windows, made);
    return made;
  }

  #given(windows: number): InputGiven {
    return inputGiven(this.card, this.window.lengthSamples, windows);
  }

  #shape(windows: number): number[] {
    const sizes = familyOf(this.card.family).sizes(this.#given(windows));
    return bufferShape(this.card.input.axes, sizes, this.slices(windows));
  }

  #make(windows: number): FixedRun {
    const { card } = this;
    const slices = this.slices(windows);
    const shape = this.#shape(windows);
    const strides = bufferStrides(card.input.axes, shape);
    const buffer = { values: this.#values.subarray(0, product(shape)), shape, strides };
    const size: Record<OutputAxis, number> = { batch: slices, windows, classes: card.classes.length };
    const outputShape = familyOf(card.family).output.map((axis) => size[axis]);
    const run = this.session.bind(buffer.values, shape, outputShape);
    return new FixedRun(slices, buffer, run, card, this.#given(windows));
  }
}

const product = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1);

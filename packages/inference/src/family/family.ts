/**
 * What a model family is: how one window, or a stretch of them, becomes the input of a graph.
 *
 * A family says which axes its input has, how large they are for a card, how many rows of a window it looks at,
 * and how it writes a slice into the batch buffer. It knows neither the graph nor the front-end.
 */
import type { WindowSlice } from '@undertone/shared';
import type { BatchBuffer, RowForm } from './layout.js';

/** Axis names of a graph's input. `one` is an axis of size 1 (a channel axis, wherever it stands). */
export const AXES = ['batch', 'steps', 'frames', 'columns', 'samples', 'one'] as const;
export type Axis = (typeof AXES)[number];

/** The keys of `card.input` that only some families have. */
export const INPUT_SIZES = ['frames', 'steps', 'stepHopFrames', 'hopFrames', 'windows'] as const;
export type InputSizeName = (typeof INPUT_SIZES)[number];

/** Axis names of a graph's output. */
export type OutputAxis = 'batch' | 'windows' | 'classes';

/** What the card and the window grid tell a family about its input. */
export interface InputGiven {
  readonly frames?: number | undefined;
  readonly steps?: number | undefined;
  readonly stepHopFrames?: number | undefined;
  readonly hopFrames?: number | undefined;
  /** Windows that a slice holds: 1 but for stretches. */
  readonly windows: number;
  /** Columns of the feature matrix; 1 for samples. */
  readonly columns: number;
  /** Window length in samples at the front-end's rate. */
  readonly windowSamples: number;
}

/** Size of every axis but `batch`. */
export type AxisSizes = Readonly<Record<Exclude<Axis, 'batch'>, number>>;

export interface ModelFamily {
  /** What the rows of a window are. */
  readonly rows: 'feature frames' | 'one row of statistics' | 'samples';
  /** The axes that the input must have once each; any number of `one` may stand between them. */
  readonly axes: readonly Axis[];
  /** The sizes that `card.input` must give; the others must be absent. */
  readonly needs: readonly InputSizeName[];
  /** The axes whose size the graph must leave open; of the others it may. */
  readonly open: readonly Axis[];
  readonly output: readonly OutputAxis[];
  sizes(given: InputGiven): AxisSizes;
  /** Rows of a window that reach the model; longer windows are cut here, shorter ones padded. */
  rowsPerWindow(given: InputGiven): number;
  /** Writes a slice at `position` of the batch, all its values, padding included. */
  write(slice: WindowSlice, position: number, buffer: BatchBuffer, given: InputGiven, form: RowForm): void;
}

/** A size that the card's checks have already required. */
export function given(value: number | undefined, name: InputSizeName): number {
  if (value === undefined) throw new TypeError(`input.${name} is missing: the card was not checked`);
  return value;
}

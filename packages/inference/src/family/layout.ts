/**
 * The batch buffer: one float32 array in the graph's own axis order, written in place.
 * Axis order is data (`card.input.axes`), so families address values by strides and never by position.
 */
import type { WindowSlice } from '@undertone/shared';
import type { Axis, AxisSizes } from './family.js';

export interface BatchBuffer {
  readonly values: Float32Array;
  /** Sizes in the graph's axis order. */
  readonly shape: readonly number[];
  /** Distance in `values` between neighbours along an axis; 0 for an axis that the input does not have. */
  readonly strides: Readonly<Record<Axis, number>>;
}

/** What happens to a value on its way: short windows are filled, then every column is scaled. */
export interface RowForm {
  /** In the front-end's units, like any other value: it passes through the scaler too. */
  readonly padValue: number;
  /** Per column (x − mean) / scale. */
  readonly scaler: { readonly mean: readonly number[]; readonly scale: readonly number[] } | null;
}

/** Sizes in the graph's axis order. */
export const bufferShape = (axes: readonly Axis[], sizes: AxisSizes, batch: number): number[] =>
  axes.map((axis) => (axis === 'batch' ? batch : sizes[axis]));

export function bufferStrides(axes: readonly Axis[], shape: readonly number[]): BatchBuffer['strides'] {
  const strides: Record<Axis, number> = { batch: 0, steps: 0, frames: 0, columns: 0, samples: 0, one: 0 };
  let stride = 1;
  for (let i = axes.length - 1; i >= 0; i--) {
    const axis = axes[i] as Axis;
    strides[axis] = stride;
    stride *= shape[i] as number;
  }
  return strides;
}

/** Where a run of rows goes: offset of its first value, and the distances between rows and columns. */
export interface RowPlace {
  readonly offset: number;
  readonly rowStride: number;
  readonly columnStride: number;
}

/** Writes rows [first, first + count) of the slice; rows that it does not have hold the pad value. */
export function writeRows(
  slice: WindowSlice,
  first: number,
  count: number,
  into: Float32Array,
  place: RowPlace,
  form: RowForm,
): void {
  const real = Math.max(0, Math.min(count, slice.rows - first));
  if (form.scaler === null && place.columnStride === 1 && place.rowStride === slice.columns) {
    const source = first * slice.columns;
    into.set(slice.values.subarray(source, source + real * slice.columns), place.offset);
    into.fill(form.padValue, place.offset + real * slice.columns, place.offset + count * slice.columns);
    return;
  }
  for (let column = 0; column < slice.columns; column++) {
    const mean = form.scaler?.mean[column] ?? 0;
    const scale = form.scaler?.scale[column] ?? 1;
    const pad = (form.padValue - mean) / scale;
    let at = place.offset + column * place.columnStride;
    let source = first * slice.columns + column;
    for (let row = 0; row < count; row++) {
      into[at] = row < real ? ((slice.values[source] as number) - mean) / scale : pad;
      at += place.rowStride;
      source += slice.columns;
    }
  }
}

/**
 * Writes one window that is already in the graph's layout, C order over the axes other than `batch`.
 * Used for golden inputs, which must not depend on any family's code.
 */
export function writeRaw(
  values: Float32Array,
  position: number,
  buffer: BatchBuffer,
  batchAxis: number,
): void {
  const batch = buffer.shape[batchAxis] as number;
  const inner = buffer.strides.batch;
  for (let outer = 0; outer * inner < values.length; outer++) {
    buffer.values.set(
      values.subarray(outer * inner, (outer + 1) * inner),
      (outer * batch + position) * inner,
    );
  }
}

/** vector: functionals over the window's frames, one row. Input e.g. [batch, columns] or [batch, columns, one]. */
import type { ModelFamily } from './family.js';
import { writeRows } from './layout.js';

export const vector: ModelFamily = {
  rows: 'one row of statistics',
  axes: ['batch', 'columns'],
  needs: [],
  open: [],
  output: ['batch', 'classes'],
  sizes: ({ columns }) => ({ steps: 1, frames: 1, columns, samples: 1, one: 1 }),
  rowsPerWindow: () => 1,
  write(slice, position, { values, strides }, _given, form) {
    const place = {
      offset: position * strides.batch,
      rowStride: slice.columns,
      columnStride: strides.columns,
    };
    writeRows(slice, 0, 1, values, place, form);
  },
};

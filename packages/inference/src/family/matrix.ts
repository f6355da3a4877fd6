/** matrix: `input.frames` frames × feature columns, as an image of the window. Input e.g. [batch, one, frames, columns]. */
import { given, type ModelFamily } from './family.js';
import { writeRows } from './layout.js';

export const matrix: ModelFamily = {
  rows: 'feature frames',
  axes: ['batch', 'frames', 'columns'],
  needs: ['frames'],
  open: [],
  output: ['batch', 'classes'],
  sizes: ({ frames, columns }) => ({
    steps: 1,
    frames: given(frames, 'frames'),
    columns,
    samples: 1,
    one: 1,
  }),
  rowsPerWindow: ({ frames }) => given(frames, 'frames'),
  write(slice, position, { values, strides }, { frames }, form) {
    const place = {
      offset: position * strides.batch,
      rowStride: strides.frames,
      columnStride: strides.columns,
    };
    writeRows(slice, 0, given(frames, 'frames'), values, place, form);
  },
};

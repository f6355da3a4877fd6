/**
 * stretch: the frames under several windows that follow each other, for graphs that go over the frames once and pool
 * them by window. `windows` windows of `input.frames` frames, `input.hopFrames` apart, are one slice of
 * frames + (windows − 1)·hopFrames rows. Input e.g. [batch, frames, columns] with open batch and frames; output
 * [batch, windows, classes].
 */
import { given, type InputGiven, type ModelFamily } from './family.js';
import { writeRows } from './layout.js';

const rowsOf = ({ frames, hopFrames, windows }: InputGiven): number =>
  given(frames, 'frames') + (windows - 1) * given(hopFrames, 'hopFrames');

export const stretch: ModelFamily = {
  rows: 'feature frames',
  axes: ['batch', 'frames', 'columns'],
  needs: ['frames', 'hopFrames', 'windows'],
  open: ['batch', 'frames'],
  output: ['batch', 'windows', 'classes'],
  sizes: (input) => ({ steps: 1, frames: rowsOf(input), columns: input.columns, samples: 1, one: 1 }),
  rowsPerWindow: ({ frames }) => given(frames, 'frames'),
  write(slice, position, { values, strides }, input, form) {
    const place = {
      offset: position * strides.batch,
      rowStride: strides.frames,
      columnStride: strides.columns,
    };
    writeRows(slice, 0, rowsOf(input), values, place, form);
  },
};

/** waveform: the window's samples themselves, rows of one column. Input e.g. [batch, samples] or [batch, one, samples]. */
import type { ModelFamily } from './family.js';
import { writeRows } from './layout.js';

export const waveform: ModelFamily = {
  rows: 'samples',
  axes: ['batch', 'samples'],
  needs: [],
  open: [],
  output: ['batch', 'classes'],
  sizes: ({ windowSamples }) => ({ steps: 1, frames: 1, columns: 1, samples: windowSamples, one: 1 }),
  rowsPerWindow: ({ windowSamples }) => windowSamples,
  write(slice, position, { values, strides }, { windowSamples }, form) {
    const place = { offset: position * strides.batch, rowStride: strides.samples, columnStride: 1 };
    writeRows(slice, 0, windowSamples, values, place, form);
  },
};

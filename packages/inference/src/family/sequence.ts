/**
 * sequence: `input.steps` rolling windows of `input.frames` frames, `input.stepHopFrames` apart, for time-distributed
 * networks. Input e.g. [batch, steps, frames, columns, one]. A window holds frames + (steps − 1)·stepHopFrames rows.
 */
import { given, type InputGiven, type ModelFamily } from './family.js';
import { writeRows } from './layout.js';

const stepSizes = (input: InputGiven): { frames: number; steps: number; hop: number } => ({
  frames: given(input.frames, 'frames'),
  steps: given(input.steps, 'steps'),
  hop: given(input.stepHopFrames, 'stepHopFrames'),
});

export const sequence: ModelFamily = {
  rows: 'feature frames',
  axes: ['batch', 'steps', 'frames', 'columns'],
  needs: ['frames', 'steps', 'stepHopFrames'],
  open: [],
  output: ['batch', 'classes'],
  sizes(input) {
    const { frames, steps } = stepSizes(input);
    return { steps, frames, columns: input.columns, samples: 1, one: 1 };
  },
  rowsPerWindow(input) {
    const { frames, steps, hop } = stepSizes(input);
    return frames + (steps - 1) * hop;
  },
  write(slice, position, { values, strides }, input, form) {
    const { frames, steps, hop } = stepSizes(input);
    for (let step = 0; step < steps; step++) {
      const place = {
        offset: position * strides.batch + step * strides.steps,
        rowStride: strides.frames,
        columnStride: strides.columns,
      };
      writeRows(slice, step * hop, frames, values, place, form);
    }
  },
};

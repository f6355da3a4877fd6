/** Each family, in several axis orders, against the same sum written out in plain JavaScript. */
import { openModel } from '@undertone/inference';
import type { WindowSlice } from '@undertone/shared';
import { afterAll, describe, expect, it } from 'vitest';
import {
  expectError,
  type Json,
  linearByHand,
  linearModel,
  matrixCard,
  removeRoot,
  sequenceCard,
  slice,
  softmax,
  vectorCard,
  waveformCard,
  writeModel,
} from './inference-models.ts';

afterAll(removeRoot);

type At = Readonly<Record<'steps' | 'frames' | 'columns' | 'samples', number>>;
type SizeOf = Readonly<Record<string, number>>;

/** One window in C order of `axes` (batch left out), each value by what it means. */
function inLayout(axes: readonly string[], sizes: SizeOf, valueAt: (at: At) => number): number[] {
  const order = axes.filter((axis) => axis !== 'batch');
  const walk = (depth: number, at: Record<string, number>): number[] => {
    const axis = order[depth];
    if (axis === undefined) return [valueAt({ steps: 0, frames: 0, columns: 0, samples: 0, ...at })];
    const size = axis === 'one' ? 1 : (sizes[axis] as number);
    return Array.from({ length: size }, (_, i) => walk(depth + 1, { ...at, [axis]: i })).flat();
  };
  return walk(0, {});
}

interface Case {
  name: string;
  card: (changes: Json) => Json;
  layouts: string[][];
  input: Json;
  sizes: SizeOf;
  columns: number;
  /** Row of the window that stands at a place of the input. */
  rowAt: (at: At) => number;
  rows: number;
}

const cases: Case[] = [
  {
    name: 'vector',
    card: vectorCard,
    layouts: [
      ['batch', 'columns'],
      ['batch', 'columns', 'one'],
      ['batch', 'one', 'columns'],
      ['batch', 'one', 'one', 'columns', 'one'],
    ],
    input: {},
    sizes: { columns: 8 },
    columns: 8,
    rowAt: () => 0,
    rows: 1,
  },
  {
    name: 'matrix',
    card: matrixCard,
    layouts: [
      ['batch', 'frames', 'columns'],
      ['batch', 'columns', 'frames'],
      ['batch', 'one', 'frames', 'columns'],
      ['batch', 'columns', 'frames', 'one'],
    ],
    input: { frames: 5 },
    sizes: { frames: 5, columns: 4 },
    columns: 4,
    rowAt: ({ frames }) => frames,
    rows: 5,
  },
  {
    name: 'sequence',
    card: sequenceCard,
    layouts: [
      ['batch', 'steps', 'frames', 'columns'],
      ['batch', 'steps', 'columns', 'frames', 'one'],
      ['batch', 'frames', 'steps', 'columns'],
    ],
    input: { frames: 4, steps: 3, stepHopFrames: 2 },
    sizes: { steps: 3, frames: 4, columns: 4 },
    columns: 4,
    rowAt: ({ steps, frames }) => steps * 2 + frames,
    rows: 8,
  },
  {
    name: 'waveform',
    card: waveformCard,
    layouts: [
      ['batch', 'samples'],
      ['batch', 'one', 'samples'],
      ['batch', 'samples', 'one'],
    ],
    input: {},
    sizes: { samples: 20 },
    columns: 1,
    rowAt: ({ samples }) => samples,
    rows: 20,
  },
];

const scaler = (columns: number): { mean: number[]; scale: number[] } => ({
  mean: Array.from({ length: columns }, (_, c) => c - 1),
  scale: Array.from({ length: columns }, (_, c) => 0.5 + c),
});

/** What the model should have seen for a slice, pad rows and scaler included. */
function expected(c: Case, axes: string[], window: WindowSlice, pad: number, scaled: boolean): number[] {
  const { mean, scale } = scaler(c.columns);
  return inLayout(axes, c.sizes, (at) => {
    const row = c.rowAt(at);
    const raw = row < window.rows ? (window.values[row * c.columns + at.columns] as number) : pad;
    return scaled ? (raw - (mean[at.columns] as number)) / (scale[at.columns] as number) : raw;
  });
}

describe.each(cases)('family $name', (c) => {
  it.each(c.layouts.map((axes) => ({ axes, label: axes.join(' × ') })))(
    'lays out $label',
    async ({ axes }) => {
      for (const scaled of [false, true]) {
        const base = c.card({});
        const card = c.card({
          input: { name: 'x', axes, ...c.input },
          window: { ...(base.window as Json), padValue: -3 },
          scaler: scaled ? scaler(c.columns) : null,
        });
        const shape = axes
          .filter((axis) => axis !== 'batch')
          .map((axis) => (axis === 'one' ? 1 : (c.sizes[axis] as number)));
        const model = await openModel(writeModel(card, linearModel(shape)), { device: 'cpu' });
        expect(model.rowsPerWindow).toBe(c.rows);
        expect(model.inputShape(1)).toEqual(shape);
        // Exact, short (padded) and long (cut) windows side by side.
        const windows = [c.rows, Math.max(1, c.rows - 2), c.rows + 3].map((rows, i) =>
          slice(rows, c.columns, 40 + i),
        );
        const scores = await model.score(windows);
        windows.forEach((window, w) => {
          const byHand = softmax(linearByHand(expected(c, axes, window, -3, scaled)));
          byHand.forEach((p, i) => {
            expect(scores.values[w * 3 + i]).toBeCloseTo(p, 5);
          });
        });
        await model.close();
      }
    },
  );

  it('refuses a slice with other columns, too few values, or no rows', async () => {
    const card = c.card({});
    const axes = (card.input as { axes: string[] }).axes;
    const shape = axes.slice(1).map((axis) => c.sizes[axis] as number);
    const model = await openModel(writeModel(card, linearModel(shape)), { device: 'cpu' });
    const values = new Float32Array(c.columns * c.rows);
    await expectError(
      () => model.score([{ values, rows: 1, columns: c.columns + 1 }]),
      'internal',
      /^Expected rows of \d+ columns for window 0 for tiny but received /,
    );
    await expectError(
      () => model.score([{ values: new Float32Array(0), rows: 1, columns: c.columns }]),
      'internal',
      `Expected rows of ${c.columns} columns for window 0 for tiny but received 0 values as 1 × ${c.columns}`,
    );
    await expectError(
      () => model.score([{ values, rows: 0, columns: c.columns }]),
      'too_short',
      'Expected at least one row for window 0 for tiny',
    );
    await model.close();
  });
});

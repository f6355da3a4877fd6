/** Cards, graphs and plain computations that the inference tests share. */
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ErrorCode, WindowSlice } from '@undertone/shared';
import { UndertoneError } from '@undertone/shared';
import { expect } from 'vitest';
import { seeded } from '../fixtures/random.ts';
import { type Dim, type Graph, type Node, onnx, type Weights } from './inference-onnx-builder.ts';

/** A JSON object that tests change freely, bad values included. */
export type Json = { [key: string]: unknown };

export const root = mkdtempSync(join(tmpdir(), 'undertone-inference-'));
export const removeRoot = (): void => rmSync(root, { recursive: true, force: true });

/** Log-mel at 16 kHz: 4 bands, 160 samples a hop, 400 a frame, no FFT is ever run here. */
export const melFrontEnd = (bands = 4): Json => ({
  sampleRateHz: 16_000,
  frame: { lengthSamples: 400, hopSamples: 160, fftSize: 512 },
  mel: { bands, fMaxHz: 8000 },
  log: { kind: 'ln' },
});

/** A matrix card for 5 frames × 4 bands and three classes. */
export function matrixCard(changes: Json = {}): Json {
  return {
    schema: 'undertone-card/1',
    name: 'tiny',
    version: '1.0.0',
    description: 'a model of the tests',
    licence: { weights: 'Apache-2.0', because: 'made up' },
    model: { sha256: '0'.repeat(64) },
    family: 'matrix',
    frontEnd: melFrontEnd(),
    window: { lengthS: 0.06, hopS: 0.03, minS: 0.025 },
    input: { name: 'x', axes: ['batch', 'frames', 'columns'], frames: 5 },
    output: { name: 'y', kind: 'logits' },
    classes: ['neutral', 'happy', 'sad'],
    labelMap: { neutral: 'neutral', calm: 'neutral', happy: 'happy', sad: 'sad', boredom: null },
    polarity: { neutral: { neutral: 1 }, happy: { positive: 1 }, sad: { negative: 0.5, neutral: 0.5 } },
    calibration: { temperature: 1, fittedOn: 'nothing' },
    evaluation: [],
    training: {},
    ...changes,
  };
}

export const genderCard = (changes: Json = {}): Json =>
  matrixCard({ task: 'gender', classes: ['female', 'male'], labelMap: {}, polarity: null, ...changes });

export const vectorCard = (changes: Json = {}): Json =>
  matrixCard({
    family: 'vector',
    frontEnd: { ...melFrontEnd(), statistics: ['mean', 'std'] },
    input: { name: 'x', axes: ['batch', 'columns'] },
    ...changes,
  });

/** Windows of 5 frames, 2 apart, at most 4 of them in a stretch. */
export const stretchCard = (changes: Json = {}): Json =>
  matrixCard({
    family: 'stretch',
    frontEnd: { ...melFrontEnd(), frame: { ...(melFrontEnd().frame as Json), placement: 'snip' } },
    window: { lengthS: 0.05, hopS: 0.02, scope: 'recording', minS: 0.025 },
    input: { name: 'x', axes: ['batch', 'frames', 'columns'], frames: 5, hopFrames: 2, windows: 4 },
    ...changes,
  });

export const sequenceCard = (changes: Json = {}): Json =>
  matrixCard({
    family: 'sequence',
    input: {
      name: 'x',
      axes: ['batch', 'steps', 'frames', 'columns'],
      frames: 4,
      steps: 3,
      stepHopFrames: 2,
    },
    ...changes,
  });

export const waveformCard = (changes: Json = {}): Json =>
  matrixCard({
    family: 'waveform',
    frontEnd: { sampleRateHz: 1000 },
    window: { lengthS: 0.02, hopS: 0.01, minS: 0 },
    input: { name: 'x', axes: ['batch', 'samples'] },
    ...changes,
  });

let made = 0;
/** Writes a model directory; the card's digest is filled in unless it is asked to be wrong. */
export function writeModel(card: Json, graph: Uint8Array, at = join(root, `model-${made++}`)): string {
  mkdirSync(at, { recursive: true });
  writeFileSync(join(at, 'model.onnx'), graph);
  const sha256 = createHash('sha256').update(graph).digest('hex');
  const named = (card.model as { sha256: string }).sha256;
  const model = { ...(card.model as Json), sha256: /^0+$/.test(named) ? sha256 : named };
  writeFileSync(join(at, 'card.json'), JSON.stringify({ ...card, model }));
  return at;
}

/** The same numbers on every machine, −1…1. */
export function random(seed: number): () => number {
  const { next } = seeded(seed);
  return () => 2 * next() - 1;
}
export function randomValues(count: number, seed: number): Float32Array {
  const next = random(seed);
  return Float32Array.from({ length: count }, next);
}
export const slice = (rows: number, columns: number, seed: number): WindowSlice => ({
  values: randomValues(rows * columns, seed),
  rows,
  columns,
});

/** A network that looks at one frame at a time, then at the mean over each window. */
export interface PooledSizes {
  readonly frames: number;
  readonly hopFrames: number;
  readonly columns: number;
  readonly hidden: number;
}

function pooled({ frames, hopFrames, columns, hidden }: PooledSizes, classes: number): Graph {
  const scaled = randomValues(columns * hidden, 11).map((w) => w / columns);
  return {
    inputs: [{ name: 'x', shape: ['n', 'f', columns] }],
    outputs: [{ name: 'y', shape: ['n', 'w', classes] }],
    nodes: [
      { op: 'MatMul', inputs: ['x', 'trunk'], outputs: ['t'] },
      { op: 'Relu', inputs: ['t'], outputs: ['r'] },
      { op: 'Transpose', inputs: ['r'], outputs: ['byTime'], attributes: { perm: [0, 2, 1] } },
      {
        op: 'AveragePool',
        inputs: ['byTime'],
        outputs: ['means'],
        attributes: { kernel_shape: [frames], strides: [hopFrames] },
      },
      { op: 'Transpose', inputs: ['means'], outputs: ['byWindow'], attributes: { perm: [0, 2, 1] } },
      { op: 'MatMul', inputs: ['byWindow', 'head'], outputs: ['y'] },
    ],
    weights: [
      { name: 'trunk', shape: [columns, hidden], values: scaled },
      { name: 'head', shape: [hidden, classes], values: randomValues(hidden * classes, 12) },
    ],
  };
}

/** [batch, frames, columns] → [batch, windows, classes]: the trunk once along the frames. */
export const stretchModel = (sizes: PooledSizes, classes = 3): Uint8Array => onnx(pooled(sizes, classes));

/** The same with the input [batch, columns, frames]. */
export function turnedStretchModel(sizes: PooledSizes): Uint8Array {
  const graph = pooled(sizes, 3);
  const [trunk, ...rest] = graph.nodes as [Node, ...Node[]];
  const turn = { op: 'Transpose', inputs: ['x'], outputs: ['byFrame'], attributes: { perm: [0, 2, 1] } };
  return onnx({
    ...graph,
    inputs: [{ name: 'x', shape: ['n', sizes.columns, 'f'] }],
    nodes: [turn, { ...trunk, inputs: ['byFrame', 'trunk'] }, ...rest],
  });
}

/** The same network for one window: [batch, frames, columns] → [batch, classes]. */
export function windowModel(sizes: PooledSizes, classes = 3): Uint8Array {
  const graph = pooled(sizes, classes);
  const nodes = graph.nodes.map((node) =>
    node.op === 'MatMul' && node.outputs[0] === 'y' ? { ...node, outputs: ['z'] } : node,
  );
  return onnx({
    ...graph,
    inputs: [{ name: 'x', shape: ['n', sizes.frames, sizes.columns] }],
    outputs: [{ name: 'y', shape: ['n', classes] }],
    nodes: [...nodes, { op: 'Flatten', inputs: ['z'], outputs: ['y'] }],
  });
}

const product = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1);

/** Flatten → Gemm: every input value counts in every class, so a value in the wrong place shows. */
export function linear(
  shape: readonly number[],
  classes = 3,
  batch: Dim = 'n',
): Graph & { weights: Weights[] } {
  const size = product(shape);
  return {
    inputs: [{ name: 'x', shape: [batch, ...shape] }],
    outputs: [{ name: 'y', shape: [batch, classes] }],
    nodes: [
      { op: 'Flatten', inputs: ['x'], outputs: ['flat'] },
      { op: 'Gemm', inputs: ['flat', 'w', 'b'], outputs: ['y'] },
    ],
    weights: [
      { name: 'w', shape: [size, classes], values: randomValues(size * classes, 7) },
      { name: 'b', shape: [classes], values: randomValues(classes, 8) },
    ],
  };
}
export const linearModel = (shape: readonly number[], classes = 3, batch: Dim = 'n'): Uint8Array =>
  onnx(linear(shape, classes, batch));

/** The same in double, for an input in the graph's layout. */
export function linearByHand(input: ArrayLike<number>, classes = 3): number[] {
  const [w, b] = linear([input.length], classes).weights as [Weights, Weights];
  return Array.from({ length: classes }, (_, c) => {
    let sum = b.values[c] as number;
    for (let i = 0; i < input.length; i++)
      sum += (input[i] as number) * (w.values[i * classes + c] as number);
    return sum;
  });
}

export function softmax(logits: readonly number[], temperature = 1): number[] {
  const top = Math.max(...logits);
  const mass = logits.map((z) => Math.exp((z - top) / temperature));
  const sum = mass.reduce((a, b) => a + b, 0);
  return mass.map((m) => m / sum);
}

/** Conv 3×3 → ReLU → MaxPool → depthwise Conv → Gemm over [n, 1, frames, columns]: the shape of a real model. */
export function convModel(frames: number, columns: number, channels: number, classes = 3): Uint8Array {
  const pooled = channels * Math.floor(frames / 2) * Math.floor(columns / 2);
  const scale = (values: Float32Array, by: number): Float32Array => values.map((v) => v * by);
  return onnx({
    inputs: [{ name: 'x', shape: ['n', 1, frames, columns] }],
    outputs: [{ name: 'y', shape: ['n', classes] }],
    nodes: [
      {
        op: 'Conv',
        inputs: ['x', 'k'],
        outputs: ['c'],
        attributes: { kernel_shape: [3, 3], pads: [1, 1, 1, 1] },
      },
      { op: 'Relu', inputs: ['c'], outputs: ['r'] },
      { op: 'MaxPool', inputs: ['r'], outputs: ['p'], attributes: { kernel_shape: [2, 2], strides: [2, 2] } },
      {
        op: 'Conv',
        inputs: ['p', 'd'],
        outputs: ['q'],
        attributes: { kernel_shape: [3, 3], pads: [1, 1, 1, 1], group: channels },
      },
      { op: 'Relu', inputs: ['q'], outputs: ['s'] },
      { op: 'Flatten', inputs: ['s'], outputs: ['flat'] },
      { op: 'Gemm', inputs: ['flat', 'w', 'b'], outputs: ['y'] },
    ],
    weights: [
      { name: 'k', shape: [channels, 1, 3, 3], values: randomValues(channels * 9, 1) },
      { name: 'd', shape: [channels, 1, 3, 3], values: randomValues(channels * 9, 2) },
      { name: 'w', shape: [pooled, classes], values: scale(randomValues(pooled * classes, 3), 0.05) },
      { name: 'b', shape: [classes], values: randomValues(classes, 4) },
    ],
  });
}

/** The UndertoneError that `work` ends with. */
export async function errorOf(work: () => unknown): Promise<UndertoneError> {
  try {
    await work();
  } catch (error) {
    if (error instanceof UndertoneError) return error;
    throw error;
  }
  throw new Error('Expected an UndertoneError but nothing was thrown');
}

export async function expectError(
  work: () => unknown,
  code: ErrorCode,
  message: string | RegExp,
): Promise<void> {
  const error = await errorOf(work);
  if (typeof message === 'string') expect(error.message).toBe(message);
  else expect(error.message).toMatch(message);
  expect(error.code).toBe(code);
}

/**
 * golden.json: inputs of a model and the raw outputs that its maker saw. It proves on any machine that the graph,
 * the runtime and the card's names and axes still give what was evaluated.
 *
 *   {"tolerance": 1e-4, "cases": [
 *     {"name": "ramp", "input": {"shape": [300, 64], "values": [...]}, "output": [0.1, -2.3, ...]},
 *     {"name": "tone", "input": {"shape": [300, 64], "formula": "sine", "step": 0.1, "amplitude": 2, "offset": -8}, "output": [...]}]}
 *
 * `shape` is the graph's input without the batch axis, values in C order; `output` is what the graph gives for that
 * one input (logits or probabilities, before temperature), in the order of the card's classes; of a stretch, window after
 * window.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseSettings, UndertoneError } from '@undertone/shared';
import { z } from 'zod';

const shape = z.array(z.int().positive()).min(1).max(6);

const goldenInput = z.union([
  z.strictObject({ shape, values: z.array(z.number()) }),
  z.strictObject({
    shape,
    formula: z.literal('sine').meta({ description: 'value i is offset + amplitude · sin(step · i)' }),
    step: z.number().default(0.1).meta({ description: 'radians from a value to the next' }),
    amplitude: z.number().default(1),
    offset: z.number().default(0),
  }),
  z.strictObject({ shape, formula: z.literal('constant'), value: z.number() }),
]);

export const goldenSchema = z.strictObject({
  tolerance: z.number().positive().meta({ description: 'largest absolute difference of any output' }),
  cases: z
    .array(
      z.strictObject({ name: z.string().min(1), input: goldenInput, output: z.array(z.number()).min(1) }),
    )
    .min(1),
});
export type Golden = z.output<typeof goldenSchema>;
export type GoldenInput = z.output<typeof goldenInput>;

/** What checkGolden needs of a model. */
export interface GoldenSubject {
  readonly directory: string;
  readonly window: { readonly stretchWindows: number };
  /** The graph's input for so many windows, without the batch axis. */
  inputShape(windows: number): readonly number[];
  rawOutput(values: Float32Array, windows: number): Promise<Float32Array>;
}

/** `worst` is the largest absolute difference seen. */
export type GoldenResult =
  | { readonly present: false }
  | { readonly present: true; readonly cases: number; readonly worst: number; readonly tolerance: number };

/**
 * Runs golden.json of the model's directory, when there is one.
 * @throws UndertoneError invalid_card naming the case, the output and both values when one differs by more than the tolerance
 */
export async function checkGolden(model: GoldenSubject): Promise<GoldenResult> {
  const path = join(model.directory, 'golden.json');
  const golden = await readGolden(path);
  if (golden === null) return { present: false };
  let worst = 0;
  for (const { name, input, output } of golden.cases) {
    const windows = windowsIn(input.shape, model);
    if (windows === null) {
      const longest = model.window.stretchWindows;
      const most = longest > 1 ? ` to [${model.inputShape(longest)}]` : '';
      const takes = `[${model.inputShape(1)}]${most}`;
      throw wrong(path, `case ${name} has the shape [${input.shape}] but the model takes ${takes}`);
    }
    const actual = await model.rawOutput(goldenValues(input, path, name), windows);
    if (actual.length !== output.length) {
      throw wrong(path, `case ${name} has ${output.length} outputs but the model gives ${actual.length}`);
    }
    for (const [i, expected] of output.entries()) {
      const difference = Math.abs((actual[i] as number) - expected);
      // Negated, so that a NaN fails too.
      if (!(difference <= golden.tolerance)) {
        throw wrong(
          path,
          `case ${name}: output ${i} is ${actual[i]}, expected ${expected} within ${golden.tolerance}`,
        );
      }
      worst = Math.max(worst, difference);
    }
  }
  return { present: true, cases: golden.cases.length, worst, tolerance: golden.tolerance };
}

/** How many windows an input of this shape holds; null when no slice of the model has it. */
function windowsIn(shape: readonly number[], model: GoldenSubject): number | null {
  for (let windows = 1; windows <= model.window.stretchWindows; windows++) {
    if (shape.join() === model.inputShape(windows).join()) return windows;
  }
  return null;
}

async function readGolden(path: string): Promise<Golden | null> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw wrong(path, `cannot be read: ${(error as Error).message}`);
  }
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw wrong(path, `is not JSON: ${(error as Error).message}`);
  }
  return parseSettings(goldenSchema, json, 'golden', 'invalid_card');
}

/** The input of a case, float32, C order. */
export function goldenValues(input: GoldenInput, path: string, name: string): Float32Array {
  const size = input.shape.reduce((a, b) => a * b, 1);
  if ('values' in input) {
    if (input.values.length !== size) {
      throw wrong(
        path,
        `case ${name} has ${input.values.length} values but its shape [${input.shape}] holds ${size}`,
      );
    }
    return Float32Array.from(input.values);
  }
  if (input.formula === 'constant') return new Float32Array(size).fill(input.value);
  const { offset, amplitude, step } = input;
  return Float32Array.from({ length: size }, (_, i) => offset + amplitude * Math.sin(step * i));
}

function wrong(path: string, what: string): UndertoneError {
  return new UndertoneError('invalid_card', path, `${path}: ${what}`);
}

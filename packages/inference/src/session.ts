/**
 * The only file that knows onnxruntime. Opens a graph, holds it to what the card says of it, and runs it.
 *
 * In:  float32 [axes of the card], at shapes that are bound once and then only run: memory stays flat.
 * Out: float32 [batch, classes], of a stretch model [batch, windows, classes].
 */
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { expectation, UndertoneError } from '@undertone/shared';
import { env, InferenceSession, Tensor } from 'onnxruntime-node';
import type { Axis, AxisSizes, OutputAxis } from './family/family.js';
import type { Provider } from './provider.js';

// The process-wide logger is made with the first session and writes to the terminal, which is not a library's to use.
env.logLevel = 'fatal';
const LOG_FATAL = 4;

/** What the card promises about the graph. */
export interface GraphContract {
  /** Shown in messages: the model's name. */
  readonly model: string;
  readonly inputName: string;
  readonly axes: readonly Axis[];
  readonly sizes: AxisSizes;
  /** The axes of the input that the graph must leave open. */
  readonly open: readonly Axis[];
  readonly outputName: string;
  readonly outputAxes: readonly OutputAxis[];
  readonly classes: number;
  /** Set when the run chose the window length itself: a misfit is then the run's, not the card's. */
  readonly runWindow: { readonly windowS: number; readonly sampleRateHz: number } | null;
  /** Used where the graph leaves the batch open. */
  readonly defaultBatch: number;
}

/** An open graph. One run at a time: the caller keeps order. */
export interface GraphSession {
  /** Windows a run. */
  readonly batchWindows: number;
  /** Binds the buffer that a run reads, in the graph's axis order, and the shape that must come out. */
  bind(values: Float32Array, shape: readonly number[], outputShape: readonly number[]): BoundRun;
  close(): Promise<void>;
}

/** Raw output in C order. @throws UndertoneError model_error, invalid_card when another shape comes out */
export type BoundRun = () => Promise<Float32Array>;

/** Where the runtime's shared libraries of this platform lie. */
export function runtimeFolder(): string {
  const entry = createRequire(import.meta.url).resolve('onnxruntime-node');
  return join(dirname(entry), '..', 'bin', 'napi-v6', process.platform, process.arch);
}

/** @throws UndertoneError invalid_card when the graph is not what the card says, unsupported_device when CUDA does not start */
export async function openSession(
  graph: Uint8Array,
  contract: GraphContract,
  provider: Provider,
): Promise<GraphSession> {
  const session = await createSession(graph, contract.model, provider);
  try {
    return new OrtGraph(session, contract, checkGraph(session, contract));
  } catch (error) {
    await session.release();
    throw error;
  }
}

async function createSession(
  graph: Uint8Array,
  model: string,
  provider: Provider,
): Promise<InferenceSession> {
  try {
    return await InferenceSession.create(graph, {
      executionProviders:
        provider.name === 'cuda' ? [{ name: 'cuda', deviceId: provider.deviceIndex }] : ['cpu'],
      // Workers are the parallelism: sessions with threads of their own fight for cores.
      intraOpNumThreads: 1,
      interOpNumThreads: 1,
      executionMode: 'sequential',
      graphOptimizationLevel: 'all',
      logSeverityLevel: LOG_FATAL,
    });
  } catch (error) {
    const reason = (error as Error).message;
    // A driver that does not fit the library shows up here. `auto` does not fall back either: workers of one run
    // on different providers would not write the same bytes.
    if (provider.name === 'cuda' && /cuda|cudnn|cublas|provider/i.test(reason)) {
      throw new UndertoneError(
        'unsupported_device',
        'device',
        `CUDA did not start on cuda:${provider.deviceIndex}: ${withoutSource(reason)}. Use --device cpu`,
      );
    }
    throw new UndertoneError(
      'invalid_card',
      'card.model.file',
      `The graph of ${model} cannot be opened: ${reason}`,
    );
  }
}

/** The runtime wraps what CUDA said in the signature of its own function. */
export const withoutSource = (reason: string): string =>
  /(?:CUDA|CUDNN|CUBLAS) failure \d+: [^;]*/.exec(reason)?.[0].trim() ?? reason;

class OrtGraph implements GraphSession {
  constructor(
    private readonly session: InferenceSession,
    private readonly contract: GraphContract,
    readonly batchWindows: number,
  ) {}

  bind(values: Float32Array, shape: readonly number[], outputShape: readonly number[]): BoundRun {
    const feeds = { [this.contract.inputName]: new Tensor('float32', values, shape) };
    return () => this.run(feeds, outputShape);
  }

  private async run(feeds: Record<string, Tensor>, shape: readonly number[]): Promise<Float32Array> {
    const { model, outputName, outputAxes } = this.contract;
    let output: Tensor | undefined;
    try {
      output = (await this.session.run(feeds, [outputName]))[outputName];
    } catch (error) {
      throw new UndertoneError('model_error', model, `${model} failed to run: ${(error as Error).message}`);
    }
    if (output?.dims.join() !== shape.join()) {
      const said = outputAxes.map((axis, i) =>
        axis === 'batch' ? `batch ${shape[i]}` : `${shape[i]} ${axis}`,
      );
      throw new UndertoneError(
        'invalid_card',
        'card.output',
        `The graph's output ${outputName} has the shape [${output?.dims}] but the card says [${said.join(', ')}]`,
      );
    }
    return output.data as Float32Array;
  }

  async close(): Promise<void> {
    await this.session.release();
  }
}

/** Holds names, types and shapes of the graph to the card; returns the batch size to run with. */
function checkGraph(session: InferenceSession, contract: GraphContract): number {
  const { inputName, axes, sizes, open, outputName } = contract;
  const inputs = session.inputNames;
  if (inputs.length !== 1 || inputs[0] !== inputName) {
    bad('card.input.name', `The graph has the input(s) ${inputs.join(', ')} but the card says ${inputName}`);
  }
  if (!session.outputNames.includes(outputName)) {
    const outputs = session.outputNames.join(', ');
    bad('card.output.name', `The graph has the output(s) ${outputs} but the card says ${outputName}`);
  }
  const input = floatShape(session.inputMetadata, inputName, 'card.input');
  if (input.length !== axes.length) {
    bad(
      'card.input.axes',
      `${sentence('input', inputName, input)} but the card says ${axes.length} axes: ${axes.join(', ')}`,
    );
  }
  for (const [i, axis] of axes.entries()) {
    const has = input[i];
    if (typeof has === 'number' && open.includes(axis)) {
      bad(
        'card.input.axes',
        `${sentence('input', inputName, input)} but the card's family needs axis ${i} (${axis}) open`,
      );
    }
    if (axis !== 'batch' && typeof has === 'number' && has !== sizes[axis]) {
      if (axis === 'samples' && contract.runWindow) refuseWindow(contract.model, has, contract.runWindow);
      bad(
        'card.input.axes',
        `${sentence('input', inputName, input)} but the card says ${sizes[axis]} for axis ${i} (${axis})`,
      );
    }
  }
  const output = floatShape(session.outputMetadata, outputName, 'card.output');
  const fixedBatch = input[axes.indexOf('batch')];
  const batch = typeof fixedBatch === 'number' ? fixedBatch : contract.defaultBatch;
  checkOutput(output, batch, contract);
  return batch;
}

function refuseWindow(model: string, samples: number, run: NonNullable<GraphContract['runWindow']>): never {
  const what = `${samples / run.sampleRateHz} (${model} takes exactly ${samples} samples a window)`;
  throw new UndertoneError('usage', 'run.windowS', expectation(what, 'run.windowS', run.windowS));
}

function checkOutput(shape: Shape, batch: number, { outputName, outputAxes, classes }: GraphContract): void {
  const name = outputName;
  if (shape.length !== outputAxes.length) {
    const axes = outputAxes.map((axis) => (axis === 'classes' ? `${classes} classes` : axis));
    bad('card.output', `${sentence('output', name, shape)} but the card says [${axes.join(', ')}]`);
  }
  const rows = shape[0];
  const columns = shape.at(-1);
  if (typeof columns === 'number' && columns !== classes) {
    bad('card.classes', `${sentence('output', name, shape)} but the card has ${classes} classes`);
  }
  if (typeof rows === 'number' && rows !== batch) {
    bad('card.output', `${sentence('output', name, shape)} but its input has a batch of ${batch}`);
  }
}

/** Sizes as numbers, open ones by their names. */
type Shape = readonly (number | string)[];

function floatShape(metadata: readonly InferenceSession.ValueMetadata[], name: string, path: string): Shape {
  const value = metadata.find((entry) => entry.name === name);
  if (!value?.isTensor || value.type !== 'float32') {
    const type = value?.isTensor ? value.type : 'no tensor';
    bad(path, `The graph's ${name} is ${type} but only float32 is supported: export the model in float32`);
  }
  return value.shape;
}

const sentence = (kind: string, name: string, shape: Shape): string =>
  `The graph's ${kind} ${name} has the shape [${shape.map((size) => size || '?').join(', ')}]`;

function bad(path: string, message: string): never {
  throw new UndertoneError('invalid_card', path, message);
}

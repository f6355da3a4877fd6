/**
 * A model ready to score windows: card, checked graph, one batch buffer.
 *
 * Every run has the same shape: short batches are filled with zeros. Memory then stays flat, and a window's scores
 * do not depend on which windows stood beside it (the runtime picks its kernels by shape).
 */
import type { Scores, WindowSlice } from '@undertone/shared';
import { UndertoneError } from '@undertone/shared';
import { type Calibration, calibrateRow } from './calibrate.js';
import type { Card } from './card.js';
import { cardDigest, readModelFiles } from './card-file.js';
import type { AxisSizes, InputGiven } from './family/family.js';
import { type BatchBuffer, batchBuffer, writeRaw } from './family/layout.js';
import { familyOf } from './family/registry.js';
import { chooseProviders, probeMachine } from './provider.js';
import { type GraphContract, type GraphSession, openSession, runtimeFolder } from './session.js';
import { inputGiven, type ResolvedWindow, resolveWindow, type WindowOverrides } from './window.js';

/** Windows a run where the graph leaves the batch open: enough to share the weights' trip through the cache. */
export const DEFAULT_BATCH_WINDOWS = 16;

export interface OpenOptions extends WindowOverrides {
  /** As for `chooseProviders`; a model runs on the first device that is chosen. */
  readonly device?: string | undefined;
}

export interface Model {
  readonly directory: string;
  readonly card: Card;
  /** SHA-256 of the graph. */
  readonly digest: string;
  /** SHA-256 of the card with its defaults: two models with one graph and different cards write different rows. */
  readonly cardDigest: string;
  /** The provider that really runs. */
  readonly providerName: 'cpu' | 'cuda';
  readonly classes: readonly string[];
  readonly window: ResolvedWindow;
  /** Rows of a window that reach the model. */
  readonly rowsPerWindow: number;
  readonly columns: number;
  readonly batchWindows: number;
  /** The graph's input without its batch axis. */
  readonly inputShape: readonly number[];
  /**
   * Calibrated probabilities, one row a slice, in order. Slices are read when their turn comes: leave them alone
   * until the promise settles. Calls made at once run one after another.
   * @throws UndertoneError model_error, too_short for a slice without rows
   */
  score(slices: readonly WindowSlice[]): Promise<Scores>;
  /** Raw output for one input in the graph's own layout: what golden.json compares. */
  rawOutput(values: Float32Array): Promise<Float32Array>;
  close(): Promise<void>;
}

/**
 * Opens `<directory>/card.json` and its graph.
 * @throws UndertoneError invalid_card, digest_mismatch, unsupported_device, usage (an override that does not fit)
 */
export async function openModel(directory: string, options: OpenOptions = {}): Promise<Model> {
  const { device = 'auto', ...overrides } = options;
  const [provider] = chooseProviders(device, probeMachine(runtimeFolder())).providers;
  const { card, graph } = await readModelFiles(directory);
  const window = resolveWindow(card, overrides);
  const given = inputGiven(card, window.lengthSamples);
  const sizes = familyOf(card.family).sizes(given);
  const session = await openSession(graph, contractOf(card, sizes, overrides), provider);
  const buffer = batchBuffer(card.input.axes, sizes, session.batchWindows);
  session.bind(buffer.values, buffer.shape);
  const model = new OpenModel(directory, card, provider.name, window, { session, buffer, given });
  try {
    // An open output shape, or an operator that this runtime lacks, shows only in a run.
    await model.probe();
  } catch (error) {
    await model.close();
    throw error;
  }
  return model;
}

function contractOf(card: Card, sizes: AxisSizes, { windowS }: WindowOverrides): GraphContract {
  const { sampleRateHz } = card.frontEnd;
  return {
    model: card.name,
    inputName: card.input.name,
    axes: card.input.axes,
    sizes,
    outputName: card.output.name,
    classes: card.classes.length,
    runWindow: windowS === undefined ? null : { windowS, sampleRateHz },
    defaultBatch: DEFAULT_BATCH_WINDOWS,
  };
}

interface Engine {
  readonly session: GraphSession;
  readonly buffer: BatchBuffer;
  readonly given: InputGiven;
}

class OpenModel implements Model {
  readonly digest: string;
  readonly cardDigest: string;
  readonly classes: readonly string[];
  readonly rowsPerWindow: number;
  readonly columns: number;
  readonly batchWindows: number;
  readonly inputShape: readonly number[];
  private readonly calibration: Calibration;
  private readonly scratch: Float64Array;
  private turn: Promise<unknown> = Promise.resolve();
  private closed = false;

  constructor(
    readonly directory: string,
    readonly card: Card,
    readonly providerName: 'cpu' | 'cuda',
    readonly window: ResolvedWindow,
    private readonly engine: Engine,
  ) {
    const { classes, output, calibration, name } = card;
    this.digest = card.model.sha256;
    this.cardDigest = cardDigest(card);
    this.classes = classes;
    this.rowsPerWindow = window.rows;
    this.columns = engine.given.columns;
    this.batchWindows = engine.session.batchWindows;
    this.inputShape = engine.buffer.shape.filter((_, i) => card.input.axes[i] !== 'batch');
    this.calibration = { kind: output.kind, temperature: calibration.temperature, classes, model: name };
    this.scratch = new Float64Array(classes.length);
  }

  score(slices: readonly WindowSlice[]): Promise<Scores> {
    return this.inTurn(() => this.scoreAll(slices));
  }

  rawOutput(values: Float32Array): Promise<Float32Array> {
    return this.inTurn(async () => {
      const { buffer, session } = this.engine;
      const size = this.inputShape.reduce((a, b) => a * b, 1);
      if (values.length !== size) {
        throw this.misuse(`Expected ${size} values for one input but received ${values.length}`);
      }
      buffer.values.fill(0);
      writeRaw(values, 0, buffer, this.card.input.axes.indexOf('batch'));
      return (await session.run()).slice(0, this.classes.length);
    });
  }

  /** A run over zeros whose values nobody looks at. */
  async probe(): Promise<void> {
    await this.inTurn(() => this.engine.session.run());
  }

  async close(): Promise<void> {
    if (this.closed) return;
    this.closed = true;
    await this.turn;
    await this.engine.session.close();
  }

  /** One buffer, one session: whoever comes second waits. */
  private inTurn<T>(work: () => Promise<T>): Promise<T> {
    if (this.closed) return Promise.reject(this.misuse(`${this.card.name} is closed`));
    const result = this.turn.then(work);
    this.turn = result.catch(() => undefined);
    return result;
  }

  private async scoreAll(slices: readonly WindowSlice[]): Promise<Scores> {
    const classes = this.classes.length;
    const values = new Float32Array(slices.length * classes);
    for (let first = 0; first < slices.length; first += this.batchWindows) {
      const batch = slices.slice(first, first + this.batchWindows);
      this.fill(batch, first);
      const raw = await this.engine.session.run();
      for (let i = 0; i < batch.length; i++) {
        calibrateRow(raw, i, values, first + i, this.scratch, this.calibration);
      }
    }
    return { values, windows: slices.length, classes };
  }

  private fill(batch: readonly WindowSlice[], first: number): void {
    const { buffer, given } = this.engine;
    // Stale windows of an earlier batch would be harmless to the result, but the tail should be the same every time.
    if (batch.length < this.batchWindows) buffer.values.fill(0);
    const family = familyOf(this.card.family);
    for (const [i, slice] of batch.entries()) {
      this.checkSlice(slice, first + i);
      family.write(slice, i, buffer, given, {
        padValue: this.card.window.padValue,
        scaler: this.card.scaler,
      });
    }
  }

  private checkSlice({ values, rows, columns }: WindowSlice, index: number): void {
    const subject = `window ${index} for ${this.card.name}`;
    if (columns !== this.columns || values.length < rows * columns) {
      throw this.misuse(
        `Expected rows of ${this.columns} columns for ${subject} but received ${values.length} values as ${rows} × ${columns}`,
      );
    }
    // All padding: whatever the model said of it would be made up.
    if (rows < 1)
      throw new UndertoneError('too_short', this.card.name, `Expected at least one row for ${subject}`);
    // Checked here because a ReLU may turn NaN into an innocent 0.
    if (!allFinite(values, rows * columns)) {
      throw new UndertoneError(
        'model_error',
        this.card.name,
        `Expected finite features for ${subject} but received NaN or an infinity`,
      );
    }
  }

  private misuse(message: string): UndertoneError {
    return new UndertoneError('internal', this.card.name, message);
  }
}

/**
 * A double sum of float32 values cannot overflow, so it is finite exactly when they all are. Four sums, because each
 * addition would wait for the one before it.
 */
function allFinite(values: Float32Array, count: number): boolean {
  let [a, b, c, d] = [0, 0, 0, 0];
  const whole = count - (count % 4);
  for (let i = 0; i < whole; i += 4) {
    a += values[i] as number;
    b += values[i + 1] as number;
    c += values[i + 2] as number;
    d += values[i + 3] as number;
  }
  for (let i = whole; i < count; i++) a += values[i] as number;
  return Number.isFinite(a + b + c + d);
}

/**
 * A model ready to score windows: card, checked graph, one batch buffer. What is scored is slices: a window each, or,
 * for a graph that pools windows by itself, the stretch of frames under several.
 */
import type { Scores, WindowSlice } from '@undertone/shared';
import { UndertoneError } from '@undertone/shared';
import { type Calibration, calibrateRow } from './calibrate.js';
import type { Card } from './card.js';
import { columnsOf } from './card-checks.js';
import { cardDigest, readModelFiles } from './card-file.js';
import { writeRaw } from './family/layout.js';
import { familyOf } from './family/registry.js';
import { FixedRuns } from './fixed-run.js';
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
  /** Slices a run, for slices of so many windows each. */
  batchSlices(windows: number): number;
  /** The graph's input for a slice of so many windows, without its batch axis. */
  inputShape(windows: number): readonly number[];
  /**
   * Calibrated probabilities, one row a window, in order. All slices hold the same number of windows, 1 to
   * `window.stretchWindows`. They are read when their turn comes: leave them alone until the promise settles. Calls
   * made at once run one after another.
   * @throws UndertoneError model_error, too_short for a slice without rows
   */
  score(slices: readonly WindowSlice[], windows?: number): Promise<Scores>;
  /** Raw output, windows × classes, for one input in the graph's own layout: what golden.json compares. */
  rawOutput(values: Float32Array, windows?: number): Promise<Float32Array>;
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
  const session = await openSession(graph, contractOf(card, window, overrides), provider);
  const model = new OpenModel(directory, card, provider.name, window, session);
  try {
    // An open output shape, or an operator that this runtime lacks, shows only in a run.
    await model.probe();
  } catch (error) {
    await model.close();
    throw error;
  }
  return model;
}

function contractOf(card: Card, window: ResolvedWindow, { windowS }: WindowOverrides): GraphContract {
  const { sampleRateHz } = card.frontEnd;
  const family = familyOf(card.family);
  return {
    model: card.name,
    inputName: card.input.name,
    axes: card.input.axes,
    sizes: family.sizes(inputGiven(card, window.lengthSamples)),
    open: family.open,
    outputName: card.output.name,
    outputAxes: family.output,
    classes: card.classes.length,
    runWindow: windowS === undefined ? null : { windowS, sampleRateHz },
    defaultBatch: DEFAULT_BATCH_WINDOWS,
  };
}

class OpenModel implements Model {
  readonly digest: string;
  readonly cardDigest: string;
  readonly classes: readonly string[];
  readonly rowsPerWindow: number;
  readonly columns: number;
  private readonly runs: FixedRuns;
  private readonly calibration: Calibration;
  private readonly scratch: Float64Array;
  private turn: Promise<unknown> = Promise.resolve();
  private closed = false;

  constructor(
    readonly directory: string,
    readonly card: Card,
    readonly providerName: 'cpu' | 'cuda',
    readonly window: ResolvedWindow,
    private readonly session: GraphSession,
  ) {
    const { classes, output, calibration, name } = card;
    this.digest = card.model.sha256;
    this.cardDigest = cardDigest(card);
    this.classes = classes;
    this.rowsPerWindow = window.rows;
    this.columns = columnsOf(card);
    this.runs = new FixedRuns(session, card, window);
    this.calibration = { kind: output.kind, temperature: calibration.temperature, classes, model: name };
    this.scratch = new Float64Array(classes.length);
  }

  batchSlices(windows: number): number {
    return this.runs.slices(windows);
  }

  inputShape(windows: number): readonly number[] {
    return this.runs.inputShape(windows);
  }

  score(slices: readonly WindowSlice[], windows = 1): Promise<Scores> {
    return this.inTurn(() => this.scoreAll(slices, windows));
  }

  rawOutput(values: Float32Array, windows = 1): Promise<Float32Array> {
    return this.inTurn(async () => {
      const { buffer, run } = this.runs.of(windows);
      const size = this.inputShape(windows).reduce((a, b) => a * b, 1);
      if (values.length !== size) {
        throw this.misuse(`Expected ${size} values for one input but received ${values.length}`);
      }
      buffer.values.fill(0);
      writeRaw(values, 0, buffer, this.card.input.axes.indexOf('batch'));
      return (await run()).slice(0, windows * this.classes.length);
    });
  }

  /** Runs over zeros whose values nobody looks at: the shortest and the longest slices. */
  async probe(): Promise<void> {
    for (const windows of new Set([1, this.window.stretchWindows])) {
      await this.inTurn(() => this.runs.of(windows).run());
    }
  }

  async close(): Promise<void> {
    if (this.closed) return;
    this.closed = true;
    await this.turn;
    await this.session.close();
  }

  /** One buffer, one session: whoever comes second waits. */
  private inTurn<T>(work: () => Promise<T>): Promise<T> {
    if (this.closed) return Promise.reject(this.misuse(`${this.card.name} is closed`));
    const result = this.turn.then(work);
    this.turn = result.catch(() => undefined);
    return result;
  }

  private async scoreAll(slices: readonly WindowSlice[], windows: number): Promise<Scores> {
    const classes = this.classes.length;
    const values = new Float32Array(slices.length * windows * classes);
    const fixed = this.runs.of(windows);
    for (let first = 0; first < slices.length; first += fixed.slices) {
      const batch = slices.slice(first, first + fixed.slices);
      for (const [i, slice] of batch.entries()) this.checkSlice(slice, first + i);
      fixed.fill(batch);
      const raw = await fixed.run();
      for (let i = 0; i < batch.length * windows; i++) {
        calibrateRow(raw, i, values, first * windows + i, this.scratch, this.calibration);
      }
    }
    return { values, windows: slices.length * windows, classes };
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

/**
 * Windows → Scores in full batches across the recordings of a shard, delivered in the order they came. What is scored
 * is stretches of windows; those of as many windows share batches.
 * Batches depend on the shard alone, so the rows do not depend on workers or machines.
 */
import type { Model } from '@undertone/inference';
import { UndertoneError, type WindowSlice } from '@undertone/shared';

/** One window of a stretch. */
export interface ScoredWindow {
  /** Whether its scores are used: a window that is passed over is scored with its neighbours or not at all. */
  readonly wanted: boolean;
  /** Gets its class probabilities, or the error that its stretch alone causes; null when they are not wanted. */
  deliver(result: Float32Array | UndertoneError | null): void;
}

interface Stretch {
  readonly slice: WindowSlice;
  readonly windows: readonly ScoredWindow[];
  /** windows × classes once scored. */
  scores: Float32Array | UndertoneError | null;
}
type Entry = Stretch | { readonly act: () => void };

/**
 * Stretches that may have come since the oldest that is not scored: it waits for others of as many windows, and
 * everything behind it waits for its rows.
 */
const MOST_WAITING = 64;

export class StretchBatcher {
  #queue: Entry[] = [];
  /** Stretches that are not scored yet, by how many windows they hold. */
  #waiting = new Map<number, Stretch[]>();
  #stretches = 0;

  /** @param around called with each batch's work, e.g. to note that it is under way */
  constructor(
    readonly model: Model,
    readonly around: <T>(score: () => Promise<T>) => Promise<T> = (score) => score(),
  ) {}

  /** Queues a stretch; its windows are delivered one after the other. */
  async score(slice: WindowSlice, windows: readonly ScoredWindow[]): Promise<void> {
    const stretch: Stretch = { slice, windows, scores: null };
    this.#queue.push(stretch);
    this.#stretches += 1;
    const alike = this.#waiting.get(windows.length) ?? [];
    this.#waiting.set(windows.length, alike);
    alike.push(stretch);
    if (alike.length >= this.model.batchSlices(windows.length)) await this.#run(windows.length);
    else if (this.#stretches >= MOST_WAITING) await this.#run(this.#oldest());
  }

  /** Runs `act` when everything queued before it has been delivered. */
  inOrder(act: () => void): void {
    if (this.#queue.length === 0) act();
    else this.#queue.push({ act });
  }

  async flush(): Promise<void> {
    while (this.#queue.length > 0) await this.#run(this.#oldest());
  }

  /** Windows in the stretch that everything else waits for. */
  #oldest(): number {
    const [first] = this.#queue;
    if (first === undefined || 'act' in first) throw new Error('The queue does not begin with a stretch');
    return first.windows.length;
  }

  /** Scores the stretches of so many windows and delivers what is then complete. */
  async #run(windows: number): Promise<void> {
    const batch = this.#waiting.get(windows) ?? [];
    this.#waiting.delete(windows);
    const slices = batch.map(({ slice }) => slice);
    const scores = await this.around(() => this.#scoreAll(slices, windows));
    for (const [i, stretch] of batch.entries()) {
      stretch.scores = scores[i] ?? new UndertoneError('model_error', '', 'No score came back');
    }
    this.#deliver();
  }

  #deliver(): void {
    const waits = this.#queue.findIndex((entry) => !('act' in entry) && entry.scores === null);
    for (const entry of this.#queue.splice(0, waits < 0 ? this.#queue.length : waits)) {
      if ('act' in entry) entry.act();
      else {
        this.#stretches -= 1;
        deliverEach(entry);
      }
    }
  }

  /** A batch that fails is scored stretch by stretch, so that a bad one costs its own recording only. */
  async #scoreAll(
    slices: readonly WindowSlice[],
    windows: number,
  ): Promise<(Float32Array | UndertoneError)[]> {
    try {
      const { values, classes } = await this.model.score(slices, windows);
      const each = windows * classes;
      return slices.map((_slice, i) => values.subarray(i * each, (i + 1) * each));
    } catch (thrown) {
      if (!(thrown instanceof UndertoneError) || thrown.code !== 'model_error') throw thrown;
      if (slices.length === 1) return [thrown];
      const scores: (Float32Array | UndertoneError)[] = [];
      for (const slice of slices) scores.push(...(await this.#scoreAll([slice], windows)));
      return scores;
    }
  }
}

function deliverEach({ windows, scores }: Stretch): void {
  for (const [i, window] of windows.entries()) {
    if (!window.wanted) window.deliver(null);
    else if (!(scores instanceof Float32Array)) window.deliver(scores);
    else {
      const classes = scores.length / windows.length;
      window.deliver(scores.slice(i * classes, (i + 1) * classes));
    }
  }
}

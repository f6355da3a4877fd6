/**
 * Windows → Scores in full batches across the recordings of a shard, delivered in the order they came.
 * Batches depend on the shard alone, so the rows do not depend on workers or machines.
 */
import type { Model } from '@undertone/inference';
import { UndertoneError, type WindowSlice } from '@undertone/shared';

type Delivery = (probabilities: Float32Array | UndertoneError) => void;
type Entry =
  | { readonly slice: WindowSlice; readonly deliver: Delivery }
  | { readonly slice: null; readonly deliver: () => void };

export class WindowBatcher {
  #queue: Entry[] = [];
  #windows = 0;

  /** @param around called with each batch's work, e.g. to note that it is under way */
  constructor(
    readonly model: Model,
    readonly around: <T>(score: () => Promise<T>) => Promise<T> = (score) => score(),
  ) {}

  /** Queues a window; `deliver` gets its class probabilities, or the error that this window alone causes. */
  async score(slice: WindowSlice, deliver: Delivery): Promise<void> {
    this.#queue.push({ slice, deliver });
    this.#windows += 1;
    if (this.#windows >= this.model.batchWindows) await this.flush();
  }

  /** Runs `act` when everything queued before it has been delivered. */
  inOrder(act: () => void): void {
    if (this.#windows === 0) act();
    else this.#queue.push({ slice: null, deliver: act });
  }

  async flush(): Promise<void> {
    const queue = this.#queue;
    this.#queue = [];
    this.#windows = 0;
    const slices = queue.flatMap((entry) => (entry.slice ? [entry.slice] : []));
    const scores = slices.length > 0 ? await this.around(() => this.#scoreAll(slices)) : [];
    let next = 0;
    for (const entry of queue) {
      if (entry.slice)
        entry.deliver(scores[next++] ?? new UndertoneError('model_error', '', 'No score came back'));
      else entry.deliver();
    }
  }

  /** A batch that fails is scored window by window, so that one bad window costs its own recording only. */
  async #scoreAll(slices: readonly WindowSlice[]): Promise<(Float32Array | UndertoneError)[]> {
    if (slices.length === 0) return [];
    try {
      const { values, classes } = await this.model.score(slices);
      return slices.map((_slice, i) => values.slice(i * classes, (i + 1) * classes));
    } catch (thrown) {
      if (!(thrown instanceof UndertoneError) || thrown.code !== 'model_error') throw thrown;
      if (slices.length === 1) return [thrown];
      const scores: (Float32Array | UndertoneError)[] = [];
      for (const slice of slices) scores.push(...(await this.#scoreAll([slice])));
      return scores;
    }
  }
}

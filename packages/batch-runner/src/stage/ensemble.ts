/** The models of a run side by side: a window gets the mean of their probabilities, rows keep their order. */
import { classOrder, type Model, meanDistribution } from '@undertone/inference';
import { UndertoneError, type WindowSlice } from '@undertone/shared';
import { type ScoredWindow, StretchBatcher } from './score.js';

/** Called with each batch's work, e.g. to note that it is under way. */
type Around = <T>(score: () => Promise<T>) => Promise<T>;

/**
 * One batcher a model. Each of them delivers in the order in which it was given windows and acts, which is the same for
 * all; so what comes last from any of them comes in that order too.
 */
export class EnsembleBatcher {
  readonly #batchers: readonly StretchBatcher[];
  readonly #orders: readonly (readonly number[])[];

  constructor(models: readonly [Model, ...Model[]], around?: Around) {
    this.#batchers = models.map((model) => new StretchBatcher(model, around));
    this.#orders = models.map(({ card }) => classOrder(models[0].card, card));
  }

  /** The window as each model is to deliver it, in the order of the models. */
  ballots(window: ScoredWindow): readonly ScoredWindow[] {
    return ballots(window, this.#orders);
  }

  /** Queues a stretch for one model; null where none of its windows is wanted, which no model then sees. */
  async score(member: number, slice: WindowSlice | null, windows: readonly ScoredWindow[]): Promise<void> {
    const batcher = this.#of(member);
    if (slice) await batcher.score(slice, windows);
    else {
      batcher.inOrder(() => {
        for (const window of windows) window.deliver(null);
      });
    }
  }

  /** Runs `act` when everything queued before it has been delivered by every model. */
  inOrder(act: () => void): void {
    let missing = this.#batchers.length;
    for (const batcher of this.#batchers) {
      batcher.inOrder(() => {
        missing -= 1;
        if (missing === 0) act();
      });
    }
  }

  async flush(): Promise<void> {
    for (const batcher of this.#batchers) await batcher.flush();
  }

  #of(member: number): StretchBatcher {
    const batcher = this.#batchers[member];
    if (!batcher) throw new RangeError(`No model ${member} in an ensemble of ${this.#batchers.length}`);
    return batcher;
  }
}

type Result = Parameters<ScoredWindow['deliver']>[0];

/** An error of one model is the window's: a mean of the others would be another ensemble's. */
function ballots(window: ScoredWindow, orders: readonly (readonly number[])[]): ScoredWindow[] {
  const results = new Array<Result>(orders.length).fill(null);
  let missing = orders.length;
  const settle = (): void => {
    const error = results.find((one) => one instanceof UndertoneError);
    const scored = results.filter((one) => one instanceof Float32Array);
    window.deliver(error ?? (scored.length === 0 ? null : meanDistribution(scored, orders)));
  };
  return orders.map((_, member) => ({
    wanted: window.wanted,
    deliver: (result) => {
      results[member] = result;
      missing -= 1;
      if (missing === 0) settle();
    },
  }));
}

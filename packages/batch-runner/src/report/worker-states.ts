/** What each worker is at and for how long, from what the workers note of themselves. */
import type { InFlight, Phase } from '../flight/in-flight.js';

export interface WorkerState {
  readonly worker: number;
  readonly phase: Phase;
  readonly file: string;
  /** Since it began with this file. */
  readonly seconds: number;
  /** Decoded of this file. */
  readonly audioSeconds: number;
}

export class WorkerStates {
  readonly #since = new Map<number, { readonly record: number; readonly at: number }>();

  /** Looked at every now and then: a file's time counts from the first look that found it. */
  read(inFlight: readonly InFlight[], nowMs = performance.now()): WorkerState[] {
    return inFlight.map(({ worker, phase, last, file, seconds: audioSeconds }) => {
      const before = this.#since.get(worker);
      const at = before?.record === last ? before.at : nowMs;
      this.#since.set(worker, { record: last, at });
      return { worker, phase, file, seconds: (nowMs - at) / 1000, audioSeconds };
    });
  }
}

/** Finds workers that make no progress with a record. Native code cannot be interrupted: its process has to go. */
import { type InFlight, readInFlight } from './in-flight.js';

/** What a record may take without a block decoded or a batch scored, beyond the limit: some work is of all it has at once. */
const SECONDS_PER_AUDIO_SECOND = 0.1;
const MOST_INTERVAL_MS = 500;

interface Seen {
  readonly beats: number;
  readonly idleMs: number;
}

/** A worker that has not moved since `seen` for longer than it may. */
export const allowedSeconds = (limitSeconds: number, { seconds }: InFlight): number =>
  limitSeconds + seconds * SECONDS_PER_AUDIO_SECOND;

export class HangWatch {
  readonly #timer: NodeJS.Timeout;
  readonly #seen = new Map<number, Seen>();
  #lookedAt = performance.now();

  constructor(
    readonly flight: number,
    readonly limitSeconds: number,
    readonly onHang: (hung: readonly InFlight[]) => void,
  ) {
    const interval = Math.min(MOST_INTERVAL_MS, (1000 * limitSeconds) / 4);
    this.#timer = setInterval(() => this.#look(interval), interval);
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #look(intervalMs: number): void {
    const now = performance.now();
    // A machine or process that was asleep has not been waiting.
    const waited = Math.min(now - this.#lookedAt, 4 * intervalMs);
    this.#lookedAt = now;
    const hung: InFlight[] = [];
    for (const one of readInFlight(this.flight)) {
      const before = this.#seen.get(one.worker);
      const idleMs = before?.beats === one.beats ? before.idleMs + waited : 0;
      this.#seen.set(one.worker, { beats: one.beats, idleMs });
      if (idleMs > 1000 * allowedSeconds(this.limitSeconds, one)) hung.push(one);
    }
    if (hung.length === 0) return;
    this.stop();
    this.onHang(hung);
  }
}

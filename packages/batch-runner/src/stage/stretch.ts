/**
 * Windows → stretches. Stretch k of a recording is its windows k·size … (k+1)·size − 1, the last one what is left of
 * them: which windows stand together depends on the recording alone, whatever is passed over in it and wherever it was
 * cut into pieces.
 */
import type { ScoredWindow } from './score.js';
import type { Segment } from './segment.js';

export interface Stretch {
  /** Index of its first window. */
  readonly first: number;
  /** From the start of its first window to the end of its last. */
  readonly start: number;
  readonly end: number;
  readonly windows: readonly ScoredWindow[];
}

export class StretchGatherer {
  #first: Segment | null = null;
  #windows: ScoredWindow[] = [];

  /** @param size most windows of a stretch */
  constructor(readonly size: number) {}

  /** Where the stretch under way begins; null between stretches. */
  get from(): number | null {
    return this.#first?.start ?? null;
  }

  /** Takes the windows of a recording in order. @returns the stretch that this one completes */
  add(segment: Segment, window: ScoredWindow): Stretch | null {
    const first = this.#first ?? segment;
    this.#first = first;
    this.#windows.push(window);
    if ((segment.index + 1) % this.size > 0 && !segment.last) return null;
    const windows = this.#windows;
    this.#first = null;
    this.#windows = [];
    return { first: first.index, start: first.start, end: segment.end, windows };
  }
}

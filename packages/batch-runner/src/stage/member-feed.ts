/** What one model of a run is given of a recording: segments are the first model's, materials are at its own rate. */
import type { WindowSlice } from '@undertone/shared';
import type { ScoredWindow } from './score.js';
import type { Reach, Segment } from './segment.js';
import { type Stretch, StretchGatherer } from './stretch.js';
import type { Track } from './track.js';

export interface Rates {
  /** Of the first model, in whose samples segments are. */
  readonly firstHz: number;
  readonly ownHz: number;
}

export class MemberFeed {
  readonly #stretches: StretchGatherer;

  /** @param stretchWindows most windows that the model scores together */
  constructor(
    readonly track: Track,
    stretchWindows: number,
    readonly rates: Rates,
  ) {
    this.#stretches = new StretchGatherer(stretchWindows);
  }

  /** In samples of the first model: materials of what ends here or before are there. */
  get ready(): number {
    const { firstHz, ownHz } = this.rates;
    return Math.floor((this.track.ready * firstHz) / ownHz);
  }

  /** Takes segments in order. @returns the stretch that this one completes, in samples of this model */
  add({ index, start, end, last }: Segment, window: ScoredWindow, reach: Reach): Stretch | null {
    // Rates differ in where a recording ends, by a fraction of a sample.
    const toTheEnd = reach.ended && end === reach.samples;
    const own = {
      index,
      last,
      start: this.#place(start),
      end: toTheEnd ? this.track.samples : this.#place(end),
    };
    return this.#stretches.add(own, window);
  }

  material({ start, end }: Stretch): WindowSlice {
    return this.track.material(start, end);
  }

  /** @param sample of the first model */
  discardBefore(sample: number): void {
    const own = this.#place(sample);
    this.track.discardBefore(Math.min(own, this.#stretches.from ?? own));
  }

  /** Windows stand on whole samples of every model. */
  #place(sample: number): number {
    const { firstHz, ownHz } = this.rates;
    return Math.min(Math.round((sample * ownHz) / firstHz), this.track.samples);
  }
}

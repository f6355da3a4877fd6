/** Which stretches of a recording become segments. Samples at the front-end's rate; stretches are half-open. */
import { type Piece, type WindowGrid, windowCount, windowSpan } from '@undertone/shared';
import type { SpeechTrack } from './speech-track.js';

export interface Segment {
  readonly index: number;
  readonly start: number;
  readonly end: number;
  /** Only the last of a recording may say so. */
  readonly last: boolean;
}

/** How far along a recording is. */
export interface Reach {
  /** Samples taken so far. */
  readonly samples: number;
  /** Everything that ends here or before can be measured and scored. */
  readonly ready: number;
  readonly ended: boolean;
}

export interface Segmenter {
  /** The segments that are now certain. */
  next(reach: Reach): Generator<Segment>;
  /** No segment to come begins before this sample. */
  readonly from: number;
  /** No segment will come, whatever follows. */
  readonly done: boolean;
}

/** Windows of equal length; one is handed out when the next is complete, so that the last is known to be the last. */
export class WindowSegmenter implements Segmenter {
  #next: number;
  readonly #end: number;

  /** @param piece the windows wanted; all of them where there is no piece */
  constructor(
    readonly grid: WindowGrid,
    piece?: Piece,
  ) {
    this.#next = piece?.firstWindow ?? 0;
    this.#end = piece?.endWindow ?? Number.POSITIVE_INFINITY;
  }

  get done(): boolean {
    return this.#next >= this.#end;
  }

  get from(): number {
    return this.grid.offsetSamples + this.#next * this.grid.hopSamples;
  }

  *next({ samples, ready, ended }: Reach): Generator<Segment> {
    const { offsetSamples, lengthSamples, hopSamples } = this.grid;
    const complete = (until: number): number =>
      1 + Math.floor((until - offsetSamples - lengthSamples) / hopSamples);
    const count = ended ? windowCount(samples, this.grid) : Math.min(complete(samples) - 1, complete(ready));
    while (this.#next < Math.min(count, this.#end)) {
      const index = this.#next++;
      yield { index, ...windowSpan(index, samples, this.grid), last: ended && this.#next === count };
    }
  }
}

/** Speech that begins less than this after other speech has ended goes on with it. */
const JOIN_S = 0.3;

/**
 * Stretches of speech, at most a window long: longer ones are cut where they are least loud, at the earliest in the
 * middle of a window, so that words stay whole where they can. Shorter ones than the card's `minS` are left out.
 */
export class SpeechSegmenter implements Segmenter {
  #index = 0;
  /** Frames looked at so far. */
  #at = 0;
  /** Of the stretch under way: its first frame, the frame after its last one with speech, the powers from the first on. */
  #first: number | null = null;
  #after = 0;
  #powers: number[] = [];
  readonly done = false;

  constructor(
    readonly grid: WindowGrid,
    readonly sampleRateHz: number,
    readonly speech: SpeechTrack,
  ) {}

  get from(): number {
    return (this.#first ?? this.#at) * this.speech.hopSamples;
  }

  *next({ samples, ready, ended }: Reach): Generator<Segment> {
    const hop = this.speech.hopSamples;
    const join = Math.round((JOIN_S * this.sampleRateHz) / hop);
    const most = Math.max(2, Math.floor(this.grid.lengthSamples / hop));
    const last = ended
      ? this.speech.decidedFrames
      : Math.min(this.speech.decidedFrames, Math.floor(ready / hop));
    if (last > this.#at) {
      for (const { speech, power } of this.speech.framesFrom(this.#at)) {
        if (this.#at === last) break;
        const t = this.#at++;
        if (speech) {
          this.#first ??= t;
          this.#after = t + 1;
        }
        if (this.#first === null) continue;
        this.#powers.push(power);
        if (t + 1 - this.#after >= join) yield* this.#close(this.#after, samples);
        else if (t + 1 - this.#first > most)
          yield* this.#close(Math.min(this.#after, this.#first + this.#leastLoud(most)), samples);
      }
    }
    if (ended && this.#first !== null) {
      for (const segment of this.#close(this.#after, samples)) yield { ...segment, last: true };
    }
  }

  /** Ends the stretch under way before frame `end`; frames with speech after it begin the next. */
  *#close(end: number, samples: number): Generator<Segment> {
    const first = this.#first as number;
    const goesOn = this.#after > end;
    const hop = this.speech.hopSamples;
    const [start, stop] = [first * hop, Math.min(end * hop, samples)];
    this.#first = goesOn ? end : null;
    this.#powers = goesOn ? this.#powers.slice(end - first) : [];
    if (stop - start >= this.grid.minSamples) {
      yield { index: this.#index++, start, end: stop, last: false };
    }
  }

  /** Frames from the stretch's first to the least loud of the second half of the `most` frames that fit. */
  #leastLoud(most: number): number {
    let at = most;
    for (let t = Math.ceil(most / 2); t <= most; ++t) {
      if ((this.#powers[t] as number) < (this.#powers[at] as number)) at = t;
    }
    return at;
  }
}

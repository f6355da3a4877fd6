/** Where speech is along a recording, and how far it stands out of the noise, kept while it is needed. */
import {
  FeaturePlan,
  rowsShowSpeech,
  SpeechDetector,
  type SpeechFrames,
  speechBlockFrames,
  speechFrontEnd,
} from '@undertone/dsp-native';
import { StreamBuffer } from './stream-buffer.js';
import { FrameTrack, firstFrameFrom } from './track.js';

/** Beyond these the figure says nothing more: there is no noise, or no speech, to be measured. */
const MOST_SNR_DB = 100;
const LEAST_SNR_DB = -20;

export interface SpeechMeasure {
  /** Share of the stretch with speech, 0–1. */
  readonly ratio: number;
  /** Power of the speech to that of the noise under it, dB; null without speech. */
  readonly snrDb: number | null;
  /** Speech without anything above what a telephone passes. */
  readonly narrowband: boolean;
}

/**
 * Speech whose bands above 4.3 kHz hold less than this share of its power, −43 dB, has come through a telephone.
 * docs/listening.md has what was measured on both sides of it.
 */
const NARROWBAND_SHARE = 10 ** -4.3;

/** Sums over frames: their number, those with speech, and of these the power, the noise in it and the high bands. */
interface Sums {
  frames: number;
  speech: number;
  power: number;
  noise: number;
  high: number;
}

const noSums = (): Sums => ({ frames: 0, speech: 0, power: 0, noise: 0, high: 0 });

/** Values a frame: 1 for speech, power, noise, power of the high bands. */
const WIDTH = 4;

/** Frame t counts for [t · hop, (t + 1) · hop). Stretches are in samples at the front-end's rate, half-open. */
export class SpeechTrack {
  readonly #detector: SpeechDetector;
  /** Rows of its own, where the model's do not show speech. */
  readonly #own: FrameTrack | null;
  readonly #frames: StreamBuffer;
  readonly #whole = noSums();
  /** Rows that still come before the block with which detection begins. */
  #unwanted: number;
  #ended = false;

  /**
   * @param plan from `speechPlan`
   * @param start the first sample that will come; decisions closer than SPEECH_MARGIN_S and a block to it are not those
   * of the whole recording
   * @param counted the stretch that `whole` is of
   */
  constructor(
    readonly plan: SpeechPlan,
    start = 0,
    readonly counted = { start: 0, end: Number.POSITIVE_INFINITY },
  ) {
    this.#own = plan.ofRows ? null : new FrameTrack(plan.features, Number.POSITIVE_INFINITY, start);
    const first = firstFrameFrom(plan.features, start);
    const blockFrames = speechBlockFrames(plan.features.frontEnd);
    const firstBlock = Math.ceil(first / blockFrames);
    const firstWanted = firstBlock * blockFrames;
    this.#detector = new SpeechDetector(plan.features.frontEnd, firstBlock);
    this.#unwanted = firstWanted - first;
    this.#frames = new StreamBuffer(WIDTH, 1 << 10, firstWanted);
  }

  /** Samples of one frame: what `speechAt` counts in. */
  get hopSamples(): number {
    return this.plan.features.frontEnd.frame.hopSamples;
  }

  /** Decisions on stretches that end here or before are out. */
  get decided(): number {
    return this.#ended ? Number.POSITIVE_INFINITY : this.decidedFrames * this.hopSamples;
  }

  get decidedFrames(): number {
    return this.#frames.end;
  }

  /** @param rows the model's for the same samples, or null where it has none along the recording */
  push(samples: Float32Array, rows: Float32Array | null): void {
    const own = this.#own?.push(samples) ?? rows;
    this.#own?.discardBefore(this.#own.ready);
    if (own) this.#detect(own);
  }

  end(rows: Float32Array | null): void {
    const last = this.#own?.end() ?? rows;
    if (last) this.#detect(last);
    this.#take(this.#detector.end());
    this.#ended = true;
  }

  measure(start: number, end: number): SpeechMeasure {
    const from = Math.max(this.#frames.start, Math.round(start / this.hopSamples));
    const to = Math.min(this.#frames.end, Math.round(end / this.hopSamples));
    const sums = noSums();
    if (to > from) addFrames(sums, this.#frames.view(from, to));
    return measureOf(sums);
  }

  /** Of everything decided so far that counts. */
  whole(): SpeechMeasure & { readonly samples: number } {
    return { ...measureOf(this.#whole), samples: this.#whole.speech * this.hopSamples };
  }

  /** Frame by frame from `from` on: whether there is speech, and the frame's power. */
  *framesFrom(from: number): Generator<{ readonly speech: boolean; readonly power: number }> {
    const values = this.#frames.view(from, this.#frames.end);
    for (let at = 0; at < values.length; at += WIDTH)
      yield { speech: values[at] === 1, power: values[at + 1] ?? 0 };
  }

  discardBefore(sample: number): void {
    this.#frames.discardBefore(Math.floor(sample / this.hopSamples));
  }

  #detect(rows: Float32Array): void {
    const dropped = Math.min(this.#unwanted, rows.length / this.plan.features.columns);
    this.#unwanted -= dropped;
    this.#take(this.#detector.push(rows.subarray(dropped * this.plan.features.columns)));
  }

  /** A plain loop: every frame of the archive passes here. */
  #take({ speech, power, noise, high }: SpeechFrames): void {
    const values = new Float32Array(speech.length * WIDTH);
    for (let t = 0, at = 0; t < speech.length; ++t, at += WIDTH) {
      values[at] = speech[t] as number;
      values[at + 1] = power[t] as number;
      values[at + 2] = noise[t] as number;
      values[at + 3] = high[t] as number;
    }
    addFrames(this.#whole, this.#countedOf(values));
    this.#frames.append(values);
  }

  /** Of frames that come next, those inside the counted stretch. */
  #countedOf(values: Float32Array): Float32Array {
    const place = (sample: number): number => {
      const frame = Math.round(sample / this.hopSamples) - this.#frames.end;
      return Math.min(Math.max(0, frame) * WIDTH, values.length);
    };
    return values.subarray(place(this.counted.start), place(this.counted.end));
  }
}

/** What a thread needs to find speech for one model. */
export interface SpeechPlan {
  readonly features: FeaturePlan;
  /** True when these are the rows that the model gets, so that they are computed once. */
  readonly ofRows: boolean;
}

/** @param model the model's plan where its rows come along the recording, else null */
export function speechPlan(model: FeaturePlan | null, sampleRateHz: number): SpeechPlan {
  return model && rowsShowSpeech(model.frontEnd)
    ? { features: model, ofRows: true }
    : { features: new FeaturePlan(speechFrontEnd(sampleRateHz)), ofRows: false };
}

function addFrames(sums: Sums, values: Float32Array): void {
  sums.frames += values.length / WIDTH;
  for (let at = 0; at < values.length; at += WIDTH) {
    if (values[at] !== 1) continue;
    sums.speech += 1;
    sums.power += values[at + 1] as number;
    sums.noise += values[at + 2] as number;
    sums.high += values[at + 3] as number;
  }
}

function measureOf({ frames, speech, power, noise, high }: Sums): SpeechMeasure {
  if (speech === 0) return { ratio: 0, snrDb: null, narrowband: false };
  const snrDb = 10 * Math.log10(Math.max(power - noise, 0) / noise);
  return {
    ratio: speech / frames,
    snrDb: Math.min(MOST_SNR_DB, Math.max(LEAST_SNR_DB, snrDb)),
    // Exactly 0 where the front-end has no such bands.
    narrowband: high > 0 && high < NARROWBAND_SHARE * power,
  };
}

/** The models of a run as a worker has them open, and what follows each of them along a recording. */
import { type AudioDecoder, type FeatureBackend, FeaturePlan } from '@undertone/dsp-native';
import type { Model, ResolvedWindow } from '@undertone/inference';
import type { Piece } from '@undertone/shared';
import { Followed } from './followed.js';
import { MemberFeed } from './member-feed.js';
import { type OtherRate, OtherTracks } from './other-tracks.js';
import { spanOf } from './piece-span.js';
import { modelTrack, type Track } from './track.js';

/** Opens the recording at a rate, from a sample of it on. */
export type OpenAt = (sampleRateHz: number, firstSample: number) => AudioDecoder;

export class Members {
  /** The first model's windows; the last one holds at least what the most demanding model needs. */
  readonly grid: ResolvedWindow;
  /** Seconds of audio that the most demanding model needs. */
  readonly minS: number;
  /** The first model's plan, null where it takes samples. */
  readonly plan: FeaturePlan | null;
  readonly #plans: ReadonlyMap<Model, FeaturePlan | null>;
  /** One a further rate for all reads, as for the first model's. */
  readonly #buffers = new Map<number, Float32Array>();

  constructor(
    readonly models: readonly [Model, ...Model[]],
    backend: FeatureBackend,
    readonly readSeconds: number,
  ) {
    const planOf = ({ card }: Model): FeaturePlan | null =>
      card.family === 'waveform' ? null : new FeaturePlan(card.frontEnd, backend);
    this.#plans = new Map(models.map((model) => [model, planOf(model)]));
    this.plan = this.#plans.get(this.first) ?? null;
    this.minS = Math.max(...models.map(({ card }) => card.window.minS));
    this.grid = { ...this.first.window, minSamples: Math.ceil(this.minS * rateOf(this.first)) };
  }

  get first(): Model {
    return this.models[0];
  }

  /** name@version of each. */
  get name(): string {
    return this.models.map(({ card }) => `${card.name}@${card.version}`).join('+');
  }

  /** @param alone whether every segment is scored by itself: stretches of speech begin anywhere */
  follow(piece: Piece | undefined, alone: boolean, open: OpenAt): Followed {
    const startOf = (model: Model): number => spanOf(piece, model.window, rateOf(model)).start;
    const feedOf = (model: Model): MemberFeed => {
      const track = modelTrack(this.#plans.get(model) ?? null, model.window, startOf(model));
      const rates = { firstHz: rateOf(this.first), ownHz: rateOf(model) };
      return new MemberFeed(track, alone ? 1 : model.window.stretchWindows, rates);
    };
    const [first, ...further] = this.models;
    const beside = further.map(feedOf);
    const tracksAt = (rate: number): Track[] =>
      beside.filter(({ rates }) => rates.ownHz === rate).map(({ track }) => track);
    const others: OtherRate[] = [];
    try {
      for (const model of further) {
        const rate = rateOf(model);
        if (rate === rateOf(first) || others.some(({ rateHz }) => rateHz === rate)) continue;
        const decoder = open(rate, startOf(model));
        others.push({ rateHz: rate, decoder, buffer: this.#bufferOf(rate), tracks: tracksAt(rate) });
      }
    } catch (thrown) {
      for (const { decoder } of others) decoder.close();
      throw thrown;
    }
    return new Followed([feedOf(first), ...beside], new OtherTracks(tracksAt(rateOf(first)), others));
  }

  #bufferOf(rate: number): Float32Array {
    const buffer = this.#buffers.get(rate) ?? new Float32Array(this.readSeconds * rate);
    this.#buffers.set(rate, buffer);
    return buffer;
  }
}

const rateOf = ({ card }: Model): number => card.frontEnd.sampleRateHz;

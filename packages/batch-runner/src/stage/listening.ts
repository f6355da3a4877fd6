/** Everything that is followed along one recording: what the model needs of it, where speech is, and its quality. */
import type { AudioInfo, PcmBlock } from '@undertone/shared';
import type { WindowMeasures } from './label-rows.js';
import { CLIPPED_RATIO, QualityTrack } from './quality.js';
import type { Reach, Segment } from './segment.js';
import type { SpeechMeasure, SpeechTrack } from './speech-track.js';
import type { StageClock } from './stage-clock.js';
import type { Track } from './track.js';

/** A window with less audio than this share of its length is flagged short. */
const SHORT_SHARE = 0.5;

/** Speech that stands out of the noise by less is flagged low_snr: docs/listening.md has how labels fare then. */
export const LOW_SNR_DB = 10;

export class Listening {
  readonly #quality: QualityTrack;
  #ended = false;

  constructor(
    readonly info: AudioInfo,
    /** Of the samples that come. */
    readonly sampleRateHz: number,
    /** Channels of the recording that went into one. */
    mixedChannels: number,
    readonly features: Track,
    readonly speech: SpeechTrack,
    readonly windowSamples: number,
    readonly clock: StageClock,
    /** The first sample that will come. */
    readonly start = 0,
  ) {
    this.#quality = new QualityTrack(sampleRateHz, (info.sampleRateHz / 100) * mixedChannels, start);
  }

  get reach(): Reach {
    const ready = Math.min(this.features.ready, this.speech.decided);
    return { samples: this.features.samples, ready, ended: this.#ended };
  }

  push(block: PcmBlock): void {
    this.#quality.push(block.samples, block.clipped, block.twins);
    const rows = this.clock.time('features', () => this.features.push(block.samples));
    this.clock.time('speech', () => this.speech.push(block.samples, rows));
  }

  end(): void {
    this.#quality.end();
    const rows = this.clock.time('features', () => this.features.end());
    this.clock.time('speech', () => this.speech.end(rows));
    this.#ended = true;
  }

  /** @param truncated whether the recording ended too early, asked of the last segment only */
  measure({ index, start, end, last }: Segment, truncated: () => boolean): WindowMeasures {
    const startS = start / this.sampleRateHz;
    const endS = end / this.sampleRateHz;
    const quality = {
      levelDbfs: this.#quality.levelDbfs(startS, endS),
      clipRatio: this.#quality.clipRatio(startS, endS),
      isCopy: this.#quality.isCopy(startS, endS),
    };
    const speech = this.speech.measure(start, end);
    return this.#measures({ index, start, end }, speech, quality, last && truncated());
  }

  /** The whole recording as one segment, after its end. */
  measureWhole(truncated: () => boolean): WindowMeasures {
    const span = { index: 0, start: 0, end: this.features.samples };
    return this.#measures(span, this.speech.whole(), this.#quality.whole(), truncated());
  }

  /** Of what is measured; the features are their feed's to let go of. */
  discardBefore(sample: number): void {
    this.#quality.discardBefore(sample / this.sampleRateHz);
    this.speech.discardBefore(sample);
  }

  #measures(
    { index, start, end }: Omit<Segment, 'last'>,
    speech: SpeechMeasure,
    quality: ReturnType<QualityTrack['whole']>,
    truncated: boolean,
  ): WindowMeasures {
    const flags: [name: string, holds: boolean][] = [
      ['short', end - start < SHORT_SHARE * this.windowSamples],
      ['clipped', quality.clipRatio >= CLIPPED_RATIO],
      ['low_snr', speech.snrDb !== null && speech.snrDb < LOW_SNR_DB],
      ['dual_mono', quality.isCopy],
      // Half the model's band is missing, as in telephony at 8 kHz for a 16 kHz model, by the rate or by the sound.
      ['narrowband', this.info.sampleRateHz <= this.sampleRateHz / 2 || speech.narrowband],
      ['truncated', truncated],
    ];
    return {
      index,
      startS: start / this.sampleRateHz,
      endS: end / this.sampleRateHz,
      speechRatio: speech.ratio,
      snrDb: speech.snrDb,
      levelDbfs: quality.levelDbfs,
      clipRatio: quality.clipRatio,
      isCopy: quality.isCopy,
      flags: flags.filter(([, holds]) => holds).map(([name]) => name),
    };
  }
}

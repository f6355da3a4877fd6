/** The tracks of the models beside the first: fed in step with it, at other rates by a decoder a rate. */
import type { AudioDecoder } from '@undertone/dsp-native';
import type { Track } from './track.js';

/** The recording at a rate that is not the first model's. */
export interface OtherRate {
  readonly rateHz: number;
  readonly decoder: AudioDecoder;
  /** As long as one read: as many seconds as the first model's. */
  readonly buffer: Float32Array;
  readonly tracks: readonly Track[];
}

export class OtherTracks {
  /** @param alike tracks at the first model's own rate */
  constructor(
    readonly alike: readonly Track[],
    readonly rates: readonly OtherRate[],
  ) {}

  /**
   * Decodes what comes next. Nothing of it is taken before every rate has it, so that no model is ahead of another.
   * @returns takes it, and the first model's samples for those at its rate
   * @throws UndertoneError as `AudioDecoder.read`
   */
  read(): (samples: Float32Array) => void {
    const blocks = this.rates.map(({ decoder, buffer }) => decoder.read(buffer.length, buffer));
    return (samples) => {
      for (const track of this.alike) track.push(samples);
      for (const [i, { tracks }] of this.rates.entries()) {
        const block = blocks[i];
        if (block) for (const track of tracks) track.push(block.samples);
      }
    };
  }

  /** Ends the recording: a resampler may have a few samples left. @throws UndertoneError as `AudioDecoder.read` */
  end(): void {
    for (const { decoder, buffer, tracks } of this.rates) {
      for (
        let block = decoder.read(buffer.length, buffer);
        block;
        block = decoder.read(buffer.length, buffer)
      ) {
        for (const track of tracks) track.push(block.samples);
      }
    }
    for (const track of [...this.alike, ...this.rates.flatMap(({ tracks }) => tracks)]) track.end();
  }

  close(): void {
    for (const { decoder } of this.rates) decoder.close();
  }
}

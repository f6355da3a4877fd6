/** What is measured of every recording: numbers alone, so that a million of them are no burden. */
import type { CompactManifest } from '../manifest/manifest.js';
import { measureRecordings } from '../pool/measure.js';
import type { Measured } from '../worker/measure.js';

type Failure = NonNullable<Measured['failure']>;

export interface Facts {
  readonly manifest: CompactManifest;
  /** Length by place in the manifest; NaN where nothing could be decoded. */
  readonly seconds: Float64Array;
  /** RMS in dB re full scale; NaN where nothing could be decoded, −Infinity for digital silence. */
  readonly levels: Float64Array;
  /** Of recordings that could not be decoded, or not to their end. */
  readonly failures: ReadonlyMap<number, Failure>;
}

export async function factsOf(
  manifest: CompactManifest,
  workers: number,
  progress: (done: number) => void,
): Promise<Facts> {
  const seconds = new Float64Array(manifest.count).fill(NaN);
  const levels = new Float64Array(manifest.count).fill(NaN);
  const failures = new Map<number, Failure>();
  let done = 0;
  await measureRecordings(manifest, manifest.order.keys(), workers, ({ sound, failure }, place) => {
    if (sound) {
      seconds[place] = sound.durationS;
      levels[place] = sound.levelDbfs ?? Number.NEGATIVE_INFINITY;
    }
    if (failure) failures.set(place, failure);
    done += 1;
    progress(done);
  });
  return { manifest, seconds, levels, failures };
}

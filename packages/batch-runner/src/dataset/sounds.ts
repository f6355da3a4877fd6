/** What recordings sound like to a computer: which hold the same samples. */

import type { CompactManifest } from '../manifest/manifest.js';
import { measureRecordings } from '../pool/measure.js';

export interface Sounds {
  /** By place in the manifest: a digest of the decoded sound; undefined where it was not asked for. */
  readonly digests: readonly (string | undefined)[];
  /** Why there is no digest. */
  readonly failures: ReadonlyMap<number, string>;
}

/** @param places of the recordings to decode, in the manifest */
export async function listen(
  manifest: CompactManifest,
  places: Iterable<number>,
  workers: number,
): Promise<Sounds> {
  const digests: (string | undefined)[] = [];
  const failures = new Map<number, string>();
  await measureRecordings(manifest, places, workers, ({ sound, failure }, place) => {
    if (sound) digests[place] = sound.sha256;
    else failures.set(place, `cannot be decoded: ${failure?.message} (${failure?.code})`);
  });
  return { digests, failures };
}

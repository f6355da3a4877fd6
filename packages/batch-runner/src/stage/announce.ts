/** Reading ahead: what a shard opens next is on its way while the recording before is worked on. */
import { announceAudio } from '@undertone/dsp-native';
import type { ManifestRecord } from '@undertone/shared';

/** Recordings on their way at once. */
const AHEAD = 2;

/**
 * The records one by one, each after those behind it have been announced.
 * @param begin called before a record's file is touched, so that it is known whose fault a crash or a hang is
 */
export function* announced(
  records: readonly ManifestRecord[],
  begin: (index: number, record: ManifestRecord) => void,
): Generator<ManifestRecord> {
  let next = 1;
  for (const [i, record] of records.entries()) {
    for (; next <= i + AHEAD && next < records.length; ++next) {
      const ahead = records[next];
      if (!ahead || ahead.scanError) continue;
      begin(next, ahead);
      announceAudio(ahead.path);
    }
    begin(i, record);
    yield record;
  }
}

/** What the end of a recording says about it. */
import type { AudioDecoder, AudioEnding } from '@undertone/dsp-native';
import type { ManifestRecord } from '@undertone/shared';
import type { RecordFailure } from './failure.js';
import { changeOf } from './unchanged.js';

/** @returns null when the recording ended as its header says, and is still the one that was planned */
export function endingFailure(decoder: AudioDecoder, record: ManifestRecord): RecordFailure | null {
  return changeOf(record) ?? lossFailure(decoder.ending());
}

/** @returns null when nothing of the recording was lost */
export function lossFailure({ truncated, corruptPackets }: AudioEnding): RecordFailure | null {
  if (truncated) return { code: 'truncated', message: 'The recording ends before its header says it does' };
  if (corruptPackets > 0) {
    return { code: 'corrupt', message: `${corruptPackets} packets could not be decoded and were skipped` };
  }
  return null;
}

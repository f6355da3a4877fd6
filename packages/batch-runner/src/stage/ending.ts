/** What the end of a recording says about it. */
import type { AudioDecoder } from '@undertone/dsp-native';
import type { RecordFailure } from './failure.js';

/** @returns null when the recording ended as its header says */
export function endingFailure(decoder: AudioDecoder): RecordFailure | null {
  const { truncated, corruptPackets } = decoder.ending();
  if (truncated) return { code: 'truncated', message: 'The recording ends before its header says it does' };
  if (corruptPackets > 0) {
    return { code: 'corrupt', message: `${corruptPackets} packets could not be decoded and were skipped` };
  }
  return null;
}

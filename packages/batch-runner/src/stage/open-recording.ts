/** Opens a recording of the manifest. */
import { type AudioDecoder, type DecodeSettings, openAudio } from '@undertone/dsp-native';
import { type ManifestRecord, UndertoneError } from '@undertone/shared';
import { changeOf } from './unchanged.js';

/** @throws UndertoneError what the scan found wrong, `changed`, or as `openAudio` does */
export function openRecording(record: ManifestRecord, settings: DecodeSettings): AudioDecoder {
  const { scanError } = record;
  if (scanError) throw new UndertoneError(scanError.code, record.file, scanError.message);
  const change = changeOf(record);
  if (change) throw new UndertoneError(change.code, record.file, change.message);
  return openAudio(record.path, settings);
}

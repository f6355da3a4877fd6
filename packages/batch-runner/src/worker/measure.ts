/** A worker's entry of its own: recordings decoded to their end at their own rate, for what they measure. */
import { createHash } from 'node:crypto';
import { sumSquares } from '@undertone/dsp-native';
import { type ManifestRecord, toErrorData } from '@undertone/shared';
import { endingFailure } from '../stage/ending.js';
import { type RecordFailure, recordFailure } from '../stage/failure.js';
import { openRecording } from '../stage/open-recording.js';
import type { TaskResult } from './task-result.js';

export interface MeasureTask {
  readonly records: readonly ManifestRecord[];
  /** Of each, in the manifest. */
  readonly places: readonly number[];
}

export interface Measured {
  /** null where nothing could be decoded. */
  readonly sound: {
    readonly durationS: number;
    /** RMS over all samples of all channels, dB re full scale; null for digital silence. */
    readonly levelDbfs: number | null;
    /** SHA-256 of rate, channels and samples: the same for the same sound in a WAV and in a FLAC. */
    readonly sha256: string;
  } | null;
  /** Why there is none, or what is wrong with its end. */
  readonly failure: RecordFailure | null;
}

/** Samples of one read, all channels together. */
const READ_SAMPLES = 1 << 18;
const buffer = new Float32Array(READ_SAMPLES);

export default function measure({ records }: MeasureTask): TaskResult<Measured[]> {
  try {
    return { value: records.map(measured) };
  } catch (thrown) {
    return { error: toErrorData(thrown, 'measure') };
  }
}

function measured(record: ManifestRecord): Measured {
  try {
    return decoded(record);
  } catch (thrown) {
    const failure = recordFailure(thrown, record);
    if (!failure) throw thrown;
    return { sound: null, failure };
  }
}

function decoded(record: ManifestRecord): Measured {
  const decoder = openRecording(record, { channels: 'split', sampleRateHz: 0 });
  try {
    const { sampleRateHz, channels } = decoder.info;
    const hash = createHash('sha256').update(`${sampleRateHz} ${channels}\n`);
    const frames = Math.floor(READ_SAMPLES / channels);
    const sum = new Float64Array(1);
    let squares = 0;
    let samples = 0;
    for (let block = decoder.read(frames, buffer); block; block = decoder.read(frames, buffer)) {
      const heard = block.samples.subarray(0, block.frames * channels);
      hash.update(Buffer.from(heard.buffer, heard.byteOffset, heard.byteLength));
      sumSquares(heard, Uint32Array.of(0, heard.length), sum);
      squares += sum[0] ?? 0;
      samples += heard.length;
    }
    if (samples === 0)
      return { sound: null, failure: { code: 'empty', message: 'The recording holds no sample' } };
    const sound = {
      durationS: samples / channels / sampleRateHz,
      levelDbfs: squares > 0 ? 10 * Math.log10(squares / samples) : null,
      sha256: hash.digest('hex'),
    };
    return { sound, failure: endingFailure(decoder, record) };
  } finally {
    decoder.close();
  }
}

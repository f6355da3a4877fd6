/** The road of `undertone features`: decode → extract → npy files and rows. Training reads what this writes. */
import { performance } from 'node:perf_hooks';
import { type AudioDecoder, FeaturePlan, featureBackend } from '@undertone/dsp-native';
import {
  type ChannelPlan,
  type FrontEnd,
  frameCount,
  frameStart,
  type ManifestRecord,
  needsWholeUtterance,
  oneRowPerUtterance,
  type Row,
  type Shard,
  UndertoneError,
} from '@undertone/shared';
import type { FlightSlot } from '../flight/in-flight.js';
import { NpyWriter } from '../sink/npy.js';
import { featureFilesTable, framesTable, type Table } from '../sink/table.js';
import { announced } from '../stage/announce.js';
import { channelStreams } from '../stage/channels.js';
import { endingFailure } from '../stage/ending.js';
import { type RecordFailure, recordFailure } from '../stage/failure.js';
import { npyName } from '../stage/npy-name.js';
import { openRecording } from '../stage/open-recording.js';
import { StageClock } from '../stage/stage-clock.js';
import { StreamBuffer } from '../stage/stream-buffer.js';
import { changeOf } from '../stage/unchanged.js';
import type { Counters } from './counters.js';
import type { FeaturesJob } from './job.js';
import { type RowWriter, type ShardPipeline, Stopped, timedRows } from './row-writer.js';

const READ_SECONDS = 10;

/** Sets that look at a whole recording at once hold it in memory: at most this much of it (1.4 GB at 22.05 kHz). */
const MAX_WHOLE_SECONDS = 4 * 3600;

interface Extracted {
  readonly frames: number;
  /** Of audio that was decoded. */
  readonly seconds: number;
  /** False when an excerpt was complete before the recording ended. */
  readonly toTheEnd: boolean;
  /** The row of a set with one row a recording. */
  readonly values: Float32Array | null;
  readonly npy: string | null;
}

export class FeaturesPipeline implements ShardPipeline {
  readonly tables: readonly Table[];
  readonly #plan: FeaturePlan;
  readonly #names: readonly string[];
  readonly #onePerRecording: boolean;
  /** One for all reads: fresh memory for every read costs more than decoding WAV. */
  readonly #readBuffer: Float32Array;
  #clock = new StageClock();
  #audioSeconds = 0;

  private constructor(
    readonly job: FeaturesJob,
    readonly counters: Counters,
    readonly flight: FlightSlot,
    worker: number,
  ) {
    const device = job.devices[worker % job.devices.length];
    this.#plan = new FeaturePlan(job.frontEnd, featureBackend(device, job.gpuMemoryMib));
    this.#readBuffer = new Float32Array(READ_SECONDS * job.frontEnd.sampleRateHz);
    this.#names = this.#plan.columnNames;
    this.#onePerRecording = oneRowPerUtterance(job.frontEnd);
    const index = featureFilesTable(this.#onePerRecording ? this.#names : []);
    this.tables = job.frameRows ? [index, framesTable(this.#names)] : [index];
  }

  static async open(
    job: FeaturesJob,
    counters: Counters,
    flight: FlightSlot,
    worker: number,
  ): Promise<FeaturesPipeline> {
    return new FeaturesPipeline(job, counters, flight, worker);
  }

  async run(shard: Shard, rows: RowWriter): ReturnType<ShardPipeline['run']> {
    this.#clock = new StageClock();
    this.#audioSeconds = 0;
    const timed = timedRows(rows, this.#clock);
    for (const record of announced(shard.records, this.flight.begin)) {
      const before = this.#audioSeconds;
      const begin = performance.now();
      let failed = false;
      for (const [channel, plan] of channelStreams(record, this.job.channels))
        failed = this.#one(record, channel, plan, timed) || failed;
      rows.recordDone(record, this.#audioSeconds - before, (performance.now() - begin) / 1000, failed);
    }
    return { audioSeconds: this.#audioSeconds, stageSeconds: this.#clock.seconds };
  }

  /** @returns whether the row is an error */
  #one(record: ManifestRecord, channel: number | null, plan: ChannelPlan, rows: RowWriter): boolean {
    let extracted: Extracted | null = null;
    let failure: RecordFailure | null = null;
    try {
      const decoder = this.#clock.time('decode', () =>
        openRecording(record, { channels: plan, sampleRateHz: this.job.frontEnd.sampleRateHz }),
      );
      try {
        extracted = this.#extract(decoder, record, channel, rows);
        failure = extracted.toTheEnd ? endingFailure(decoder, record) : changeOf(record);
      } finally {
        decoder.close();
      }
    } catch (thrown) {
      failure = thrown instanceof Stopped ? null : recordFailure(thrown, record);
      if (!failure) throw thrown;
    }
    rows.write('features', this.#indexRow(record, channel, extracted, failure));
    return extracted === null;
  }

  #indexRow(
    record: ManifestRecord,
    channel: number | null,
    extracted: Extracted | null,
    failure: RecordFailure | null,
  ): Row {
    const values = extracted?.values ?? null;
    return {
      record_id: record.id,
      file: record.file,
      channel,
      frames: this.#onePerRecording ? null : (extracted?.frames ?? null),
      columns: extracted ? this.#names.length : null,
      duration_s: extracted?.seconds ?? null,
      truth: record.truth,
      speaker: record.speaker,
      gender: record.gender,
      corpus: record.corpus,
      npy: extracted?.npy ?? null,
      status: failure ? (extracted ? 'partial' : 'error') : 'ok',
      error_code: failure?.code ?? null,
      error_message: failure?.message ?? null,
      ...(this.#onePerRecording
        ? Object.fromEntries(this.#names.map((name, i) => [name, values?.[i] ?? null]))
        : {}),
    };
  }

  #extract(
    decoder: AudioDecoder,
    record: ManifestRecord,
    channel: number | null,
    rows: RowWriter,
  ): Extracted {
    const npy = this.job.npy && !this.#onePerRecording ? npyName(record, channel) : null;
    const writer = npy ? new NpyWriter(this.job.out, npy, this.#names.length) : null;
    let frames = 0;
    const take = (values: Float32Array): void => {
      writer?.write(values);
      if (this.job.frameRows) this.#writeFrameRows(record, channel, frames, values, rows);
      frames += values.length / this.#names.length;
    };
    try {
      const whole = needsWholeUtterance(this.job.frontEnd);
      const { samples, values, toTheEnd } = whole
        ? this.#extractWhole(decoder, take)
        : this.#extractAlong(decoder, take);
      if (samples === 0) throw new UndertoneError('empty', '', 'The recording holds no sample');
      if (frames === 0 && !values) {
        throw new UndertoneError(
          'too_short',
          '',
          `${samples} samples are less than one frame of ${this.job.frontEnd.frame.lengthSamples}`,
        );
      }
      writer?.finish();
      return { frames, seconds: samples / this.job.frontEnd.sampleRateHz, toTheEnd, values, npy };
    } catch (thrown) {
      writer?.abandon();
      throw thrown;
    }
  }

  /** Frames computed along the recording in constant memory. */
  #extractAlong(
    decoder: AudioDecoder,
    take: (values: Float32Array) => void,
  ): { samples: number; values: null; toTheEnd: true } {
    const { frame } = this.job.frontEnd;
    const buffer = new StreamBuffer(1, 1 << 16);
    let done = 0;
    const extract = (totalSamples: number | null): void => {
      // While the recording goes on, frames near its present end still need samples to come.
      const count = framesCoveredBy(buffer.end, totalSamples, frame) - done;
      if (count <= 0) return;
      const { start, end } = buffer;
      const span = { samples: buffer.view(start, end), start, totalSamples };
      take(this.#clock.time('features', () => this.#plan.extractSpan(span, done, count).values));
      done += count;
      // One sample more than the next frame needs: mirrored padding looks one back.
      buffer.discardBefore(this.#plan.samplesNeeded(done, 1).start - 1);
    };
    for (const samples of this.#blocks(decoder)) {
      buffer.append(samples);
      extract(null);
    }
    extract(buffer.end);
    return { samples: buffer.end, values: null, toTheEnd: true };
  }

  #extractWhole(
    decoder: AudioDecoder,
    take: (values: Float32Array) => void,
  ): { samples: number; values: Float32Array | null; toTheEnd: boolean } {
    const buffer = new StreamBuffer(1, 1 << 18);
    const enough = excerptEnd(this.job.frontEnd);
    for (const samples of this.#blocks(decoder, enough)) {
      buffer.append(samples);
      if (buffer.end > MAX_WHOLE_SECONDS * this.job.frontEnd.sampleRateHz) {
        throw new UndertoneError(
          'out_of_memory',
          '',
          `The set needs the whole recording in memory, which is limited to ${MAX_WHOLE_SECONDS / 3600} h`,
        );
      }
    }
    const toTheEnd = buffer.end < enough;
    if (buffer.end === 0) return { samples: 0, values: null, toTheEnd };
    const utterance = buffer.view(0, buffer.end);
    const [matrix] = this.#clock.time('features', () => this.#plan.extract([utterance]));
    if (!matrix) throw new Error('extract returned no matrix');
    const values = this.#onePerRecording ? matrix.values : null;
    if (!values) take(matrix.values);
    return { samples: buffer.end, values, toTheEnd };
  }

  /** The recording, or at most its first `most` samples. */
  *#blocks(decoder: AudioDecoder, most = Number.POSITIVE_INFINITY): Generator<Float32Array> {
    const rate = this.job.frontEnd.sampleRateHz;
    let left = most;
    while (left > 0) {
      if (this.counters.stopRequested) throw new Stopped();
      const block = this.#clock.time('decode', () =>
        decoder.read(Math.min(this.#readBuffer.length, left), this.#readBuffer),
      );
      if (!block) return;
      left -= block.frames;
      this.#audioSeconds += block.frames / rate;
      this.counters.addDecoded(block.frames / rate);
      this.flight.beat(block.frames / rate);
      yield block.samples;
    }
  }

  #writeFrameRows(
    record: ManifestRecord,
    channel: number | null,
    first: number,
    values: Float32Array,
    rows: RowWriter,
  ): void {
    const width = this.#names.length;
    const { sampleRateHz, frame } = this.job.frontEnd;
    for (let t = 0; t * width < values.length; ++t) {
      rows.write('frames', {
        record_id: record.id,
        file: record.file,
        channel,
        frame: first + t,
        time_s: ((first + t) * frame.hopSamples) / sampleRateHz,
        ...Object.fromEntries(this.#names.map((name, i) => [name, values[t * width + i] ?? null])),
      });
    }
  }
}

/** Samples after which a recording has nothing more to add. */
function excerptEnd({ samples: { excerpt } }: FrontEnd): number {
  return excerpt?.lengthSamples ? excerpt.offsetSamples + excerpt.lengthSamples : Number.POSITIVE_INFINITY;
}

/** Frames whose every sample is at hand; all of them once the length is known. */
function framesCoveredBy(samples: number, totalSamples: number | null, frame: FrontEnd['frame']): number {
  if (totalSamples !== null) return frameCount(totalSamples, frame);
  const reach = frameStart(0, frame) + frame.lengthSamples;
  if (samples < reach) return 0;
  // Not more than a recording that ended here would have: whisper-centre leaves the last one out.
  return Math.min(frameCount(samples, frame), 1 + Math.floor((samples - reach) / frame.hopSamples));
}

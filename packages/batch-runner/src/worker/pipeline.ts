/**
 * Read this first: the road of one recording, decode → extract → slice → score → rows, inside one worker thread.
 *
 * Windows of successive recordings share batches, so a recording's rows come out when its last window is scored;
 * the batcher keeps the order. Whatever goes wrong with one recording becomes its row and touches no other.
 */

import { performance } from 'node:perf_hooks';
import { type AudioDecoder, FeaturePlan } from '@undertone/dsp-native';
import { type Model, openModel, predict } from '@undertone/inference';
import type { AudioInfo, ChannelPlan, ManifestRecord, PcmBlock, Shard } from '@undertone/shared';
import { UndertoneError } from '@undertone/shared';
import { filesTable, segmentsTable, type Table } from '../sink/table.js';
import { announced } from '../stage/announce.js';
import { channelStreams } from '../stage/channels.js';
import { endingFailure } from '../stage/ending.js';
import { type RecordFailure, recordFailure } from '../stage/failure.js';
import { fileRow, type RowContext, segmentRow, type WindowMeasures } from '../stage/label-rows.js';
import { openRecording } from '../stage/open-recording.js';
import { CLIPPED_RATIO, QualityTrack } from '../stage/quality.js';
import { RecordingTally } from '../stage/recording-tally.js';
import { WindowBatcher } from '../stage/score.js';
import { RecordingSlicer, type SlicedWindow, type Slicer, UtteranceSlicer } from '../stage/slice.js';
import { StageClock } from '../stage/stage-clock.js';
import type { Counters } from './counters.js';
import type { LabelJob } from './job.js';
import { type RowWriter, type ShardPipeline, Stopped } from './row-writer.js';

/** One read: long enough that call overhead vanishes, short enough that a stop request is heard at once. */
const READ_SECONDS = 10;

/** A window with less audio than this share of its length is flagged short. */
const SHORT_SHARE = 0.5;

/** One channel of a recording on its way. */
interface Stream {
  readonly decoder: AudioDecoder;
  readonly tally: RecordingTally;
  readonly context: RowContext;
  readonly rows: RowWriter;
}

export class LabelPipeline implements ShardPipeline {
  readonly tables: readonly Table[];
  readonly #plan: FeaturePlan | null;
  #batcher: WindowBatcher;
  readonly #modelName: string;
  /** One for all reads: fresh memory for every read costs more than decoding WAV. */
  readonly #readBuffer: Float32Array;
  #clock = new StageClock();
  #audioSeconds = 0;

  private constructor(
    readonly job: LabelJob,
    readonly model: Model,
    readonly counters: Counters,
  ) {
    const { card } = model;
    this.tables = [segmentsTable(card.classes), filesTable(card.classes)];
    this.#plan = card.family === 'waveform' ? null : new FeaturePlan(card.frontEnd);
    this.#batcher = new WindowBatcher(model);
    this.#readBuffer = new Float32Array(READ_SECONDS * card.frontEnd.sampleRateHz);
    this.#modelName = `${card.name}@${card.version}`;
  }

  static async open(job: LabelJob, counters: Counters): Promise<LabelPipeline> {
    const { devices, windowS, hopS } = job;
    const device = devices[counters.claimWorker() % devices.length];
    const model = await openModel(job.modelFolder, {
      device,
      windowS: windowS ?? undefined,
      hopS: hopS ?? undefined,
    });
    return new LabelPipeline(job, model, counters);
  }

  async run(shard: Shard, rows: RowWriter): ReturnType<ShardPipeline['run']> {
    // Whatever a shard that failed left queued is not this one's.
    this.#batcher = new WindowBatcher(this.model);
    this.#clock = new StageClock();
    this.#audioSeconds = 0;
    for (const record of announced(shard.records)) await this.#label(record, rows);
    await this.#clock.timeAsync('model', () => this.#batcher.flush());
    return { audioSeconds: this.#audioSeconds, stageSeconds: this.#clock.seconds };
  }

  async #label(record: ManifestRecord, rows: RowWriter): Promise<void> {
    const before = this.#audioSeconds;
    const begin = performance.now();
    let failed = false;
    for (const [channel, plan] of channelStreams(record, this.job.channels)) {
      await this.#labelChannel(record, channel, plan, rows, (isFailure) => {
        failed ||= isFailure;
      });
    }
    const decodedSeconds = this.#audioSeconds - before;
    const wallSeconds = (performance.now() - begin) / 1000;
    this.#batcher.inOrder(() => rows.recordDone(record, decodedSeconds, wallSeconds, failed));
  }

  /** Calls `outcome`, in row order, with whether the channel's row is an error. */
  async #labelChannel(
    record: ManifestRecord,
    channel: number | null,
    plan: ChannelPlan,
    rows: RowWriter,
    outcome: (failed: boolean) => void,
  ): Promise<void> {
    const { card } = this.model;
    const tally = new RecordingTally(card);
    const truth = record.truth === null ? null : (card.labelMap[record.truth] ?? record.truth);
    let info: AudioInfo | null = null;
    let durationS: number | null = null;
    const context = (): RowContext => ({
      record,
      channel,
      info,
      model: this.#modelName,
      classes: card.classes,
      truth,
    });
    try {
      const decoder = this.#clock.time('decode', () =>
        openRecording(record, { channels: plan, sampleRateHz: card.frontEnd.sampleRateHz }),
      );
      try {
        info = decoder.info;
        durationS = await this.#stream({ decoder, tally, context: context(), rows });
      } finally {
        decoder.close();
      }
    } catch (thrown) {
      tally.fail(failureOrRethrow(thrown, record));
    }
    this.#batcher.inOrder(() => {
      const row = fileRow(context(), {
        durationS: durationS ?? info?.durationSeconds ?? null,
        segments: tally.segments,
        result: tally.result(),
        failure: tally.failure,
      });
      rows.write('files', row);
      outcome(row.status === 'error');
    });
  }

  /** Decodes to the end and queues every window. @returns the recording's seconds of audio */
  async #stream(stream: Stream): Promise<number> {
    const { decoder, tally, context } = stream;
    const rate = this.model.card.frontEnd.sampleRateHz;
    const { info } = decoder;
    const slicer = this.#slicer();
    const quality = new QualityTrack(
      rate,
      (info.sampleRateHz / 100) * (context.channel === null ? info.channels : 1),
    );
    const queue = async (windows: Iterable<SlicedWindow>): Promise<void> => {
      for (const window of windows) await this.#window(window, quality, stream);
    };
    let corrupt: RecordFailure | null = null;
    for (;;) {
      if (this.counters.stopRequested) throw new Stopped();
      let block: PcmBlock | null = null;
      try {
        block = this.#clock.time('decode', () => decoder.read(this.#readBuffer.length, this.#readBuffer));
      } catch (thrown) {
        // What came before the broken spot is still labelled.
        corrupt = failureOrRethrow(thrown, context.record);
      }
      if (!block) break;
      this.#count(block.frames / rate);
      quality.push(block.samples, block.clipped);
      await queue(this.#clock.iterate('features', slicer.push(block.samples)));
    }
    quality.end();
    const seconds = slicer.samples / rate;
    if (corrupt) tally.fail(corrupt);
    if (slicer.samples === 0) throw new UndertoneError('empty', '', 'The recording holds no sample');
    if (slicer.samples < this.model.window.minSamples) {
      const { minS } = this.model.card.window;
      throw new UndertoneError(
        'too_short',
        '',
        `${seconds.toFixed(3)} s of audio; the model needs at least ${minS} s`,
      );
    }
    const ending = endingFailure(decoder, context.record);
    if (ending) tally.fail(ending);
    await queue(this.#clock.iterate('features', slicer.end()));
    return seconds;
  }

  #count(seconds: number): void {
    this.#audioSeconds += seconds;
    this.counters.addDecoded(seconds);
  }

  #slicer(): Slicer {
    const { card } = this.model;
    const plan = this.#plan;
    if (plan && card.window.scope === 'recording') return new RecordingSlicer(plan, this.model.window);
    return new UtteranceSlicer(this.model.window, (samples) => {
      if (!plan) return { values: samples.slice(), rows: samples.length, columns: 1 };
      const [features] = plan.extract([samples]);
      if (!features) throw new Error('extract returned no matrix');
      return { values: features.values, rows: features.frames, columns: features.columns };
    });
  }

  async #window(window: SlicedWindow, quality: QualityTrack, stream: Stream): Promise<void> {
    const { decoder, tally, context, rows } = stream;
    const measures = this.#measure(window, decoder, quality);
    const write = (prediction: ReturnType<typeof predict> | null): void => {
      rows.write('segments', segmentRow(context, measures, prediction));
      tally.segments += 1;
    };
    quality.discardBefore(measures.startS);
    if (measures.levelDbfs === null || measures.levelDbfs < this.job.silenceDbfs) {
      this.#batcher.inOrder(() => write(null));
      return;
    }
    const slice = this.#clock.time('features', () => window.material());
    if (slice.rows === 0) {
      tally.fail({ code: 'too_short', message: `Window ${window.index} is shorter than one frame` });
      return;
    }
    await this.#clock.timeAsync('model', () =>
      this.#batcher.score(slice, (probabilities) => {
        if (probabilities instanceof UndertoneError) {
          tally.fail({ code: 'model_error', message: probabilities.message });
          return;
        }
        const prediction = predict(probabilities, this.model.card);
        tally.add(prediction, measures.endS - measures.startS);
        write(prediction);
      }),
    );
  }

  #measure(window: SlicedWindow, decoder: AudioDecoder, quality: QualityTrack): WindowMeasures {
    const rate = this.model.card.frontEnd.sampleRateHz;
    const startS = window.start / rate;
    const endS = window.end / rate;
    const clipRatio = quality.clipRatio(startS, endS);
    const flags: string[] = [];
    if (window.end - window.start < SHORT_SHARE * this.model.window.lengthSamples) flags.push('short');
    if (clipRatio >= CLIPPED_RATIO) flags.push('clipped');
    // Half the model's band is missing, as in telephony at 8 kHz for a 16 kHz model.
    if (decoder.info.sampleRateHz <= rate / 2) flags.push('narrowband');
    if (window.last && decoder.ending().truncated) flags.push('truncated');
    return {
      index: window.index,
      startS,
      endS,
      levelDbfs: quality.levelDbfs(startS, endS),
      clipRatio,
      flags,
    };
  }
}

/** A stop request and trouble with the output pass through; anything else is the recording's. */
function failureOrRethrow(thrown: unknown, record: ManifestRecord): RecordFailure {
  const failure = thrown instanceof Stopped ? null : recordFailure(thrown, record);
  if (!failure) throw thrown;
  return failure;
}

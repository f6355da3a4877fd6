/**
 * Read this first: the road of one recording inside one worker thread, decode → listen (features, speech, quality)
 * → segments → stretches → score → rows.
 *
 * Stretches of windows of successive recordings share batches, so a recording's rows come out when its last one is scored;
 * the batcher keeps the order. Whatever goes wrong with one recording becomes its row and touches no other.
 */

import { performance } from 'node:perf_hooks';
import { type AudioDecoder, type FeatureBackend, featureBackend } from '@undertone/dsp-native';
import { type LabelRules, type Model, openModel, predict } from '@undertone/inference';
import type {
  AudioInfo,
  ChannelPlan,
  ManifestRecord,
  PcmBlock,
  Piece,
  Prediction,
  Shard,
} from '@undertone/shared';
import { UndertoneError } from '@undertone/shared';
import type { FlightSlot } from '../flight/in-flight.js';
import { filesTable, segmentsTable, type Table } from '../sink/table.js';
import { announced } from '../stage/announce.js';
import { channelStreams } from '../stage/channels.js';
import { EnsembleBatcher } from '../stage/ensemble.js';
import { type RecordFailure, recordFailure } from '../stage/failure.js';
import type { Followed } from '../stage/followed.js';
import { type RowContext, segmentRow } from '../stage/label-rows.js';
import { Listening } from '../stage/listening.js';
import { Members } from '../stage/members.js';
import { openRecording } from '../stage/open-recording.js';
import { type PieceSpan, spanOf } from '../stage/piece-span.js';
import { type Heard, joinedFileRow, pieceTally } from '../stage/piece-tally.js';
import { RecordingTally } from '../stage/recording-tally.js';
import { Roles } from '../stage/roles.js';
import type { ScoredWindow } from '../stage/score.js';
import { type Segment, type Segmenter, SpeechSegmenter, WindowSegmenter } from '../stage/segment.js';
import { type SpeechPlan, SpeechTrack, speechPlan } from '../stage/speech-track.js';
import { StageClock } from '../stage/stage-clock.js';
import { truthFor } from '../stage/truth.js';
import { changeOf } from '../stage/unchanged.js';
import type { Counters } from './counters.js';
import type { JobModel, LabelJob } from './job.js';
import { type RowWriter, type ShardPipeline, Stopped, timedRows } from './row-writer.js';

/** One read: long enough that call overhead vanishes, short enough that a stop request is heard at once. */
const READ_SECONDS = 10;

/** What to label: a channel of a recording, and of that a piece or all. */
interface Source {
  readonly record: ManifestRecord;
  readonly channel: number | null;
  readonly plan: ChannelPlan;
  readonly piece: Piece | undefined;
}

/** What came of one read. */
interface Read {
  readonly block: PcmBlock;
  /** Takes what the other models have of the same seconds, and the block for those at its rate. */
  readonly takeBeside: (samples: Float32Array) => void;
}

/** One channel of a recording on its way. */
interface Stream {
  readonly source: Source;
  readonly span: PieceSpan;
  readonly decoder: AudioDecoder;
  readonly listening: Listening;
  readonly followed: Followed;
  readonly tally: RecordingTally;
  readonly context: RowContext;
  readonly rows: RowWriter;
}

export class LabelPipeline implements ShardPipeline {
  readonly tables: readonly Table[];
  readonly #speechPlan: SpeechPlan;
  #batcher: EnsembleBatcher;
  readonly #roles: Roles;
  readonly #rules: LabelRules;
  /** One for all reads: fresh memory for every read costs more than decoding WAV. */
  readonly #readBuffer: Float32Array;
  #clock = new StageClock();
  #audioSeconds = 0;

  private constructor(
    readonly job: LabelJob,
    readonly members: Members,
    readonly counters: Counters,
    readonly flight: FlightSlot,
  ) {
    const { card, window } = this.#first;
    this.tables = [segmentsTable(card.classes), filesTable(card.classes)];
    this.#speechPlan = speechPlan(window.frames ? members.plan : null, card.frontEnd.sampleRateHz);
    this.#batcher = this.#newBatcher();
    this.#readBuffer = new Float32Array(READ_SECONDS * card.frontEnd.sampleRateHz);
    this.#roles = new Roles(job.roles);
    this.#rules = { classes: card.classes, polarity: card.polarity, abstainBelow: job.abstainBelow };
  }

  static async open(
    job: LabelJob,
    counters: Counters,
    flight: FlightSlot,
    worker: number,
  ): Promise<LabelPipeline> {
    const { devices } = job;
    const device = devices[worker % devices.length];
    const [first, ...others] = job.models;
    const open = ({ folder, overrides }: JobModel): Promise<Model> =>
      openModel(folder, { device, ...overrides });
    const models: [Model, ...Model[]] = [await open(first)];
    for (const other of others) models.push(await open(other));
    const backend: FeatureBackend = featureBackend(device, job.gpuMemoryMib);
    return new LabelPipeline(job, new Members(models, backend, READ_SECONDS), counters, flight);
  }

  /** Whose samples everything is measured by, and whose card says what labels mean. */
  get #first(): Model {
    return this.members.first;
  }

  async run(shard: Shard, rows: RowWriter): ReturnType<ShardPipeline['run']> {
    // Whatever a shard that failed left queued is not this one's.
    this.#batcher = this.#newBatcher();
    this.#clock = new StageClock();
    this.#audioSeconds = 0;
    const timed = timedRows(rows, this.#clock);
    for (const record of announced(shard.records, this.flight.begin))
      await this.#label(record, shard.piece, timed);
    await this.#clock.timeAsync('model', () => this.#batcher.flush());
    return { audioSeconds: this.#audioSeconds, stageSeconds: this.#clock.seconds };
  }

  async #label(record: ManifestRecord, piece: Piece | undefined, rows: RowWriter): Promise<void> {
    const before = this.#audioSeconds;
    const begin = performance.now();
    let failed = false;
    for (const [channel, plan] of channelStreams(record, this.job.channels)) {
      await this.#labelChannel({ record, channel, plan, piece }, rows, (isFailure) => {
        failed ||= isFailure;
      });
    }
    const decodedSeconds = this.#audioSeconds - before;
    const wallSeconds = (performance.now() - begin) / 1000;
    this.#batcher.inOrder(() => rows.recordDone(record, decodedSeconds, wallSeconds, failed));
  }

  /** Calls `outcome`, in row order, with whether the channel's row is an error. */
  async #labelChannel(source: Source, rows: RowWriter, outcome: (failed: boolean) => void): Promise<void> {
    const { record, channel, plan, piece } = source;
    const { card, window } = this.#first;
    const span = spanOf(piece, window, card.frontEnd.sampleRateHz);
    const tally = new RecordingTally(this.#rules);
    const truth = truthFor(card, record);
    let info: AudioInfo | null = null;
    let heard: Heard | null = null;
    const context = (): RowContext => ({
      record,
      channel,
      role: this.#roles.of(record, channel, info?.channels ?? 0),
      info,
      model: this.members.name,
      classes: card.classes,
      truth,
    });
    try {
      const open = (sampleRateHz: number, firstSample: number): AudioDecoder =>
        this.#clock.time('decode', () =>
          openRecording(record, { channels: plan, sampleRateHz, firstSample }),
        );
      const decoder = open(card.frontEnd.sampleRateHz, span.start);
      try {
        info = decoder.info;
        const followed = this.members.follow(piece, this.job.segments === 'speech', open);
        const listening = this.#listen(info, channel === null ? info.channels : 1, span, followed.track);
        const stream = { source, span, decoder, listening, followed, tally, context: context(), rows };
        heard = await this.#stream(stream).finally(() => followed.others.close());
      } finally {
        decoder.close();
      }
    } catch (thrown) {
      tally.fail(failureOrRethrow(thrown, record));
    }
    this.#batcher.inOrder(() => {
      const part = pieceTally(context(), tally, heard, card.frontEnd.sampleRateHz);
      const row = joinedFileRow([part]);
      if (piece) rows.pieceDone(part);
      else rows.write('files', row);
      outcome(row.status === 'error');
    });
  }

  /** Decodes as far as segments are wanted and queues them. */
  async #stream(stream: Stream): Promise<Heard> {
    const { source, decoder, listening, followed, tally } = stream;
    const rate = this.#first.card.frontEnd.sampleRateHz;
    const segmenter = this.#segmenter(listening.speech, source.piece);
    const queueCertain = async (): Promise<void> => {
      const reach = followed.reachOf(listening);
      for (const segment of segmenter.next(reach)) {
        const window = this.#window(segment, stream);
        const failure = await followed.queue(segment, reach, window, this.#batcher, this.#clock);
        if (failure) tally.fail(failure);
      }
      listening.discardBefore(segmenter.from);
      followed.discardBefore(segmenter.from);
    };
    while (!segmenter.done) {
      if (this.counters.stopRequested) throw new Stopped();
      let read: Read | null = null;
      try {
        read = this.#clock.time('decode', () => this.#read(stream));
      } catch (thrown) {
        // What came before the broken spot is still labelled.
        tally.fail(failureOrRethrow(thrown, source.record));
      }
      if (!read) break;
      // Channels of one recording are the same seconds of audio.
      if (!this.#isLaterChannel(source.channel)) this.#count(read.block.frames, listening, stream.span);
      this.#take(read, stream);
      await queueCertain();
    }
    const toTheEnd = !segmenter.done;
    const { samples } = listening.reach;
    // A piece that the recording does not reach cannot tell how long it is.
    const found = samples > listening.start;
    if (listening.start === 0) this.#checkLength(samples);
    const change = changeOf(source.record);
    if (change) tally.fail(change);
    if (toTheEnd) {
      listening.end();
      this.#clock.time('features', () => followed.others.end());
      await queueCertain();
    }
    if (this.job.segments === 'file') this.#wholeFile(stream);
    return {
      durationS: toTheEnd && found ? samples / rate : null,
      speechSamples: listening.speech.whole().samples,
      ending: decoder.ending(),
    };
  }

  #read({ decoder, followed }: Stream): Read | null {
    const block = decoder.read(this.#readBuffer.length, this.#readBuffer);
    return block && { block, takeBeside: followed.others.read() };
  }

  #take({ block, takeBeside }: Read, { listening }: Stream): void {
    listening.push(block);
    this.#clock.time('features', () => takeBeside(block.samples));
  }

  #isLaterChannel(channel: number | null): boolean {
    return this.job.channels === 'split' && channel !== null && channel > 0;
  }

  /** Of a piece, only what no other piece counts. */
  #count(samples: number, { reach, sampleRateHz }: Listening, { counted }: PieceSpan): void {
    const from = Math.max(reach.samples, counted.start);
    const seconds = Math.max(0, Math.min(reach.samples + samples, counted.end) - from) / sampleRateHz;
    this.#audioSeconds += seconds;
    this.counters.addDecoded(seconds);
    this.flight.beat(seconds);
  }

  #newBatcher(): EnsembleBatcher {
    return new EnsembleBatcher(this.members.models, (score) => this.flight.scoring(score));
  }

  #checkLength(samples: number): void {
    if (samples === 0) throw new UndertoneError('empty', '', 'The recording holds no sample');
    const { grid, minS } = this.members;
    if (samples >= grid.minSamples) return;
    const seconds = (samples / this.#first.card.frontEnd.sampleRateHz).toFixed(3);
    throw new UndertoneError('too_short', '', `${seconds} s of audio; the model needs at least ${minS} s`);
  }

  #listen(
    info: AudioInfo,
    mixedChannels: number,
    { start, counted }: PieceSpan,
    features: Followed['track'],
  ): Listening {
    const { card, window } = this.#first;
    return new Listening(
      info,
      card.frontEnd.sampleRateHz,
      mixedChannels,
      features,
      new SpeechTrack(this.#speechPlan, start, counted),
      window.lengthSamples,
      this.#clock,
      start,
    );
  }

  #segmenter(speech: SpeechTrack, piece: Piece | undefined): Segmenter {
    const { grid } = this.members;
    return this.job.segments === 'speech'
      ? new SpeechSegmenter(grid, this.#first.card.frontEnd.sampleRateHz, speech)
      : new WindowSegmenter(grid, piece);
  }

  /** Measures a window, says whether it is to be scored, and makes its row of the scores. */
  #window(segment: Segment, { decoder, listening, tally, context, rows }: Stream): ScoredWindow {
    const measures = listening.measure(segment, () => decoder.ending().truncated);
    const write = (prediction: Prediction | null): void => {
      // Of a whole file the windows are only what its one row is made of.
      if (this.job.segments === 'file') return;
      rows.write('segments', segmentRow(context, measures, prediction));
      tally.segments += 1;
    };
    const { levelDbfs, speechRatio } = measures;
    // Dual mono: labelled once, in the first channel.
    const isCopy = measures.isCopy && this.#isLaterChannel(context.channel);
    const isSilent =
      levelDbfs === null || levelDbfs < this.job.silenceDbfs || speechRatio < this.job.minSpeech;
    const deliver = (probabilities: Float32Array | UndertoneError | null): void => {
      if (isCopy) tally.copies += 1;
      else if (probabilities === null) write(null);
      else if (probabilities instanceof UndertoneError) {
        tally.fail({ code: 'model_error', message: probabilities.message });
      } else {
        const prediction = predict(probabilities, this.#rules);
        tally.add(prediction, measures.endS - measures.startS);
        write(prediction);
      }
    };
    return { wanted: !isCopy && !isSilent, deliver };
  }

  /** One row from all windows: memory stays constant, and models of a fixed input take files of any length. */
  #wholeFile({ decoder, listening, tally, context, rows }: Stream): void {
    const measures = listening.measureWhole(() => decoder.ending().truncated);
    this.#batcher.inOrder(() => {
      rows.write('segments', segmentRow(context, measures, tally.result()?.prediction ?? null));
      tally.segments = 1;
    });
  }
}

/** A stop request and trouble with the output pass through; anything else is the recording's. */
function failureOrRethrow(thrown: unknown, record: ManifestRecord): RecordFailure {
  const failure = thrown instanceof Stopped ? null : recordFailure(thrown, record);
  if (!failure) throw thrown;
  return failure;
}

/**
 * The road, one direction, one hand-over type each:
 *
 *   Manifest → Shard → Pcm → Features → Windows → Scores → Prediction → Row → Commit
 *     scan      plan   decode  extract    slice    model   aggregate   sink   ledger
 *
 * Everything from Pcm to Row happens inside one worker thread, on one shard, in constant memory. Only numbers
 * cross the thread border (progress) and only file names cross the machine border (commit).
 */

import type { Emotion, Gender, Polarity } from './emotion.js';
import type { RecordErrorCode } from './errors.js';

/** How the channels of a recording become streams to label. */
export type ChannelPlan = 'mix' | 'split' | number;

/** One recording, as scanned. */
export interface ManifestRecord {
  /** 16 hex digits: digest of `file` and `bytes`. */
  readonly id: string;
  /** Path relative to the input root, `/`-separated, with leading `./`: what the tables show. */
  readonly file: string;
  /** Path to open: text, or bytes where it is not UTF-8. */
  readonly path: string | Uint8Array;
  readonly bytes: number;
  readonly mtimeMs: number;
  /** Seconds by the header, 0 where unknown. Balances shards and feeds progress; never reaches a table. */
  readonly estimatedSeconds: number;
  /** Emotion by the corpus's file name or the manifest, when there is one. */
  readonly truth: Emotion | null;
  /** Who speaks, by the manifest: one role, or roles by channel as in `0=agent;1=customer`. */
  readonly role: string | null;
  /** Speaker by the corpus's file name, e.g. `ravdess-01`, or by the manifest; gender and corpus likewise. */
  readonly speaker: string | null;
  readonly gender: Gender | null;
  readonly corpus: string | null;
  /** Set when the scan itself already knows that the file cannot be opened. */
  readonly scanError: { readonly code: RecordErrorCode; readonly message: string } | null;
}

/** The ordered recordings. Records are made when asked for: a million of them fit in some hundred megabytes. */
export interface Manifest {
  /** Directory that `file` is relative to. */
  readonly root: string;
  readonly count: number;
  record(index: number): ManifestRecord;
}

/** A deterministic slice of the manifest: what workers, machines and retries handle. */
export interface PlannedShard {
  /** 16 hex digits: digest of the fingerprint and the ordered records. */
  readonly id: string;
  readonly index: number;
  /** Records `first` to `end` − 1 of the manifest. */
  readonly first: number;
  readonly end: number;
  /** Of audio, by the headers. */
  readonly estimatedSeconds: number;
  /** Set in a shard that is a piece of one long recording. It accounts for no record: `end` is `first`. */
  readonly piece?: PlannedPiece;
  /** Set in the shard that accounts for such a recording: made from so many pieces, the shards before it. */
  readonly joins?: number;
}

/** Windows `firstWindow` to `endWindow` − 1 of a recording, or, null, all that follow. */
export interface Piece {
  readonly firstWindow: number;
  readonly endWindow: number | null;
}

export interface PlannedPiece extends Piece {
  /** Place of the recording in the manifest. */
  readonly record: number;
}

/** A planned shard with its records: what a worker gets. */
export interface Shard {
  readonly id: string;
  readonly index: number;
  /** Where its records begin in the manifest. */
  readonly first: number;
  readonly records: readonly ManifestRecord[];
  /** What to label of the one record; all of it where there is no piece. */
  readonly piece?: Piece;
}

/** What the header says, before any sample is decoded. */
export interface AudioInfo {
  /** e.g. `wav`, `flac`, `ogg`. */
  readonly container: string;
  /** e.g. `pcm_s16le`, `flac`, `mp3`, `opus`. */
  readonly codec: string;
  readonly sampleRateHz: number;
  readonly channels: number;
  /** null when the header does not tell (streaming sizes). */
  readonly durationSeconds: number | null;
  /** Decoding can start in the middle without what lies before: WAV and FLAC. */
  readonly seekable: boolean;
}

/** A stretch of decoded audio: planar float32 at the decoder's output rate, full scale 1. */
export interface PcmBlock {
  /** channels × frames, channel after channel. */
  readonly samples: Float32Array;
  readonly channels: number;
  /** Sample frames a channel. */
  readonly frames: number;
  /** Samples at full scale per 10 ms block of source time finished in this read, channel after channel. */
  readonly clipped: Uint32Array;
  /**
   * One channel chosen of several: for the same blocks, Σx², Σy² and Σx·y of the channel and its twin, three values a
   * block. The twin is the first channel, or the second for the first. Empty otherwise.
   */
  readonly twins: Float32Array;
}

/** Frames × columns, C order. */
export interface FeatureMatrix {
  readonly values: Float32Array;
  readonly frames: number;
  readonly columns: number;
}

/**
 * What one window hands to a model: `rows` real rows of `columns` values, C order. Matrix and sequence models see
 * frames × feature columns, vector models one row, waveform models samples as rows of one column.
 */
export interface WindowSlice {
  readonly values: Float32Array;
  readonly rows: number;
  readonly columns: number;
}

/** Calibrated class probabilities of a batch of windows: windows × classes, C order, each row sums to 1. */
export interface Scores {
  readonly values: Float32Array;
  readonly windows: number;
  readonly classes: number;
}

/** One distribution turned into a label. */
export interface Prediction {
  /** A class of the card, or `abstain`. */
  readonly label: string;
  /** arg max, even when abstained. */
  readonly topLabel: string;
  readonly probabilities: Float32Array;
  /** p of the top class. */
  readonly confidence: number;
  /** p1 − p2. */
  readonly margin: number;
  /** Shannon entropy / ln(classes), 0–1. */
  readonly entropy: number;
  /** null for a model whose card declares none. */
  readonly polarity: Polarity | null;
}

/** A cell of a table: text, number with its fixed decimals applied later by the schema, or nothing. */
export type Cell = string | number | null;
/** One line of a table, keyed by column name. */
export type Row = Readonly<Record<string, Cell>>;

/** A part file of a committed shard. */
export interface CommittedPart {
  readonly table: string;
  readonly file: string;
  readonly rows: number;
  readonly bytes: number;
  readonly sha256: string;
}

/** How long one recording kept its worker; model batches that its windows filled up count as its own. */
export interface RecordTiming {
  readonly record: string;
  /** As in the tables. */
  readonly file: string;
  readonly wallSeconds: number;
  /** Decoded, every channel stream by itself. */
  readonly audioSeconds: number;
}

/** COMMIT.json: the truth about a finished shard. */
export interface Commit {
  readonly shard: string;
  readonly fingerprint: string;
  readonly attempt: string;
  readonly records: number;
  readonly parts: readonly CommittedPart[];
  /** Seconds of audio decoded and of wall time by stage; never part of a table. */
  readonly audioSeconds: number;
  readonly stageSeconds: Readonly<Record<string, number>>;
  /** The recordings that took longest, longest first: a few, however many the shard holds. */
  readonly slowest: readonly RecordTiming[];
  readonly errors: number;
  /** Of a piece: what the recording's row is put together from. JSON of stage/piece-tally.ts. */
  readonly tally?: unknown;
}

/** What a row whose status is `error` says. */
export interface RecordError {
  readonly record: string;
  readonly file: string;
  readonly channel: number | null;
  readonly code: string;
  readonly message: string;
}

/** Predictions and measurements → rows of the tables. Every number a table shows is made here. */
import type { AudioInfo, ManifestRecord, Prediction, Row } from '@undertone/shared';
import type { RecordFailure } from './failure.js';

export interface RowContext {
  readonly record: Pick<ManifestRecord, 'id' | 'file' | 'bytes'>;
  /** Channel index, or null when mixed. */
  readonly channel: number | null;
  /** Who speaks on it, by rule. */
  readonly role: string | null;
  /** null when the recording could not be opened. */
  readonly info: AudioInfo | null;
  /** name@version */
  readonly model: string;
  readonly classes: readonly string[];
  /** As `truthFor` gives it. */
  readonly truth: string | null;
}

export interface WindowMeasures {
  readonly index: number;
  readonly startS: number;
  readonly endS: number;
  readonly speechRatio: number;
  /** null without speech. */
  readonly snrDb: number | null;
  readonly levelDbfs: number | null;
  readonly clipRatio: number;
  /** The sound of the channel's twin. */
  readonly isCopy: boolean;
  readonly flags: readonly string[];
}

/** @param prediction null for a window without speech */
export function segmentRow(context: RowContext, window: WindowMeasures, prediction: Prediction | null): Row {
  return {
    record_id: context.record.id,
    file: context.record.file,
    channel: context.channel,
    role: context.role,
    segment: window.index,
    start_s: window.startS,
    end_s: window.endS,
    label: prediction?.label ?? 'no_speech',
    top_label: prediction?.topLabel ?? null,
    confidence: prediction?.confidence ?? null,
    margin: prediction?.margin ?? null,
    entropy: prediction?.entropy ?? null,
    ...perClass('p', context.classes, prediction?.probabilities),
    polarity: prediction?.polarity ?? null,
    speech_ratio: window.speechRatio,
    snr_db: window.snrDb,
    level_dbfs: window.levelDbfs,
    clip_ratio: window.clipRatio,
    flags: window.flags.join(';') || null,
    truth: context.truth,
    model: context.model,
  };
}

export interface FileOutcome {
  readonly durationS: number | null;
  /** null where nothing could be decoded. */
  readonly speechS: number | null;
  readonly segments: number;
  /** Segments left out because the first channel holds the same sound. */
  readonly copies: number;
  /** null when no window was scored; shares are of the scored time by top class. */
  readonly result: { readonly prediction: Prediction; readonly shares: ArrayLike<number> } | null;
  readonly failure: RecordFailure | null;
}

export function fileRow(context: RowContext, outcome: FileOutcome): Row {
  const { record, info } = context;
  const { result, failure, segments } = outcome;
  const prediction = result?.prediction;
  const unlabelled = outcome.copies > 0 ? 'dual_mono' : 'no_speech';
  const status = failure ? (segments > 0 ? 'partial' : 'error') : prediction ? 'ok' : unlabelled;
  return {
    record_id: record.id,
    file: record.file,
    channel: context.channel,
    role: context.role,
    codec: info?.codec ?? null,
    sample_rate_hz: info?.sampleRateHz ?? null,
    channels: info?.channels ?? null,
    duration_s: outcome.durationS,
    speech_s: outcome.speechS,
    segments,
    label: prediction?.label ?? labelWithout(status, segments),
    confidence: prediction?.confidence ?? null,
    ...perClass('p', context.classes, prediction?.probabilities),
    ...perClass('share', context.classes, result?.shares),
    truth: context.truth,
    status,
    error_code: failure?.code ?? null,
    error_message: failure?.message ?? null,
    bytes: record.bytes,
    model: context.model,
  };
}

/** A recording in which nothing was scored is without speech, unless that is not known. */
const labelWithout = (status: string, segments: number): string | null =>
  status !== 'dual_mono' && (segments > 0 || status === 'no_speech') ? 'no_speech' : null;

function perClass(
  stem: string,
  classes: readonly string[],
  values: ArrayLike<number> | null | undefined,
): Row {
  return Object.fromEntries(classes.map((name, i) => [`${stem}_${name}`, values?.[i] ?? null]));
}

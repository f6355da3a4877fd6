/** What a worker keeps of a piece of a long recording, and the recording's row from all its pieces. Plain data. */
import type { AudioEnding } from '@undertone/dsp-native';
import { type LabelRules, predict, WindowAggregator, type WindowSums } from '@undertone/inference';
import type { Row } from '@undertone/shared';
import { lossFailure } from './ending.js';
import type { RecordFailure } from './failure.js';
import { fileRow, type RowContext } from './label-rows.js';
import type { RecordingTally } from './recording-tally.js';

export interface PieceTally {
  readonly context: RowContext;
  readonly rules: LabelRules;
  /** Rows in the segments table. */
  readonly segments: number;
  /** Windows left out because the first channel holds the same sound. */
  readonly copies: number;
  readonly sums: WindowSums;
  /** The first thing that went wrong, besides what the ending says. */
  readonly failure: RecordFailure | null;
  /** Of what was decoded for the piece, a few seconds of its neighbours included. */
  readonly ending: AudioEnding;
  /** Of the recording; null when this piece did not see its end. */
  readonly durationS: number | null;
  /** At `speechRateHz`; null where nothing could be decoded. */
  readonly speechSamples: number | null;
  readonly speechRateHz: number;
}

/** What is said of a whole channel. */
export interface Heard {
  /** null when its end was not reached. */
  readonly durationS: number | null;
  readonly speechSamples: number;
  readonly ending: AudioEnding;
}

/**
 * @param heard null where nothing could be decoded
 * @param sampleRateHz of its samples
 */
export function pieceTally(
  context: RowContext,
  tally: RecordingTally,
  heard: Heard | null,
  sampleRateHz: number,
): PieceTally {
  const { id, file, bytes } = context.record;
  return {
    context: { ...context, record: { id, file, bytes } },
    rules: tally.rules,
    segments: tally.segments,
    copies: tally.copies,
    sums: tally.sums(),
    failure: tally.failure,
    ending: heard?.ending ?? { truncated: false, corruptPackets: 0 },
    durationS: heard?.durationS ?? null,
    speechSamples: heard?.speechSamples ?? null,
    speechRateHz: sampleRateHz,
  };
}

/** @param pieces all of one recording, in order; one that stayed whole is its own only piece */
export function joinedFileRow(pieces: readonly PieceTally[]): Row {
  const opened = pieces.find(({ context }) => context.info) ?? pieces[0];
  if (!opened) throw new Error('A recording without a piece');
  const { context, rules } = opened;
  const windows = new WindowAggregator(rules.classes.length);
  for (const { sums } of pieces) windows.addSums(sums);
  const all = windows.result();
  const sum = (value: (piece: PieceTally) => number): number =>
    pieces.reduce((total, piece) => total + value(piece), 0);
  const failure =
    pieces.find((piece) => piece.failure)?.failure ??
    lossFailure({
      truncated: pieces.some(({ ending }) => ending.truncated),
      corruptPackets: sum(({ ending }) => ending.corruptPackets),
    });
  return fileRow(context, {
    durationS:
      pieces.find(({ durationS }) => durationS !== null)?.durationS ?? context.info?.durationSeconds ?? null,
    speechS: pieces.every(({ speechSamples }) => speechSamples === null)
      ? null
      : sum(({ speechSamples }) => speechSamples ?? 0) / opened.speechRateHz,
    segments: sum(({ segments }) => segments),
    copies: sum(({ copies }) => copies),
    result: all && { prediction: predict(all.probabilities, rules), shares: all.shares },
    failure,
  });
}

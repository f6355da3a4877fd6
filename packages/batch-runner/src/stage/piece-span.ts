/** Where a piece of a recording lies. Samples at the front-end's rate. */
import { SPEECH_MARGIN_S } from '@undertone/dsp-native';
import type { Piece, WindowGrid } from '@undertone/shared';

/** Beyond what speech detection looks back: its block under way, the longest frame, and the frame before that. */
const FRAME_MARGIN_S = 2;

export interface PieceSpan {
  /** Decoding starts here, far enough before the first window that nothing in it depends on where. */
  readonly start: number;
  /** What this piece and no other counts into the recording's figures; half-open. */
  readonly counted: { readonly start: number; readonly end: number };
}

export function spanOf(piece: Piece | undefined, grid: WindowGrid, sampleRateHz: number): PieceSpan {
  const place = (window: number): number => grid.offsetSamples + window * grid.hopSamples;
  const first = piece && piece.firstWindow > 0 ? place(piece.firstWindow) : 0;
  const margin = Math.ceil((SPEECH_MARGIN_S + FRAME_MARGIN_S) * sampleRateHz);
  const end = piece?.endWindow ? place(piece.endWindow) : Number.POSITIVE_INFINITY;
  return { start: Math.max(0, first - margin), counted: { start: first, end } };
}

/** Long recordings → pieces. Where they are cut depends on the recording and the settings alone, never on the workers. */
import type { Piece } from '@undertone/shared';

/** What decides which recordings are cut, and where. */
export interface CuttingRule {
  /** Wanted length of a piece; only recordings more than twice as long are cut. */
  readonly pieceS: number;
  /** Distance between the starts of windows. */
  readonly hopS: number;
  /** Windows that are scored together: a cut never falls between them. */
  readonly stretchWindows: number;
  /** Whether decoding record i of the manifest can begin in the middle. */
  readonly isSeekable: (index: number) => boolean;
}

export const isLong = (seconds: number, { pieceS }: Pick<CuttingRule, 'pieceS'>): boolean =>
  seconds > 2 * pieceS;

/**
 * Pieces as long as each other, in whole stretches of windows; the last one takes what follows, however much it turns
 * out to be.
 * @param seconds of the recording, by its header
 * @returns null for a recording that stays whole
 */
export function piecesOf(seconds: number, rule: Omit<CuttingRule, 'isSeekable'>): Piece[] | null {
  if (!isLong(seconds, rule)) return null;
  const wanted = Math.ceil(seconds / rule.pieceS);
  const stretchS = rule.stretchWindows * rule.hopS;
  const stretches = Math.max(1, Math.round(seconds / wanted / stretchS));
  // Stretches longer than the wanted pieces make fewer of them.
  const count = Math.min(wanted, Math.ceil(seconds / (stretches * stretchS)));
  if (count < 2) return null;
  const windows = stretches * rule.stretchWindows;
  return Array.from({ length: count }, (_, i) => ({
    firstWindow: i * windows,
    endWindow: i + 1 < count ? (i + 1) * windows : null,
  }));
}

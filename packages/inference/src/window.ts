/**
 * The window grid of a run: the card's sizes, or the run's own where the model allows them, in samples and rows.
 */
import { expectation, frameCount, parseSettings, UndertoneError, type WindowGrid } from '@undertone/shared';
import { z } from 'zod';
import type { Card, FeatureCard } from './card.js';
import { columnsOf, isMultiple } from './card-checks.js';
import type { InputGiven } from './family/family.js';
import { familyOf } from './family/registry.js';

/** What a run may change about the windows. */
export const windowOverrides = z.strictObject({
  windowS: z.number().positive().max(600).optional().meta({ description: 'window length in seconds' }),
  hopS: z
    .number()
    .positive()
    .max(600)
    .optional()
    .meta({ description: 'distance between window starts in seconds' }),
});
export type WindowOverrides = z.input<typeof windowOverrides>;

export interface ResolvedWindow extends WindowGrid {
  readonly scope: 'recording' | 'window';
  /**
   * Most windows that the model scores as one stretch of the recording; the grid of stretches begins with window 0. 1
   * where each window goes by itself: other families, and windows other than those that the graph pools.
   */
  readonly stretchWindows: number;
  /** Rows of a window that reach the model: longer slices are cut, shorter ones padded. */
  readonly rows: number;
  /**
   * Scope recording over feature frames: window i is the frames that start inside it, rows
   * [offsetRows + i·hopRows, … + lengthRows) of the recording's, as far as they exist. null otherwise.
   */
  readonly frames: {
    readonly offsetRows: number;
    readonly hopRows: number;
    readonly lengthRows: number;
  } | null;
}

/**
 * @throws UndertoneError usage when an override does not fit the model: the sentence says what does
 */
export function resolveWindow(card: Card, overrides: WindowOverrides = {}): ResolvedWindow {
  const { windowS, hopS } = parseSettings(windowOverrides, overrides, 'run');
  const { sampleRateHz } = card.frontEnd;
  const lengthS = windowS ?? card.window.lengthS;
  const stepS = hopS ?? card.window.hopS;
  if (stepS > lengthS) refuseHop(stepS, lengthS, hopS === undefined);
  const lengthSamples = Math.round(lengthS * sampleRateHz);
  if (card.family !== 'waveform') {
    checkOnFrames(card, { windowS, hopS });
    if (windowS !== undefined) checkLength(card, windowS, lengthSamples);
  }
  const hopSamples = Math.max(1, Math.round(stepS * sampleRateHz));
  const offsetSamples = Math.round(card.window.offsetS * sampleRateHz);
  return {
    lengthSamples,
    hopSamples,
    offsetSamples,
    scope: card.window.scope,
    stretchWindows: isCardsGrid(card, lengthSamples, hopSamples) ? (card.input.windows ?? 1) : 1,
    minSamples: Math.ceil(card.window.minS * sampleRateHz),
    rows: familyOf(card.family).rowsPerWindow(inputGiven(card, lengthSamples)),
    frames: framesOf(card, { lengthSamples, hopSamples, offsetSamples }),
  };
}

/** What a family may know of a card and its window; `windows` are those in a slice. */
export function inputGiven(card: Card, windowSamples: number, windows = 1): InputGiven {
  const { frames, steps, stepHopFrames, hopFrames } = card.input;
  return { frames, steps, stepHopFrames, hopFrames, windows, columns: columnsOf(card), windowSamples };
}

const isCardsGrid = ({ window, frontEnd }: Card, lengthSamples: number, hopSamples: number): boolean =>
  lengthSamples === Math.round(window.lengthS * frontEnd.sampleRateHz) &&
  hopSamples === Math.round(window.hopS * frontEnd.sampleRateHz);

function refuse(path: string, what: string, value: unknown): never {
  throw new UndertoneError('usage', path, expectation(what, path, value));
}

function refuseHop(hopS: number, lengthS: number, fromCard: boolean): never {
  const whose = fromCard ? `; the card's hop is longer than this window, so give a hop too` : '';
  refuse('run.hopS', `at most the window length (${lengthS} s), so that no audio is skipped${whose},`, hopS);
}

/** Windows that are slices of the recording's frames start and end on one. */
function checkOnFrames(
  card: FeatureCard,
  sizes: { windowS?: number | undefined; hopS?: number | undefined },
): void {
  if (card.window.scope !== 'recording') return;
  const { hopSamples } = card.frontEnd.frame;
  const rate = card.frontEnd.sampleRateHz;
  for (const key of ['windowS', 'hopS'] as const) {
    const value = sizes[key];
    if (value !== undefined && !isMultiple(value * rate, hopSamples)) {
      refuse(`run.${key}`, `a whole multiple of the frame hop (${hopSamples}/${rate} s)`, value);
    }
  }
}

/**
 * A model with a fixed number of frames would cut a longer window and leave audio unscored without a word.
 * The card's own length always passes: its maker chose what is cut.
 */
function checkLength(card: FeatureCard, windowS: number, lengthSamples: number): void {
  const shortest = samplesOfFrames(card, 1);
  const rate = card.frontEnd.sampleRateHz;
  if (lengthSamples < shortest) {
    refuse('run.windowS', `at least one frame (${shortest}/${rate} s)`, windowS);
  }
  const { rows } = familyOf(card.family);
  if (rows !== 'feature frames') return;
  const frames = familyOf(card.family).rowsPerWindow(inputGiven(card, lengthSamples));
  const longest = Math.max(longestSamples(card, frames), Math.round(card.window.lengthS * rate));
  if (lengthSamples > longest) {
    const limit = Math.floor((longest / rate) * 1000) / 1000;
    refuse('run.windowS', `at most ${limit} (${card.name} takes ${frames} frames a window)`, windowS);
  }
}

/** Frames that a window of this many samples gives. */
function framesIn(card: FeatureCard, samples: number): number {
  const { frame } = card.frontEnd;
  return card.window.scope === 'recording'
    ? Math.floor(samples / frame.hopSamples)
    : frameCount(samples, frame);
}

/** The fewest samples that give `frames` frames; grid.ts knows each placement's count, which only grows. */
function samplesOfFrames(card: FeatureCard, frames: number): number {
  const { frame } = card.frontEnd;
  let low = 0;
  let high = frames * frame.hopSamples + frame.lengthSamples;
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (framesIn(card, middle) >= frames) high = middle;
    else low = middle;
  }
  return high;
}

const longestSamples = (card: FeatureCard, frames: number): number => {
  const longest = samplesOfFrames(card, frames + 1) - 1;
  const hop = card.frontEnd.frame.hopSamples;
  return card.window.scope === 'recording' ? longest - (longest % hop) : longest;
};

function framesOf(card: Card, grid: Omit<WindowGrid, 'minSamples'>): ResolvedWindow['frames'] {
  if (card.family === 'waveform' || card.window.scope !== 'recording') return null;
  const hop = card.frontEnd.frame.hopSamples;
  return {
    offsetRows: Math.round(grid.offsetSamples / hop),
    hopRows: Math.round(grid.hopSamples / hop),
    lengthRows: Math.round(grid.lengthSamples / hop),
  };
}

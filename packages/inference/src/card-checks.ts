/**
 * What one key of a card means for another: family ↔ axes and sizes, scope ↔ front-end, scaler ↔ columns.
 * In: a card that passed the schema. Errors: invalid_card, one sentence naming both sides.
 */
import {
  columnNames,
  expectation,
  frameCount,
  needsWholeUtterance,
  oneRowPerUtterance,
  UndertoneError,
} from '@undertone/shared';
import type { Card, FeatureCard } from './card.js';
import { type Axis, INPUT_SIZES } from './family/family.js';
import { familyOf } from './family/registry.js';

/** Columns of a window as the model sees it: feature columns, or 1 for samples. */
export function columnsOf(card: Card): number {
  return card.family === 'waveform' ? 1 : columnNames(card.frontEnd).length;
}

/** @throws UndertoneError invalid_card with the first contradiction */
export function checkCard(card: Card): void {
  checkAxes(card);
  checkSizes(card);
  checkScaler(card);
  if (card.family === 'waveform') checkWaveformScope(card);
  else {
    checkStatistics(card);
    checkScope(card);
    if (card.family === 'stretch') checkStretch(card);
    checkFrames(card);
  }
}

function bad(path: string, what: string, value: unknown): never {
  const subject = `card.${path}`;
  throw new UndertoneError('invalid_card', subject, expectation(what, subject, value));
}

function checkAxes({ family, input }: Card): void {
  const required = familyOf(family).axes;
  const count = (axis: Axis): number => input.axes.filter((name) => name === axis).length;
  const fits =
    required.every((axis) => count(axis) === 1) &&
    input.axes.every((axis) => axis === 'one' || required.includes(axis));
  if (!fits) {
    bad(
      'input.axes',
      `each of ${required.join(', ')} once, and any number of one (family ${family}),`,
      input.axes,
    );
  }
}

function checkSizes({ family, input }: Card): void {
  const { needs } = familyOf(family);
  for (const name of INPUT_SIZES) {
    const value = input[name];
    if (needs.includes(name) && value === undefined) {
      bad(`input.${name}`, `an integer (family ${family} needs it)`, value);
    }
    if (!needs.includes(name) && value !== undefined) {
      bad(`input.${name}`, `nothing (family ${family} has no such size)`, value);
    }
  }
}

function checkScaler(card: Card): void {
  if (card.scaler === null) return;
  const columns = columnsOf(card);
  for (const key of ['mean', 'scale'] as const) {
    const { length } = card.scaler[key];
    if (length !== columns) bad(`scaler.${key}.length`, `${columns} (one number a column)`, length);
  }
}

function checkStatistics(card: FeatureCard): void {
  const { statistics, sequence } = card.frontEnd;
  const wanted = familyOf(card.family).rows === 'one row of statistics';
  if (wanted && !oneRowPerUtterance(card.frontEnd)) {
    bad(
      'frontEnd.statistics',
      `at least one statistic (family ${card.family} sees one row a window)`,
      statistics,
    );
  }
  if (!wanted && statistics.length > 0) {
    bad('frontEnd.statistics', `none (family ${card.family} sees frames)`, statistics);
  }
  if (!wanted && sequence !== null) {
    bad('frontEnd.sequence', `null (family ${card.family} sees frames)`, sequence);
  }
}

/**
 * Frames along the recording can be cut into windows only if a frame is the same wherever the cut falls: nothing of
 * it may come from the rest of the recording, and every window must start on a frame. Of the placements only `snip`
 * gives that: frame t is samples [t·hop, t·hop + length) of any recording, however long, while the centred ones
 * begin before the recording and end in padding whose place depends on where it ends.
 */
function checkScope(card: FeatureCard): void {
  if (card.window.scope !== 'recording') return;
  const { frontEnd, window } = card;
  const fix = 'use "window"';
  if (needsWholeUtterance(frontEnd)) {
    const why =
      'a front-end value depends on the whole utterance: samples.excerpt, samples.gate, samples.normalise, log.topDb, log.reference "max", cmvn, deltas, statistics or sequence';
    bad('window.scope', `"window" (${why})`, window.scope);
  }
  const { placement, hopSamples } = frontEnd.frame;
  if (placement !== 'snip') {
    bad(
      'frontEnd.frame.placement',
      `"snip" when window.scope is "recording" (centred frames reach into padding at the ends of the recording; ${fix})`,
      placement,
    );
  }
  for (const key of ['lengthS', 'hopS', 'offsetS'] as const) {
    if (!isMultiple(window[key] * frontEnd.sampleRateHz, hopSamples)) {
      const step = `${hopSamples}/${frontEnd.sampleRateHz} s`;
      bad(
        `window.${key}`,
        `a whole multiple of the frame hop (${step}) when window.scope is "recording"`,
        window[key],
      );
    }
  }
}

/** The graph pools windows of its own grid, so the card's must be the same one, over frames of the recording. */
function checkStretch({ frontEnd, window, input }: FeatureCard): void {
  if (window.scope !== 'recording') {
    bad('window.scope', '"recording" (family stretch reads frames along the recording)', window.scope);
  }
  const framesOf = (seconds: number): number =>
    Math.round((seconds * frontEnd.sampleRateHz) / frontEnd.frame.hopSamples);
  for (const [size, key] of [
    ['frames', 'lengthS'],
    ['hopFrames', 'hopS'],
  ] as const) {
    const wanted = framesOf(window[key]);
    if (input[size] !== wanted) bad(`input.${size}`, `${wanted} (window.${key} in frames)`, input[size]);
  }
}

function checkWaveformScope(card: Card & { family: 'waveform' }): void {
  if (card.window.scope === 'recording' && card.frontEnd.samples.normalise !== 'none') {
    bad('window.scope', '"window" (samples.normalise depends on the whole utterance)', card.window.scope);
  }
}

/** A recording or window that passes as long enough must have a frame to show the model. */
function checkFrames({ frontEnd, window }: FeatureCard): void {
  const { frame, sampleRateHz } = frontEnd;
  for (const key of ['lengthS', 'minS'] as const) {
    if (frameCount(Math.round(window[key] * sampleRateHz), frame) < 1) {
      const shortest = frame.placement === 'snip' ? frame.lengthSamples : 1;
      bad(`window.${key}`, `at least one frame (${shortest}/${sampleRateHz} s)`, window[key]);
    }
  }
}

/** True when `samples`, a product of decimals, is `step` times a whole number. */
export function isMultiple(samples: number, step: number): boolean {
  const times = samples / step;
  return Math.abs(times - Math.round(times)) < 1e-6;
}

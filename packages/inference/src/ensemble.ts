/** Several models as one: which may stand together, the windows that they share, and the mean of what they say. */
import { UndertoneError } from '@undertone/shared';
import type { Card } from './card.js';
import { type ResolvedWindow, resolveWindow, type WindowOverrides } from './window.js';

/** A model of a run, with the windows that it is given. */
export interface Member {
  readonly card: Card;
  /** What `openModel` is told, so that the model opens with `window`. */
  readonly overrides: WindowOverrides;
  readonly window: ResolvedWindow;
}

/**
 * The members of a run. The first one's windows, after the run's own overrides, are everybody's; a member by itself
 * is what the model is alone.
 * @throws UndertoneError usage for models of other tasks or classes than the first, or that cannot take its windows
 */
export function membersOf(
  cards: readonly [Card, ...Card[]],
  overrides: WindowOverrides,
): [Member, ...Member[]] {
  const [card, ...others] = cards;
  const first: Member = { card, overrides, window: resolveWindow(card, overrides) };
  return [first, ...others.map((other) => memberBeside(first, other))];
}

function memberBeside({ card: first, overrides, window }: Member, card: Card): Member {
  checkAlike(first, card);
  const windowS = overrides.windowS ?? first.window.lengthS;
  const hopS = overrides.hopS ?? first.window.hopS;
  const shared = `${first.name} and ${card.name} share windows of ${windowS} s every ${hopS} s; --window and --hop set others`;
  const own = { windowS, hopS };
  try {
    const found = resolveWindow(card, own);
    checkSamples(first, window, card, found, shared);
    return { card, overrides: own, window: found };
  } catch (thrown) {
    if (!(thrown instanceof UndertoneError) || !thrown.subject.startsWith('run.')) throw thrown;
    throw new UndertoneError(thrown.code, thrown.subject, `${thrown.message}: ${shared}`);
  }
}

function checkAlike(first: Card, card: Card): void {
  if (card.task !== first.task) {
    refuse(`the task of ${first.name} (${first.task})`, `${card.task} of ${card.name}`);
  }
  if ([...card.classes].sort().join() !== [...first.classes].sort().join()) {
    const what = `the classes of ${first.name} (${first.classes.join(', ')}), in any order,`;
    refuse(what, `those of ${card.name} (${card.classes.join(', ')})`);
  }
  if (card.window.offsetS !== first.window.offsetS) {
    const what = `the window.offsetS of ${first.name} (${first.window.offsetS})`;
    refuse(what, `${card.window.offsetS} of ${card.name}`);
  }
}

/** Windows that are a fraction of a sample off at one of two rates would drift apart along a recording. */
function checkSamples(
  first: Card,
  window: ResolvedWindow,
  card: Card,
  own: ResolvedWindow,
  shared: string,
): void {
  const [rate, ownRate] = [first.frontEnd.sampleRateHz, card.frontEnd.sampleRateHz];
  for (const key of ['lengthSamples', 'hopSamples', 'offsetSamples'] as const) {
    if (window[key] * ownRate === own[key] * rate) continue;
    throw new UndertoneError(
      'usage',
      'model',
      `Expected windows of whole samples at ${rate} Hz and at ${ownRate} Hz for model but received others: ${shared}`,
    );
  }
}

function refuse(what: string, received: string): never {
  throw new UndertoneError('usage', 'model', `Expected ${what} for model but received ${received}`);
}

/** For each class of the first model, where it stands among those of another. */
export const classOrder = (first: Card, card: Card): number[] =>
  first.classes.map((name) => card.classes.indexOf(name));

/**
 * The mean of distributions, one a member, all of equal weight, in the classes of the first. Summed in double in the
 * members' order, so that it depends on nothing else; of equal ones it is that very distribution.
 */
export function meanDistribution(
  distributions: readonly Float32Array[],
  orders: readonly (readonly number[])[],
): Float32Array {
  const [first] = orders;
  if (!first) throw new UndertoneError('internal', 'ensemble', 'An ensemble without a member');
  return Float32Array.from(first, (_, c) => {
    let sum = 0;
    for (const [m, values] of distributions.entries()) sum += values[orders[m]?.[c] ?? -1] ?? Number.NaN;
    return sum / distributions.length;
  });
}

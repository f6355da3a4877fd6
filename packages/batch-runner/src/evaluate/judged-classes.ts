/** Which classes a model is judged on, and what a label is among them. */
import type { Card } from '@undertone/inference';
import { EMOTIONS, expectation, UndertoneError } from '@undertone/shared';
import type { LabelledFile } from './labels.js';

/** Why a recording is not judged. */
export type LeftOut =
  /** Neither the labels nor its name tell. */
  | 'no_truth'
  /** The model has no class for it: its card's labelMap drops it or does not know it. */
  | 'no_class'
  | 'no_fold'
  /** It has no row with a label: broken, missing, too short. */
  | 'failed'
  | 'no_speech';

export interface JudgedClasses {
  readonly names: readonly string[];
  /** Class merged → class it counts as. */
  readonly merged: Readonly<Record<string, string>>;
  /** Sums the probabilities of classes that count as one. @param probabilities of the model's classes, in its order */
  readonly merge: (probabilities: ArrayLike<number>) => Float64Array;
  /** @returns the index of the label's class, or why there is none */
  readonly truthOf: (label: LabelledFile, card: Card) => number | LeftOut;
}

/**
 * @param classes of the model, in its order
 * @param merges as `--merge` takes them: `<class>=<class it counts as>`
 * @throws UndertoneError usage
 */
export function judgedClasses(classes: readonly string[], merges: readonly string[]): JudgedClasses {
  const target = new Map(merges.map((merge) => pairOf(merge, classes, merges)));
  const names = classes.filter((name) => !target.has(name));
  const place = classes.map((name) => names.indexOf(target.get(name) ?? name));
  return {
    names,
    merged: Object.fromEntries(target),
    merge(probabilities) {
      const sums = new Float64Array(names.length);
      for (const [i, at] of place.entries()) sums[at] = (sums[at] as number) + (probabilities[i] as number);
      return sums;
    },
    truthOf(label, card) {
      const name = card.task === 'gender' ? label.gender : label.emotion;
      if (name === null) return 'no_truth';
      const own = card.task === 'gender' ? name : classOf(card, name);
      // A class that the model dropped may count as another all the same.
      const mapped = own ?? (target.has(name) ? name : null);
      const index = mapped === null ? -1 : names.indexOf(target.get(mapped) ?? mapped);
      return index < 0 ? 'no_class' : index;
    },
  };
}

/** @returns null for what the model dropped */
function classOf({ labelMap }: Card, emotion: string): string | null {
  const mapped = labelMap[emotion as keyof typeof labelMap];
  return mapped === undefined ? emotion : mapped;
}

function pairOf(
  merge: string,
  classes: readonly string[],
  merges: readonly string[],
): readonly [string, string] {
  const [from = '', to = ''] = merge.split('=');
  const merged = merges.map((other) => other.split('=')[0]);
  const known = classes.includes(from) || EMOTIONS.some((emotion) => emotion === from);
  const once = merged.filter((other) => other === from).length === 1;
  if (known && once && classes.includes(to) && !merged.includes(to)) return [from, to];
  const what = `<class>=<class it counts as>, the latter of ${classes.join(', ')} and not merged itself, each class once`;
  throw new UndertoneError('usage', '--merge', expectation(what, '--merge', merge));
}

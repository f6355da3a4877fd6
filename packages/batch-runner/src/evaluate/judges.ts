/** Who judges what: one model, or several as one, for all recordings or for each fold. */
import { type Card, loadCard, resolveModel } from '@undertone/inference';
import { canonicalJson, expectation, UndertoneError } from '@undertone/shared';
import { MODELS_FOLDER } from '../models-folder.js';
import { namingFlags } from '../naming-flags.js';
import type { FoldsFile } from './folds.js';

export interface Judge {
  /** null where it judges every recording. */
  readonly fold: string | null;
  /** As `undertone run --model` takes them. */
  readonly folders: readonly string[];
  /** Of each folder; the first one's classes are those of the tables. */
  readonly cards: readonly [Card, ...Card[]];
}

/**
 * @param models as `--model` gives them; not looked at where there are folds
 * @returns in the order of the folds
 * @throws UndertoneError usage, or what is wrong with a card
 */
export async function judgesOf(
  models: readonly string[],
  folds: FoldsFile | null,
): Promise<[Judge, ...Judge[]]> {
  if (folds === null) return [await judgeOf(null, models, [MODELS_FOLDER], '--model')];
  const judges: Judge[] = [];
  for (const { name, model } of folds.folds)
    judges.push(await judgeOf(name, model, [], `the model of fold ${name}`));
  const [first, ...others] = judges as [Judge, ...Judge[]];
  const classes = ({ cards: [card] }: Judge): readonly string[] => card.classes;
  const other = others.find((one) => canonicalJson(classes(one)) !== canonicalJson(classes(first)));
  if (other) {
    const what = `the classes of fold ${first.fold} (${classes(first).join(', ')})`;
    throw new UndertoneError(
      'usage',
      '--folds',
      expectation(what, `the model of fold ${other.fold}`, classes(other)),
    );
  }
  return [first, ...others];
}

async function judgeOf(
  fold: string | null,
  models: readonly string[],
  roots: readonly string[],
  flag: string,
): Promise<Judge> {
  const [folders, cards]: [string[], Card[]] = [[], []];
  for (const model of models) {
    const folder = await namingFlags({ model: flag }, () => resolveModel(model, roots));
    folders.push(folder);
    cards.push(await loadCard(folder));
  }
  return { fold, folders, cards: cards as [Card, ...Card[]] };
}

/** The models that lie in folders: listing them with their claims, and finding one by name or path. */
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { type ErrorData, expectation, toErrorData, UndertoneError } from '@undertone/shared';
import { type Card, type Evaluation, SPLITS } from './card.js';
import { CARD_FILE, loadCard, readCard } from './card-file.js';

export type ModelListing =
  | {
      readonly directory: string;
      readonly card: Card;
      readonly name: string;
      readonly version: string;
      readonly task: Card['task'];
      readonly family: Card['family'];
      readonly classes: readonly string[];
      readonly licence: Card['licence'];
      /** The evaluation that says most about unseen voices; null when the card has none. */
      readonly headline: Evaluation | null;
    }
  | { readonly directory: string; readonly error: ErrorData };

/**
 * Every folder of `root` that holds a card.json, by folder name; a broken one is listed with its error.
 * A root that does not exist holds no models.
 */
export async function listModels(root: string): Promise<ModelListing[]> {
  const listings: ModelListing[] = [];
  for (const directory of await modelDirectories(root)) {
    try {
      listings.push(describe(directory, await loadCard(directory)));
    } catch (error) {
      listings.push({ directory, error: toErrorData(error, directory) });
    }
  }
  return listings;
}

function describe(directory: string, card: Card): ModelListing {
  const { name, version, task, family, classes, licence } = card;
  return {
    directory,
    card,
    name,
    version,
    task,
    family,
    classes,
    licence,
    headline: headlineOf(card),
  };
}

/** The first evaluation of the most telling split. */
export function headlineOf(card: Card): Evaluation | null {
  for (const split of SPLITS) {
    const found = card.evaluation.find((entry) => entry.split === split);
    if (found) return found;
  }
  return null;
}

/**
 * The directory of a model: the folder of that name, or the card of that name, in one of `roots` (first root wins),
 * else a path to a directory with a card.json.
 * @throws UndertoneError usage listing the names there are
 */
export async function resolveModel(nameOrPath: string, roots: readonly string[]): Promise<string> {
  const names: string[] = [];
  for (const root of roots) {
    for (const { directory, name } of await namedModels(root)) {
      if (name === nameOrPath || directory === join(root, nameOrPath)) return directory;
      names.push(name);
    }
  }
  if (nameOrPath !== '' && (await holdsCard(nameOrPath))) return nameOrPath;
  const known = names.length === 0 ? 'a' : `one of the models ${[...new Set(names)].join(', ')} or a`;
  throw new UndertoneError(
    'usage',
    'model',
    expectation(`${known} directory with a ${CARD_FILE}`, 'model', nameOrPath),
  );
}

/** Folder name for a card that cannot be read, so that asking for it gives its own error. */
async function namedModels(root: string): Promise<{ directory: string; name: string }[]> {
  const found = [];
  for (const directory of await modelDirectories(root)) {
    const name = await readCard(directory).then(
      (card) => card.name,
      () => directory.slice(root.length).replace(/^[/\\]+/, ''),
    );
    found.push({ directory, name });
  }
  return found;
}

async function modelDirectories(root: string): Promise<string[]> {
  let names: string[];
  try {
    names = await readdir(root);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
  const directories: string[] = [];
  // Code-unit order: readdir's own differs between file systems.
  for (const name of names.sort()) {
    const directory = join(root, name);
    if (await holdsCard(directory)) directories.push(directory);
  }
  return directories;
}

async function holdsCard(directory: string): Promise<boolean> {
  return stat(join(directory, CARD_FILE)).then(
    (entry) => entry.isFile(),
    () => false,
  );
}

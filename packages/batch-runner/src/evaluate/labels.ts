/** The labels that a model is judged by: a list of recordings, and what the names of corpora tell where it is silent. */
import { realpathSync } from 'node:fs';
import { dirname, relative } from 'node:path';
import { type Emotion, type Gender, shownName, UndertoneError } from '@undertone/shared';
import { labelByName } from '../label/registry.js';
import type { ShownEntry } from '../manifest/entry.js';
import { namedPath, readManifest } from '../manifest/list-file.js';
import { commonFolder } from '../manifest/manifest.js';

export interface LabelledFile {
  /** Absolute, in the shown form. */
  readonly path: string;
  /** Relative to the deepest folder that holds all of them: the same on every machine. */
  readonly file: string;
  readonly corpus: string | null;
  readonly speaker: string | null;
  readonly gender: Gender | null;
  readonly emotion: Emotion | null;
  readonly intensity: string | null;
}

/**
 * @param path a labels.csv, or any other list of recordings: what it gives of one wins over the name
 * @returns in the order of the list
 * @throws UndertoneError usage
 */
export async function readLabels(path: string): Promise<LabelledFile[]> {
  const entries: ShownEntry[] = [];
  const list = namedPath(path, shownName(realpathSync.native('.', { encoding: 'buffer' })));
  await readManifest(list, (entry) => entries.push(entry));
  const refuse = (why: string): never => {
    throw new UndertoneError('usage', '--labels', `Labels "${path}" ${why}`);
  };
  if (entries.length === 0) refuse('name no recording');
  const seen = new Set<string>();
  for (const entry of entries) {
    if (seen.has(entry.path)) refuse(`name ${entry.path} twice`);
    seen.add(entry.path);
  }
  const common = commonFolder(entries.map((entry) => dirname(entry.path)));
  return entries.map((entry) => labelOf(entry, common));
}

function labelOf({ path, given }: ShownEntry, common: string): LabelledFile {
  const named = labelByName(path);
  return {
    path,
    file: relative(common, path),
    corpus: given?.corpus ?? named?.corpus ?? null,
    speaker: given?.speaker ?? named?.speaker ?? null,
    gender: given?.gender ?? named?.gender ?? null,
    emotion: given?.truth ?? named?.emotion ?? null,
    intensity: given?.intensity ?? named?.intensity ?? null,
  };
}

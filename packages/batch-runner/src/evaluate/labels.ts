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
 * @param paths of labels.csv, or of any other lists of recordings: what they give of one wins over the name
 * @returns in the order of the lists
 * @throws UndertoneError usage
 */
export async function readLabels(paths: readonly string[]): Promise<LabelledFile[]> {
  const cwd = shownName(realpathSync.native('.', { encoding: 'buffer' }));
  const entries: ShownEntry[] = [];
  const seen = new Set<string>();
  for (const path of paths) {
    const before = entries.length;
    await readManifest(namedPath(path, cwd), (entry) => {
      if (seen.has(entry.path)) throw refusal(`"${path}" names ${entry.path}, which is named already`);
      seen.add(entry.path);
      entries.push(entry);
    });
    if (entries.length === before) throw refusal(`"${path}" names no recording`);
  }
  const common = commonFolder(entries.map((entry) => dirname(entry.path)));
  return entries.map((entry) => labelOf(entry, common));
}

const refusal = (sentence: string): UndertoneError => new UndertoneError('usage', '--labels', sentence);

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

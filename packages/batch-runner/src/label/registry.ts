/** ★ The corpora whose file names carry labels. Their name forms do not overlap; a test holds that. */
import type { Corpus, CorpusLabel, Refusal } from './corpus.js';
import { cremaD } from './crema-d.js';
import { emodb } from './emodb.js';
import { ravdess } from './ravdess.js';
import { savee } from './savee.js';
import { tess } from './tess.js';

export const CORPORA: readonly Corpus[] = [ravdess, cremaD, tess, savee, emodb];

/**
 * What the file's own name (and its folder's, for SAVEE) tells; null where it is of no form among `corpora`.
 * @param file `/`-separated
 */
export function readName(file: string, corpora: readonly Corpus[] = CORPORA): CorpusLabel | Refusal | null {
  const parts = file.split('/');
  const name = parts.at(-1) ?? '';
  const stem = name.replace(/\.[^.]*$/, '');
  const folder = parts.at(-2) ?? '';
  for (const corpus of corpora) {
    const found = corpus.parse(stem, folder);
    if (found) return found;
  }
  return null;
}

/** Label by name, or null: what has no label, for whatever reason, is a recording all the same. */
export function labelByName(file: string): CorpusLabel | null {
  const found = readName(file);
  return found && 'emotion' in found ? found : null;
}

/** ★ The corpora whose file names carry labels. Their name forms do not overlap; a test holds that. */
import type { Corpus, CorpusLabel } from './corpus.js';
import { cremaD } from './crema-d.js';
import { emodb } from './emodb.js';
import { ravdess } from './ravdess.js';
import { savee } from './savee.js';
import { tess } from './tess.js';

export const CORPORA: readonly Corpus[] = [ravdess, cremaD, tess, savee, emodb];

/** Label by the file's own name (and its folder's, for SAVEE), or null. `file` uses `/`. */
export function labelByName(file: string): CorpusLabel | null {
  const parts = file.split('/');
  const name = parts.at(-1) ?? '';
  const stem = name.replace(/\.[^.]*$/, '');
  const folder = parts.at(-2) ?? '';
  for (const corpus of CORPORA) {
    const label = corpus.parse(stem, folder);
    if (label) return label;
  }
  return null;
}

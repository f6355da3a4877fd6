/** What a corpus's file names tell. */
import type { Emotion, Gender } from '@undertone/shared';

export interface CorpusLabel {
  readonly corpus: string;
  /** e.g. `ravdess-01`; the speaker number or code is the corpus's own. */
  readonly speaker: string;
  readonly gender: Gender;
  readonly emotion: Emotion;
}

export interface Corpus {
  readonly name: string;
  /**
   * Label of a recording by its name, or null when the name is not this corpus's.
   * A name of the corpus's form with a code that the corpus does not define is null as well: never a guess.
   * @param stem file name without its extension
   * @param folder name of the folder it lies in, or ''
   */
  parse(stem: string, folder: string): CorpusLabel | null;
}

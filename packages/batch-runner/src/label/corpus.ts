/** What a corpus's file names tell. */
import type { Emotion, Gender } from '@undertone/shared';

export interface CorpusLabel {
  readonly corpus: string;
  /** e.g. `ravdess-01`; the speaker number or code is the corpus's own. */
  readonly speaker: string;
  readonly gender: Gender;
  readonly emotion: Emotion;
  /** The emotion as the name spells it. */
  readonly code: string;
  /** `normal` or `strong` in RAVDESS; `low`, `medium`, `high` or `unspecified` in CREMA-D; null elsewhere. */
  readonly intensity: string | null;
  /** What is said, by the corpus's own code: a sentence, a text, or in TESS the word itself. */
  readonly statement: string;
  /** Which of several recordings of the same, by the corpus's own code; null where there is only one. */
  readonly repetition: string | null;
}

/** Why a name of a corpus's form has no label: the corpus has no such code. */
export interface Refusal {
  readonly corpus: string;
  readonly reason: string;
}

export interface Corpus {
  readonly name: string;
  /** What its names look like, for messages. */
  readonly form: string;
  /**
   * Label of a recording by its name, or null when the name is not of this corpus's form.
   * A name of its form with a code that the corpus does not define is refused: never a guess.
   * @param stem file name without its extension
   * @param folder name of the folder it lies in, or ''
   */
  parse(stem: string, folder: string): CorpusLabel | Refusal | null;
}

/** A table of codes. Not an object: a name may hold any word, `constructor` too. */
export const codes = <T>(table: Readonly<Record<string, T>>): ReadonlyMap<string, T> =>
  new Map(Object.entries(table));

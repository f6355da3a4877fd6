/** The folds file: which model judges which recordings, so that none is judged by a model that heard it. */
import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { SPLITS } from '@undertone/inference';
import { expectation, parseSettings, UndertoneError } from '@undertone/shared';
import { z } from 'zod';
import type { LabelledFile } from './labels.js';

const names = z.array(z.string().min(1)).default([]);

const modelName = z.string().min(1);

const foldSchema = z.strictObject({
  name: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/, {
    error: 'a name of letters, digits, dots and dashes',
  }),
  model: z
    .union([modelName, z.array(modelName).min(1)])
    .transform((given) => [given].flat())
    .meta({ description: 'model folder, relative to the folds file; of several the mean judges' }),
  speakers: names,
  corpora: names,
  files: names.meta({ description: 'endings of paths, whole names: Actor_01/03-01-01-01-01-01-01.wav' }),
});

export const foldsSchema = z.strictObject({
  schema: z.literal('undertone-folds/1'),
  split: z.enum(SPLITS),
  rule: z.string().min(1).meta({ description: 'which speakers or files are judged, in words' }),
  seeds: z.array(z.int()),
  folds: z.array(foldSchema).min(1),
});
export type FoldsFile = z.output<typeof foldsSchema>;
export type Fold = FoldsFile['folds'][number];

/** @returns with absolute model folders @throws UndertoneError usage */
export function readFolds(path: string): FoldsFile {
  let value: unknown;
  try {
    value = JSON.parse(readFileSync(path, 'utf8'));
  } catch (thrown) {
    const why = (thrown as Error).message;
    throw new UndertoneError('usage', '--folds', `Folds "${path}" cannot be read: ${why}`);
  }
  const file = parse(value, path);
  const twice = file.folds.find(({ name }, i) => file.folds.findIndex((other) => other.name === name) !== i);
  if (twice) throw refusal('each fold once', `folds of "${path}"`, twice.name);
  return {
    ...file,
    folds: file.folds.map((fold) => ({
      ...fold,
      model: fold.model.map((name) => resolve(dirname(path), name)),
    })),
  };
}

function parse(value: unknown, path: string): FoldsFile {
  try {
    return parseSettings(foldsSchema, value, `"${path}"`);
  } catch (thrown) {
    if (!(thrown instanceof UndertoneError)) throw thrown;
    throw new UndertoneError('usage', '--folds', thrown.message, { cause: thrown });
  }
}

const refusal = (what: string, path: string, received: unknown): UndertoneError =>
  new UndertoneError('usage', '--folds', expectation(what, path, received));

/** Which fold names a recording, by speaker, corpus or the end of its path. */
export class FoldRule {
  readonly #speakers = new Map<string, Set<number>>();
  readonly #corpora = new Map<string, Set<number>>();
  /** By last name, so that a long list is not gone through for each recording. */
  readonly #files = new Map<string, { readonly ending: string; readonly fold: number }[]>();
  readonly #found = new Set<string>();

  constructor(readonly folds: readonly Fold[]) {
    folds.forEach((fold, i) => {
      for (const name of fold.speakers) addTo(this.#speakers, name, i);
      for (const name of fold.corpora) addTo(this.#corpora, name, i);
      for (const ending of fold.files) {
        const last = ending.slice(ending.lastIndexOf('/') + 1);
        this.#files.set(last, [...(this.#files.get(last) ?? []), { ending: `/${ending}`, fold: i }]);
      }
    });
  }

  /** @returns the fold's index, null when none names it @throws UndertoneError usage when two do */
  foldOf({ path, speaker, corpus }: LabelledFile): number | null {
    const found = new Set<number>();
    const take = (kind: string, name: string | null, folds: Iterable<number> | undefined): void => {
      for (const fold of folds ?? []) {
        found.add(fold);
        this.#found.add(`${kind} ${name}`);
      }
    };
    take('speaker', speaker, this.#speakers.get(speaker ?? ''));
    take('corpus', corpus, this.#corpora.get(corpus ?? ''));
    for (const { ending, fold } of this.#files.get(path.slice(path.lastIndexOf('/') + 1)) ?? [])
      if (path.endsWith(ending)) take('file', ending.slice(1), [fold]);
    const [first, second] = [...found].sort((a, b) => a - b);
    if (second !== undefined) {
      const both = [first as number, second].map((i) => this.folds[i]?.name).join(' and ');
      throw new UndertoneError('usage', '--folds', `Folds ${both} both name ${path}: one model can judge it`);
    }
    return first ?? null;
  }

  /** What the folds name and no recording asked about so far has. */
  unused(): string[] {
    const named = this.folds.flatMap(({ speakers, corpora, files }) => [
      ...speakers.map((name) => `speaker ${name}`),
      ...corpora.map((name) => `corpus ${name}`),
      ...files.map((name) => `file ${name}`),
    ]);
    return named.filter((one) => !this.#found.has(one));
  }
}

function addTo(folds: Map<string, Set<number>>, name: string, fold: number): void {
  folds.set(name, (folds.get(name) ?? new Set<number>()).add(fold));
}

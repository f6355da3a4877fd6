/** Recordings → rows of labels.csv, and what is refused with its reason. */
import { relative } from 'node:path';
import { type Cell, type Row, shownName } from '@undertone/shared';
import type { Corpus, CorpusLabel, Refusal } from '../label/corpus.js';
import { CORPORA, readName } from '../label/registry.js';
import type { GivenLabels } from '../manifest/given-labels.js';
import type { CompactManifest } from '../manifest/manifest.js';
import type { Table } from '../sink/table.js';
import type { Sounds } from './sounds.js';

export interface LabelRules {
  /** One of them where the user named it; all of them otherwise. */
  readonly corpora: readonly Corpus[];
  /** The folder of the CSV, absolute, in the shown form. */
  readonly folder: string;
}

export const labelRules = (corpus: string, folder: string): LabelRules => ({
  corpora: corpus === 'auto' ? CORPORA : CORPORA.filter(({ name }) => name === corpus),
  folder,
});

const NAMES = [
  'corpus',
  'file',
  'speaker',
  'gender',
  'emotion',
  'code',
  'intensity',
  'statement',
  'repetition',
];

const textTable = (name: string, columns: readonly string[]): Table => ({
  name,
  columns: columns.map((column) => ({ name: column, kind: 'text' })),
});

/** @param duplicates whether they were looked for */
export const labelsTable = (duplicates: boolean): Table =>
  textTable('labels', duplicates ? [...NAMES, 'duplicate_of'] : NAMES);

export const refusedTable: Table = textTable('refused', ['file', 'reason']);

/** One of the manifest's recordings: its row, or why it has none. */
export interface Judged {
  readonly index: number;
  /** As the CSV names it. */
  readonly file: string;
  readonly row: Row | null;
  readonly reason: string | null;
}

/** In the manifest's order. By names alone, without `sounds`; with them `duplicate_of` names the first of the same sound. */
export function* judged(
  manifest: CompactManifest,
  rules: LabelRules,
  sounds: Sounds | null = null,
): Generator<Judged> {
  const firstOf = new Map<string, string>();
  const { root, columns, order } = manifest;
  for (const [index, place] of order.entries()) {
    const path = shownName(columns.paths.at(place));
    const file = namedFrom(rules.folder, root, path);
    // A file that is not there can be labelled; a folder that could not be listed is no recording.
    const error = columns.scanError(place);
    const found =
      error && error.code !== 'not_found' ? error.message : labelOf(path, columns.given.at(place), rules);
    const reason = typeof found === 'string' ? found : sounds?.failures.get(index);
    if (typeof found === 'string' || reason !== undefined) {
      yield { index, file, row: null, reason: reason ?? null };
      continue;
    }
    const digest = sounds?.digests[index] ?? '';
    yield { index, file, row: { ...found, file, duplicate_of: firstOf.get(digest) ?? null }, reason: null };
    if (digest && !firstOf.has(digest)) firstOf.set(digest, file);
  }
}

/**
 * What a list gives of a recording wins over its name.
 * @returns the reason where there is no label
 */
function labelOf(path: string, given: GivenLabels | null, { corpora }: LabelRules): Row | string {
  const found = readName(path, corpora);
  const label = found && 'emotion' in found ? found : null;
  const emotion = given?.truth ?? label?.emotion;
  if (!emotion) return reasonOf(found, corpora);
  const cell = (name: keyof CorpusLabel): Cell => label?.[name] ?? null;
  return {
    corpus: given?.corpus ?? cell('corpus'),
    speaker: given?.speaker ?? cell('speaker'),
    gender: given?.gender ?? cell('gender'),
    emotion,
    code: cell('code'),
    intensity: given?.intensity ?? cell('intensity'),
    statement: cell('statement'),
    repetition: cell('repetition'),
  };
}

function reasonOf(found: CorpusLabel | Refusal | null, [first, ...others]: readonly Corpus[]): string {
  if (found && 'reason' in found) return found.reason;
  return others.length > 0 || !first
    ? 'not a name of any known corpus'
    : `not a name of ${first.name} (${first.form})`;
}

/**
 * Relative where the CSV lies above the recordings or among them, so that the two can be moved together; else absolute.
 * A relative name begins with `./` or `../`: no spreadsheet takes it for a formula.
 */
function namedFrom(folder: string, root: string, path: string): string {
  if (!isUnder(root, folder) && !isUnder(folder, root)) return path;
  const name = relative(folder, path);
  return name.startsWith('../') ? name : `./${name}`;
}

const isUnder = (inner: string, outer: string): boolean =>
  inner === outer || outer === '/' || inner.startsWith(`${outer}/`);

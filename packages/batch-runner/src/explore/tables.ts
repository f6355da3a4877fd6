/** The CSV files of an exploration. */
import type { Cell, Row } from '@undertone/shared';
import type { Column, Table } from '../sink/table.js';
import type { Facts } from './facts.js';
import type { Figures } from './figures.js';
import { KINDS, type Overview } from './overview.js';

const text = (name: string): Column => ({ name, kind: 'text' });
const integer = (name: string): Column => ({ name, kind: 'integer' });
const decimal = (name: string, decimals: number): Column => ({ name, kind: 'decimal', decimals });

/** One row a recording. */
export const recordingsTable: Table = {
  name: 'recordings',
  columns: [
    ...['corpus', 'file', 'speaker', 'gender', 'emotion'].map(text),
    decimal('duration_s', 3),
    decimal('level_dbfs', 1),
    ...['status', 'error_code', 'error_message'].map(text),
  ],
};

/** @param onlyBroken those that could not be decoded, or not to their end */
export function* recordingRows(
  { manifest, seconds, levels, failures }: Facts,
  onlyBroken: boolean,
): Generator<Row> {
  for (let place = 0; place < manifest.count; ++place) {
    const failure = failures.get(place);
    if (onlyBroken && !failure) continue;
    const { corpus, file, speaker, gender, truth } = manifest.record(place);
    const decoded = !Number.isNaN(seconds[place]);
    yield {
      corpus,
      file,
      speaker,
      gender,
      emotion: truth,
      duration_s: seconds[place] ?? null,
      level_dbfs: levels[place] ?? null,
      status: failure ? (decoded ? 'partial' : 'error') : 'ok',
      error_code: failure?.code ?? null,
      error_message: failure?.message ?? null,
    };
  }
}

const SHARES = ['p5', 'p25', 'median', 'p75', 'p95'] as const;
const figureColumns: readonly Column[] = [
  ...['recordings', 'broken', 'silent'].map(integer),
  decimal('seconds', 3),
  ...SHARES.map((share) => decimal(`duration_${share}_s`, 3)),
  ...SHARES.map((share) => decimal(`level_${share}_dbfs`, 1)),
];

function figureCells({ recordings, broken, silent, seconds, durationS, levelDbfs }: Figures): Row {
  const cells: Record<string, Cell> = { recordings, broken, silent, seconds };
  for (const share of SHARES) {
    cells[`duration_${share}_s`] = durationS?.[share] ?? null;
    cells[`level_${share}_dbfs`] = levelDbfs?.[share] ?? null;
  }
  return cells;
}

/** One row a corpus, gender, emotion and speaker; `by` says which. */
export const groupsTable: Table = { name: 'groups', columns: [text('by'), text('group'), ...figureColumns] };

export function* groupRows({ all, groups }: Overview): Generator<Row> {
  yield { by: 'all', group: null, ...figureCells(all) };
  for (const by of KINDS)
    for (const { group, ...figures } of groups[by]) yield { by, group, ...figureCells(figures) };
}

export const crossTable: Table = {
  name: 'corpus_gender_emotion',
  columns: [...['corpus', 'gender', 'emotion'].map(text), ...figureColumns],
};

export function* crossRows({ corpusGenderEmotion }: Overview): Generator<Row> {
  for (const { corpus, gender, emotion, ...figures } of corpusGenderEmotion)
    yield { corpus, gender, emotion, ...figureCells(figures) };
}

/** An empty border is an open one. */
export const histogramsTable: Table = {
  name: 'histograms',
  columns: [text('of'), decimal('from', 3), decimal('to', 3), integer('recordings')],
};

export function* histogramRows({ durations, levels }: Overview): Generator<Row> {
  for (const bin of durations) yield { of: 'duration_s', ...bin };
  for (const bin of levels) yield { of: 'level_dbfs', ...bin };
}

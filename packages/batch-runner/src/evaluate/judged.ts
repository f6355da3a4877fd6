/** What a model said of labelled recordings: one row a recording, with its windows. */
import { UndertoneError } from '@undertone/shared';
import type { FinishedRun } from '../commit/finished-run.js';
import type { PartQuery, Value } from '../read/part-query.js';
import { uncalibrated } from './calibration.js';
import type { JudgedClasses, LeftOut } from './judged-classes.js';
import type { Judge } from './judges.js';
import type { LabelledFile } from './labels.js';

/** Probabilities of the judged classes: as the run gives them, and as they were before the card's temperature. */
export interface Scored {
  readonly calibrated: Float64Array;
  /** null for several models as one: what was averaged were probabilities at the temperature of each. */
  readonly uncalibrated: Float64Array | null;
}

export interface JudgedRecording extends Scored {
  readonly label: LabelledFile;
  /** null where one model judges all. */
  readonly fold: string | null;
  /** Index of the judged class. */
  readonly truth: number;
  /** Part of it could not be decoded; judged by the rest. */
  readonly isPartial: boolean;
  readonly windows: readonly Scored[];
}

/** Recordings to be judged, each with its truth. */
export interface Assignment {
  readonly judge: Judge;
  readonly recordings: readonly { readonly label: LabelledFile; readonly truth: number }[];
}

export interface Collected {
  readonly judged: JudgedRecording[];
  readonly leftOut: { readonly label: LabelledFile; readonly why: LeftOut; readonly message: string }[];
}

/**
 * Joins a finished run with the labels that it was made for.
 * @throws UndertoneError corrupt_output when the run does not hold each of the recordings
 */
export async function collectJudged(
  run: FinishedRun,
  query: PartQuery,
  { judge, recordings }: Assignment,
  classes: JudgedClasses,
): Promise<Collected> {
  const windows = await windowsOf(run, query, judge, classes);
  const rows = await fileRows(run, query, judge);
  const found: Collected = { judged: [], leftOut: [] };
  for (const { label, truth } of recordings) {
    const row = rows.get(label.path);
    if (!row)
      throw new UndertoneError('corrupt_output', run.out, `"${run.out}" has no row for ${label.path}`);
    const own = windows.get(row.id) ?? [];
    if (!row.probabilities || own.length === 0) {
      const why = row.errorCode === null ? 'no_speech' : 'failed';
      found.leftOut.push({ label, why, message: row.errorCode ?? row.status });
      continue;
    }
    found.judged.push({
      ...{ label, fold: judge.fold, truth, isPartial: row.status === 'partial', windows: own },
      calibrated: classes.merge(row.probabilities),
      uncalibrated: meanOf(own),
    });
  }
  return found;
}

interface FileRow {
  readonly id: string;
  readonly status: string;
  readonly errorCode: string | null;
  /** null when no window was scored. */
  readonly probabilities: number[] | null;
}

const asNumber = (column: string): string => `CAST(${column} AS DOUBLE)`;
const quotedName = (name: string): string => `"p_${name}"`;

/** By absolute path, in the shown form. */
async function fileRows(
  run: FinishedRun,
  query: PartQuery,
  { cards: [{ classes }] }: Judge,
): Promise<Map<string, FileRow>> {
  const columns = ['record_id', 'file', 'status', 'error_code'];
  const { root } = run.record;
  const rows = new Map<string, FileRow>();
  for await (const piece of query.rows(run.table('files'), [
    ...columns,
    ...classes.map((name) => asNumber(quotedName(name))),
  ]))
    for (const [id, file, status, errorCode, ...probabilities] of piece)
      rows.set(`${root === '/' ? '' : root}/${String(file).slice(2)}`, {
        id: String(id),
        status: String(status),
        errorCode: errorCode == null ? null : String(errorCode),
        probabilities: scoresOf(probabilities),
      });
  return rows;
}

type Weighted = Scored & { readonly seconds: number };

async function windowsOf(
  run: FinishedRun,
  query: PartQuery,
  { cards: [{ classes, calibration }, ...others] }: Judge,
  { merge }: JudgedClasses,
): Promise<Map<string, Weighted[]>> {
  const found = new Map<string, Weighted[]>();
  for await (const piece of query.rows(run.table('segments'), [
    'record_id',
    asNumber('start_s'),
    asNumber('end_s'),
    ...classes.map((name) => asNumber(quotedName(name))),
  ]))
    for (const [id, startS, endS, ...cells] of piece) {
      const probabilities = scoresOf(cells);
      // A window without speech has none.
      if (!probabilities) continue;
      const own = found.get(String(id)) ?? [];
      own.push({
        seconds: Number(endS) - Number(startS),
        calibrated: merge(probabilities),
        uncalibrated: others.length > 0 ? null : merge(uncalibrated(probabilities, calibration.temperature)),
      });
      found.set(String(id), own);
    }
  return found;
}

const scoresOf = (cells: readonly Value[]): number[] | null =>
  cells.some((cell) => cell === null) ? null : cells.map(Number);

/** As a run makes a recording's probabilities: the mean of its windows', each weighted by its seconds. */
function meanOf(windows: readonly Weighted[]): Float64Array | null {
  const seconds = windows.reduce((sum, window) => sum + window.seconds, 0);
  const mean = new Float64Array(windows[0]?.calibrated.length ?? 0);
  for (const window of windows) {
    if (!window.uncalibrated) return null;
    for (const [i, p] of window.uncalibrated.entries())
      mean[i] = (mean[i] as number) + (p * window.seconds) / seconds;
  }
  return mean;
}

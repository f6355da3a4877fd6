/** Committed rows → summary. DuckDB passes over the parts in bounded memory; what comes out is small. */
import { type RecordTiming, UndertoneError } from '@undertone/shared';
import { type FinishedRun, modelNames } from '../commit/finished-run.js';
import { SlowestRecords } from '../commit/slowest-records.js';
import type { PartQuery } from '../read/part-query.js';
import { countOutcomes, failedFiles, fileTotals, outcomeCounts } from './outcomes.js';
import type { Summary } from './summary.js';
import {
  confidenceBins,
  countWindows,
  flagCounts,
  folderCount,
  groups,
  labelCounts,
} from './window-counts.js';

/**
 * @param top how many folders, slow files and failed files are named
 * @throws UndertoneError corrupt_output when the parts are not what was committed
 */
export async function summarise(run: FinishedRun, query: PartQuery, top: number): Promise<Summary> {
  const segments = run.table('segments');
  const files = run.table('files');
  await countWindows(query, segments);
  await countOutcomes(query, files);
  const labels = await labelCounts(query);
  const windows = labels.reduce((sum, one) => sum + one.count, 0);
  const totals = await fileTotals(query);
  for (const [found, { rows }] of [
    [windows, segments],
    [totals.rows, files],
  ] as const)
    if (found !== rows)
      throw new UndertoneError('corrupt_output', run.out, `The parts hold ${found} of the ${rows} rows`);
  const clock = await groups<number>(query, 'clock');
  const { recordings, failed, slowest } = overCommits(run, top);
  const { startedAt, finishedAt, root } = run.record;
  return {
    schema: 'undertone-summary/1',
    run: { model: modelNames(run.record), startedAt, finishedAt, root },
    totals: { recordings, failed, ...totals, windows },
    statuses: await outcomeCounts(query, 'status'),
    errorCodes: await outcomeCounts(query, 'error_code'),
    labels,
    hours: await groups<number>(query, 'hour'),
    clock: { windows: clock.reduce((sum, group) => sum + group.windows, 0), hours: clock },
    roles: await groups<string>(query, 'role'),
    folders: { count: await folderCount(query), largest: await groups<string>(query, 'folder', top) },
    flags: await flagCounts(query),
    confidence: await confidenceBins(query),
    slowest,
    failed: await failedFiles(query, files, top),
  };
}

function overCommits(
  run: FinishedRun,
  top: number,
): { recordings: number; failed: number; slowest: Summary['slowest'] } {
  const slowest = new SlowestRecords(top);
  let [recordings, failed] = [0, 0];
  let last: RecordTiming | null = null;
  for (const commit of run.commits()) {
    recordings += commit.records;
    failed += commit.errors;
    for (const timing of commit.slowest) {
      if (last?.record === timing.record) last = both(last, timing);
      else {
        if (last) slowest.add(last);
        last = timing;
      }
    }
  }
  if (last) slowest.add(last);
  return { recordings, failed, slowest: slowest.longestFirst };
}

/** A long recording is worked on in pieces, whose shards follow each other. */
const both = (one: RecordTiming, more: RecordTiming): RecordTiming => ({
  ...one,
  wallSeconds: one.wallSeconds + more.wallSeconds,
  audioSeconds: one.audioSeconds + more.audioSeconds,
});

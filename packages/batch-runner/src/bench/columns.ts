/** The columns that the terminal and the report show. */
import { percent, scaled, times } from './numbers.js';
import type { BenchResult, BenchRow } from './result.js';

export interface Column {
  readonly heading: string;
  readonly numeric: boolean;
  readonly cell: (row: BenchRow) => string;
}

const NATIVE: readonly Column[] = [
  { heading: 'name', numeric: false, cell: (row) => row.name },
  { heading: 'isa', numeric: false, cell: (row) => row.isa },
  { heading: 'threads', numeric: true, cell: (row) => String(row.threads) },
  { heading: '× real time', numeric: true, cell: (row) => times(row.timesRealTime) },
  { heading: '(min–max)', numeric: false, cell: (row) => `(${times(row.min)}–${times(row.max)})` },
  { heading: 'frames/s', numeric: true, cell: (row) => scaled(row.framesPerSecond ?? NaN) },
  { heading: 'GB/s', numeric: true, cell: (row) => row.gigabytesPerSecond.toPrecision(3) },
  {
    heading: 'of the limit',
    numeric: false,
    cell: (row) => (row.shareOfLimit === null ? '–' : `${percent(row.shareOfLimit)} ${row.limitedBy}`),
  },
];

const WHOLE_RUN: readonly Column[] = [
  { heading: 'recordings', numeric: false, cell: (row) => row.name },
  { heading: 'workers', numeric: true, cell: (row) => String(row.threads) },
  { heading: '× real time', numeric: true, cell: (row) => times(row.timesRealTime) },
  { heading: '(min–max)', numeric: false, cell: (row) => `(${times(row.min)}–${times(row.max)})` },
  { heading: 'seconds', numeric: true, cell: (row) => (row.run?.wallSeconds ?? NaN).toFixed(2) },
  { heading: 'MB/s', numeric: true, cell: (row) => times(1000 * row.gigabytesPerSecond) },
  { heading: 'TB a night', numeric: true, cell: (row) => times(row.run?.terabytesANight ?? NaN) },
];

/** Share of the worker time, and × real time of one worker in it. */
const stageColumn = (name: string): Column => ({
  heading: name,
  numeric: true,
  cell: (row) => {
    const stage = row.run?.stages.find((one) => one.name === name);
    if (!stage) return '–';
    const speed = stage.timesRealTime === null ? '' : ` ${times(stage.timesRealTime)} ×`;
    return `${percent(Math.max(0, stage.share))}${speed}`;
  },
});

export function columnsOf({ rows }: BenchResult): readonly Column[] {
  const stages = [...new Set(rows.flatMap(({ run }) => run?.stages.map(({ name }) => name) ?? []))];
  return rows.some(({ run }) => run) ? [...WHOLE_RUN, ...stages.map(stageColumn)] : NATIVE;
}

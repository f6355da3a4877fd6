/** The columns that the terminal and the report show. */
import { percent, scaled, times } from './numbers.js';
import type { BenchRow } from './result.js';

export interface Column {
  readonly heading: string;
  readonly numeric: boolean;
  readonly cell: (row: BenchRow) => string;
}

export const COLUMNS: readonly Column[] = [
  { heading: 'name', numeric: false, cell: (row) => row.name },
  { heading: 'isa', numeric: false, cell: (row) => row.isa },
  { heading: 'threads', numeric: true, cell: (row) => String(row.threads) },
  { heading: '× real time', numeric: true, cell: (row) => times(row.timesRealTime) },
  { heading: '(min–max)', numeric: false, cell: (row) => `(${times(row.min)}–${times(row.max)})` },
  { heading: 'frames/s', numeric: true, cell: (row) => scaled(row.framesPerSecond) },
  { heading: 'GB/s', numeric: true, cell: (row) => row.gigabytesPerSecond.toPrecision(3) },
  {
    heading: 'of the limit',
    numeric: false,
    cell: (row) => (row.shareOfLimit === null ? '–' : `${percent(row.shareOfLimit)} ${row.limitedBy}`),
  },
];

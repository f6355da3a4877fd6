/** A result for the terminal: table, bar chart, comparison. Plain text, so that a pipe gets the same. */
import { columnsOf } from './columns.js';
import type { Comparison } from './compare.js';
import { limitLines, machineLine, measureLine } from './facts.js';
import { times } from './numbers.js';
import { type BenchResult, type BenchRow, chartLabels, rowLabel } from './result.js';

const CHART_WIDTH = 50;

export function asText(result: BenchResult): string {
  return [
    machineLine(result),
    ...limitLines(result).map((line) => `limit  ${line}`),
    measureLine(result),
    '',
    ...table(result),
    '',
    ...chart(result.rows),
    '',
  ].join('\n');
}

function table(result: BenchResult): string[] {
  const columns = columnsOf(result);
  const cells = [
    columns.map((column) => column.heading),
    ...result.rows.map((row) => columns.map((c) => c.cell(row))),
  ];
  const widths = columns.map((_, i) => Math.max(...cells.map((line) => line[i]?.length ?? 0)));
  return cells.map((line) =>
    line
      .map((cell, i) => (columns[i]?.numeric ? cell.padStart(widths[i] ?? 0) : cell.padEnd(widths[i] ?? 0)))
      .join('  ')
      .trimEnd(),
  );
}

/** █ up to the slowest repeat, ▓ up to the median, ░ up to the fastest. */
function chart(rows: readonly BenchRow[]): string[] {
  const labels = chartLabels(rows);
  const width = Math.max(...labels.map((label) => label.length));
  const longest = Math.max(...rows.map((row) => row.max));
  const place = (value: number): number => Math.round((CHART_WIDTH * value) / longest);
  const bars = rows.map((row, i) => {
    const [min, median, max] = [place(row.min), place(row.timesRealTime), place(row.max)];
    const bar = '█'.repeat(min) + '▓'.repeat(median - min) + '░'.repeat(max - median);
    return `${(labels[i] ?? '').padEnd(width)}  ${bar || '▏'} ${times(row.timesRealTime)}`;
  });
  return ['× real time: █ slowest repeat, ▓ median, ░ fastest', ...bars];
}

export function comparisonText(comparison: Comparison, against: string): string {
  const width = Math.max(0, ...comparison.rows.map(({ row }) => rowLabel(row).length));
  return [
    `Compared with ${against}:`,
    ...comparison.rows.map(
      ({ row, ratio, verdict }) => `${rowLabel(row).padEnd(width)}  ${ratio.toFixed(3)} ×  ${verdict}`,
    ),
    ...comparison.onlyNew.map((label) => `${label}: not in ${against}`),
    ...comparison.onlyOld.map((label) => `${label}: only in ${against}`),
    ...comparison.warnings.map((warning) => `Note: ${warning}`),
    '',
  ].join('\n');
}

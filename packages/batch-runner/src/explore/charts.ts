/** The pictures of an exploration, as SVG: rows of bars or spreads, a histogram, a table of counts. */
import { escapeXml } from '../page-style.js';
import { fixed, line, svg, text, widest } from '../svg-parts.js';
import { type Bin, roundStep } from './bins.js';
import type { Spread } from './figures.js';

const PLOT = 520;
const ROW = 22;

export const CHART_STYLE = `
svg text { font: 12px system-ui, "Segoe UI", "DejaVu Sans", sans-serif; fill: var(--ink); }
svg .faint { fill: var(--faint); } svg .grid { stroke: var(--line); } svg .frame { fill: none; stroke: var(--line); }
svg .reach { stroke: var(--c0); stroke-width: 1.5; } svg .middle { stroke: var(--ink); stroke-width: 2; }
${[0, 1, 2].map((tone) => `svg .c${tone} { fill: var(--c${tone}); }`).join(' ')}`;

/** A colour of the house style. */
export type Tone = 0 | 1 | 2;

export interface Bar {
  readonly value: number;
  readonly tone: Tone;
  /** Shown when the pointer rests on it. */
  readonly title: string;
}

export interface BarRow {
  readonly name: string;
  /** One under the other. */
  readonly bars: readonly Bar[];
  readonly note: string;
}

export function barChart(label: string, axis: string, rows: readonly BarRow[]): string {
  const most = Math.max(1, ...rows.flatMap(({ bars }) => bars.map(({ value }) => value)));
  const height = Math.max(1, ...rows.map(({ bars }) => bars.length)) * 12 + ROW - 12;
  return rowChart({ label, axis, rows, from: 0, to: most, leastStep: 1, height }, (row, top, x) => {
    const first = top + (height - 12 * row.bars.length) / 2;
    return row.bars.map(
      ({ value, tone, title }, i) =>
        `<rect class="c${tone}" x="${fixed(x(0))}" y="${fixed(first + 12 * i)}" width="${fixed(x(value) - x(0))}" height="11"><title>${escapeXml(title)}</title></rect>`,
    );
  });
}

export interface SpreadRow {
  readonly name: string;
  readonly spread: Spread | null;
  readonly note: string;
}

/** A line from the 5th to the 95th percentile, a box from the 25th to the 75th, a stroke at the median. */
export function spreadChart(label: string, axis: string, rows: readonly SpreadRow[]): string {
  const known = rows.flatMap(({ spread }) => spread ?? []);
  const [low, high] = [Math.min(...known.map(({ p5 }) => p5)), Math.max(...known.map(({ p95 }) => p95))];
  // Lengths begin at 0, levels where there are any.
  return rowChart(
    { label, axis, rows, from: Math.min(0, low), to: high, leastStep: 0, height: ROW },
    ({ spread }, top, x) => {
      if (!spread) return [];
      const middle = top + ROW / 2;
      const box = `<rect class="c0" x="${fixed(x(spread.p25))}" y="${fixed(middle - 6)}" width="${fixed(Math.max(1, x(spread.p75) - x(spread.p25)))}" height="12"/>`;
      return [
        line('reach', x(spread.p5), middle, x(spread.p95), middle),
        box,
        line('middle', x(spread.median), middle - 9, x(spread.median), middle + 9),
      ];
    },
  );
}

interface RowFrame<R> {
  readonly label: string;
  readonly axis: string;
  readonly rows: readonly R[];
  readonly from: number;
  readonly to: number;
  /** Between ticks: 1 for counts. */
  readonly leastStep: number;
  /** Of a row, px. */
  readonly height: number;
}

function rowChart<R extends { readonly name: string; readonly note: string }>(
  { label, axis, rows, from, to, leastStep, height }: RowFrame<R>,
  draw: (row: R, top: number, x: (value: number) => number) => string[],
): string {
  const left = widest(rows.map(({ name }) => name)) + 16;
  const step = Math.max(leastStep, roundStep((to - from || 1) / 6));
  const [start, end] = [step * Math.floor(from / step), step * Math.ceil(to / step)];
  const x = (value: number): number => left + (PLOT * (value - start)) / (end - start || 1);
  const bottom = 24 + rows.length * height;
  const ticks = Array.from({ length: Math.round((end - start) / step) + 1 }, (_, i) => start + i * step);
  const grid = ticks.flatMap((tick) => [
    line('grid', x(tick), 20, x(tick), bottom),
    text(x(tick), bottom + 16, plain(tick), 'text-anchor="middle" class="faint"'),
  ]);
  const parts = rows.flatMap((row, i) => {
    const top = 24 + i * height;
    return [
      text(left - 8, top + height / 2 + 4, row.name, 'text-anchor="end"'),
      ...draw(row, top, x),
      text(left + PLOT + 14, top + height / 2 + 4, row.note, 'class="faint"'),
    ];
  });
  const width = left + PLOT + 24 + widest(rows.map(({ note }) => note));
  return svg(width, bottom + 24, label, [text(left, 12, axis, 'class="faint"'), ...grid, ...parts]);
}

/** @param unit of the borders */
export function histogramChart(label: string, unit: string, bins: readonly Bin[]): string {
  const [left, height, top] = [52, 180, 24];
  const most = Math.max(1, ...bins.map(({ recordings }) => recordings));
  const step = Math.max(1, roundStep(most / 4));
  const end = step * Math.ceil(most / step);
  const wide = Math.max(12, Math.min(40, PLOT / Math.max(1, bins.length)));
  const y = (count: number): number => top + height * (1 - count / end);
  const right = left + wide * bins.length;
  const grid = Array.from({ length: Math.round(end / step) + 1 }, (_, i) => i * step).flatMap((count) => [
    line('grid', left, y(count), right, y(count)),
    text(left - 6, y(count) + 4, plain(count), 'text-anchor="end" class="faint"'),
  ]);
  const bars = bins.map(({ from, to, recordings }, i) => {
    const title = `${bordersText(from, to)} ${unit}: ${recordings}`;
    return `<rect class="c0" x="${fixed(left + i * wide + 1)}" y="${fixed(y(recordings))}" width="${fixed(wide - 2)}" height="${fixed(height * (recordings / end))}"><title>${escapeXml(title)}</title></rect>`;
  });
  // As many borders as there is room for.
  const every = Math.ceil(56 / wide);
  const borders = bins.flatMap(({ from }, i) =>
    i % every === 0 && from !== null
      ? text(left + i * wide, top + height + 16, plain(from), 'text-anchor="middle" class="faint"')
      : [],
  );
  const titles = [
    text(4, 12, 'recordings', 'class="faint"'),
    text(right + 8, top + height + 16, unit, 'class="faint"'),
  ];
  return svg(right + 60, top + height + 24, label, [...grid, ...bars, ...borders, ...titles]);
}

const bordersText = (from: number | null, to: number | null): string =>
  from === null ? `below ${to}` : to === null ? `${plain(from)} and more` : `${plain(from)}–${plain(to)}`;

/** Counts, shaded by their share of the largest. */
export function countTable(
  label: string,
  rows: readonly string[],
  columns: readonly string[],
  count: (row: number, column: number) => number,
): string {
  const [wide, high] = [Math.max(64, widest(columns) + 12), 30];
  const left = widest(rows) + 16;
  const most = Math.max(1, ...rows.flatMap((_, i) => columns.map((_column, j) => count(i, j))));
  const heads = columns.map((name, j) => text(left + (j + 0.5) * wide, 14, name, 'text-anchor="middle"'));
  const cells = rows.flatMap((name, i) => [
    text(left - 8, 22 + i * high + 19, name, 'text-anchor="end"'),
    ...columns.flatMap((_, j) => {
      const place = `x="${fixed(left + j * wide)}" y="${22 + i * high}" width="${fixed(wide)}" height="${high}"`;
      return [
        `<rect class="c0" ${place} opacity="${(0.6 * (count(i, j) / most)).toFixed(3)}"/>`,
        `<rect class="frame" ${place}/>`,
        text(left + (j + 0.5) * wide, 22 + i * high + 19, plain(count(i, j)), 'text-anchor="middle"'),
      ];
    }),
  ]);
  return svg(left + columns.length * wide + 4, 26 + rows.length * high, label, [...heads, ...cells]);
}

/** Without the dust of binary fractions. */
const plain = (value: number): string => Number(value.toPrecision(6)).toLocaleString('en-US');

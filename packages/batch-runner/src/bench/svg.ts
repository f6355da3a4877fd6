/** A result as a bar chart in SVG: one bar a row with whiskers from the slowest to the fastest repeat. */
import { COLOURS, escapeXml } from '../page-style.js';
import { times } from './numbers.js';
import { type BenchResult, type BenchRow, chartLabels } from './result.js';

/** Average advance of the 12 px system font, taken generously: a label must never run into its bar. */
const CHARACTER = 7;
const ROW = 24;
const BAR = 14;
const PLOT = 560;
const TOP = 34;
const MARGIN = 12;

const CHART_STYLE = `
svg { background: var(--page); }
text { font: 12px system-ui, "Segoe UI", "DejaVu Sans", sans-serif; fill: var(--ink); }
.faint { fill: var(--faint); } .grid { stroke: var(--line); } .whisker { stroke: var(--ink); stroke-width: 1.5; }
.title { font-weight: 600; } .value { paint-order: stroke; stroke: var(--page); stroke-width: 4px; }
${[0, 1, 2, 3, 4].map((i) => `.c${i} { fill: var(--c${i}); }`).join(' ')}`;

/** @param caption lines above the chart, for an SVG that stands alone */
export function chartSvg({ rows }: BenchResult, caption: readonly string[] = []): string {
  const labels = chartLabels(rows);
  const isas = [...new Set(rows.map((row) => row.isa))];
  const head = caption.length === 0 ? 0 : caption.length * 18 + 10;
  const left = MARGIN + CHARACTER * Math.max(...labels.map((label) => label.length)) + 10;
  const longest = Math.max(...rows.map((row) => row.max));
  const ticks = ticksUpTo(longest);
  const end = Math.max(longest, ticks.at(-1) ?? 0);
  const x = (value: number): number => left + (PLOT * value) / end;
  const valueWidth = CHARACTER * Math.max(...rows.map((row) => times(row.timesRealTime).length)) + 14;
  const captionWidth = MARGIN * 2 + CHARACTER * Math.max(0, ...caption.map((line) => line.length));
  const width = Math.ceil(Math.max(left + PLOT + valueWidth + MARGIN, captionWidth));
  const bottom = head + TOP + rows.length * ROW;
  const parts = [
    ...caption.map(
      (line, i) =>
        `<text x="${MARGIN}" y="${(i + 1) * 18}" class="${i === 0 ? 'title' : 'faint'}">${escapeXml(line)}</text>`,
    ),
    ...ticks.map((tick) => gridLine(x(tick), tick.toLocaleString('en-US'), head + TOP, bottom)),
    `<text x="${left}" y="${head + 14}" class="faint">× real time, median; whiskers from the slowest to the fastest repeat</text>`,
    ...rows.map((row, i) =>
      bar(row, labels[i] ?? '', head + TOP + i * ROW + ROW / 2, left, x, isas.indexOf(row.isa) % 5),
    ),
  ];
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${bottom + 26}" width="${width}" height="${bottom + 26}" role="img" aria-label="Bar chart of times real time">`,
    `<style>${COLOURS}${CHART_STYLE}</style>`,
    ...parts,
    '</svg>',
  ].join('\n');
}

function gridLine(x: number, label: string, top: number, bottom: number): string {
  return (
    `<line class="grid" x1="${x}" x2="${x}" y1="${top - 6}" y2="${bottom + 4}"/>` +
    `<text x="${x}" y="${bottom + 18}" text-anchor="middle" class="faint">${label}</text>`
  );
}

function bar(
  row: BenchRow,
  label: string,
  y: number,
  left: number,
  x: (value: number) => number,
  colour: number,
): string {
  const [min, max] = [x(row.min), x(row.max)];
  const cap = (at: number): string =>
    `<line class="whisker" x1="${at}" x2="${at}" y1="${y - 4}" y2="${y + 4}"/>`;
  return [
    `<text x="${left - 8}" y="${y + 4}" text-anchor="end">${escapeXml(label)}</text>`,
    `<rect class="c${colour}" x="${left}" y="${y - BAR / 2}" width="${Math.max(1, x(row.timesRealTime) - left)}" height="${BAR}"/>`,
    `<line class="whisker" x1="${min}" x2="${max}" y1="${y}" y2="${y}"/>${cap(min)}${cap(max)}`,
    `<text x="${max + 8}" y="${y + 4}" class="value">${times(row.timesRealTime)}</text>`,
  ].join('');
}

/** About five round numbers from 0 to just below or above `longest`. */
function ticksUpTo(longest: number): number[] {
  const rough = longest / 5;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = ([1, 2, 5, 10].find((factor) => factor * power >= rough) ?? 10) * power;
  return Array.from({ length: Math.floor(longest / step) + 1 }, (_, i) => i * step);
}

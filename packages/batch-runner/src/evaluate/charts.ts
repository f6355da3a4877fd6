/** The pictures of the report, as SVG. */
import { fixed, line, svg, text, widest } from '../svg-parts.js';
import type { Coverage } from './risk-coverage.js';
import type { Measured, UnitFigures } from './unit-figures.js';

export const CHART_STYLE = `
svg text { font: 12px system-ui, "Segoe UI", "DejaVu Sans", sans-serif; fill: var(--ink); }
svg .faint { fill: var(--faint); } svg .grid { stroke: var(--line); } svg .whisker { stroke: var(--ink); stroke-width: 1.5; }
svg .bar { fill: var(--c0); } svg .curve { fill: none; stroke: var(--c0); stroke-width: 2; }
svg .other { fill: none; stroke: var(--c1); stroke-width: 2; } svg .ideal { stroke: var(--faint); stroke-dasharray: 4 4; }
svg .cell { fill: var(--c0); } svg .frame { fill: none; stroke: var(--line); }`;

/** Counts as a heat map; the colour is the share of the truth's items. */
export function confusionChart({ confusion }: UnitFigures, classes: readonly string[]): string {
  const cell = 52;
  const [left, top] = [widest(classes) + 24, widest(classes) * 0.75 + 34];
  const parts = [text(left, 14, 'label →', 'class="faint"'), text(4, top - 8, 'truth ↓', 'class="faint"')];
  classes.forEach((name, i) => {
    const x = left + i * cell + cell / 2 + 4;
    parts.push(text(x, top - 8, name, `transform="rotate(-45 ${fixed(x)} ${fixed(top - 8)})"`));
    parts.push(text(left - 8, top + i * cell + cell / 2 + 4, name, 'text-anchor="end"'));
  });
  confusion.forEach((row, i) => {
    const total = row.reduce((sum, count) => sum + count, 0);
    row.forEach((count, j) => {
      const share = total > 0 ? count / total : 0;
      const [x, y] = [left + j * cell, top + i * cell];
      parts.push(
        `<rect class="cell" x="${fixed(x)}" y="${fixed(y)}" width="${cell}" height="${cell}" opacity="${(0.65 * share).toFixed(3)}"/>`,
        `<rect class="frame" x="${fixed(x)}" y="${fixed(y)}" width="${cell}" height="${cell}"/>`,
        text(x + cell / 2, y + cell / 2, String(count), 'text-anchor="middle"'),
        count > 0
          ? text(x + cell / 2, y + cell / 2 + 15, `${Math.round(100 * share)} %`, 'text-anchor="middle"')
          : '',
      );
    });
  });
  const size = classes.length * cell;
  return svg(left + size + widest(classes) * 0.75, top + size + 8, 'Confusion matrix', parts);
}

const PLOT = 300;
const LEFT = 52;
const TOP = 26;

/** Axes from 0 to 1 with per cent, and what is drawn on them. */
function plot(label: string, xTitle: string, yTitle: string, parts: readonly string[]): string {
  const grid = [0, 0.2, 0.4, 0.6, 0.8, 1].flatMap((share) => [
    line('grid', x(share), y(0), x(share), y(1)),
    line('grid', x(0), y(share), x(1), y(share)),
    text(x(share), y(0) + 16, String(Math.round(100 * share)), 'text-anchor="middle" class="faint"'),
    text(x(0) - 6, y(share) + 4, String(Math.round(100 * share)), 'text-anchor="end" class="faint"'),
  ]);
  const titles = [text(x(0.5), y(0) + 34, xTitle, 'text-anchor="middle"'), text(4, 14, yTitle)];
  return svg(LEFT + PLOT + 24, TOP + PLOT + 42, label, [...grid, ...parts, ...titles]);
}

const x = (share: number): number => LEFT + PLOT * share;
const y = (share: number): number => TOP + PLOT * (1 - share);

/** Accuracy in each bin of confidence beside what it should be; under it how many items lie there. */
export function reliabilityChart({ reliability, n }: UnitFigures): string {
  const most = Math.max(...reliability.map((bin) => bin.n));
  const bars = reliability.flatMap((bin) => {
    if (bin.accuracy === null || bin.confidence === null) return [];
    const [from, width] = [x(bin.from) + 1, PLOT / reliability.length - 2];
    return [
      `<rect class="bar" opacity="0.25" x="${fixed(from)}" y="${fixed(y(0.25 * (bin.n / most)))}" width="${fixed(width)}" height="${fixed(PLOT * 0.25 * (bin.n / most))}"/>`,
      `<circle class="bar" cx="${fixed(x(bin.confidence))}" cy="${fixed(y(bin.accuracy))}" r="${fixed(2.5 + 4 * Math.sqrt(bin.n / n))}"><title>${bin.n} items: confidence ${(100 * bin.confidence).toFixed(1)} %, right ${(100 * bin.accuracy).toFixed(1)} %</title></circle>`,
    ];
  });
  const points = reliability.flatMap(({ confidence, accuracy }) =>
    confidence === null || accuracy === null ? [] : [`${fixed(x(confidence))},${fixed(y(accuracy))}`],
  );
  return plot('Reliability diagram', 'confidence %', 'right %; shaded: how many items', [
    line('ideal', x(0), y(0), x(1), y(1)),
    ...bars,
    `<polyline class="curve" points="${points.join(' ')}"/>`,
  ]);
}

/** Accuracy and UAR of the most confident share. */
export function riskCoverageChart({ riskCoverage }: UnitFigures): string {
  const curve = (name: string, value: (one: Coverage) => number): string =>
    `<polyline class="${name}" points="${riskCoverage.map((one) => `${fixed(x(one.coverage))},${fixed(y(value(one)))}`).join(' ')}"/>`;
  return plot('Risk–coverage curve', 'share labelled, most confident first, %', '%', [
    curve('other', ({ uar }) => uar),
    curve('curve', ({ accuracy }) => accuracy),
    `<rect class="bar" x="${x(0.05)}" y="${y(0.13)}" width="12" height="3"/>${text(x(0.05) + 18, y(0.12), 'accuracy')}`,
    `<rect fill="var(--c1)" x="${x(0.05)}" y="${y(0.06)}" width="12" height="3"/>${text(x(0.05) + 18, y(0.05), 'UAR')}`,
  ]);
}

export interface Bar {
  readonly name: string;
  readonly measured: Measured;
  readonly note: string;
}

/** One bar a name, from 0 to 100 %, with whiskers for the interval. */
export function barChart(label: string, bars: readonly Bar[]): string {
  const [row, width] = [22, 360];
  const left = widest(bars.map(({ name }) => name)) + 16;
  const at = (share: number): number => left + width * share;
  const bottom = 8 + bars.length * row;
  const grid = [0, 0.2, 0.4, 0.6, 0.8, 1].flatMap((share) => [
    line('grid', at(share), 2, at(share), bottom),
    text(at(share), bottom + 16, String(Math.round(100 * share)), 'text-anchor="middle" class="faint"'),
  ]);
  const parts = bars.flatMap(({ name, measured: { value, ci95 }, note }, i) => {
    const middle = 8 + i * row + row / 2;
    const [low, high] = ci95 ?? [value ?? 0, value ?? 0];
    const whiskers = ci95
      ? [
          line('whisker', at(low), middle, at(high), middle),
          ...[low, high].map((end) => line('whisker', at(end), middle - 4, at(end), middle + 4)),
        ]
      : [];
    return [
      text(left - 8, middle + 4, name, 'text-anchor="end"'),
      `<rect class="bar" x="${fixed(left)}" y="${fixed(middle - 7)}" width="${fixed(width * (value ?? 0))}" height="14"/>`,
      ...whiskers,
      text(
        at(1) + 12,
        middle + 4,
        `${value === null ? '–' : (100 * value).toFixed(1)}, ${note}`,
        'class="faint"',
      ),
    ];
  });
  return svg(left + width + 150, bottom + 24, label, [...grid, ...parts]);
}

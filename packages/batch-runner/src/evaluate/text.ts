/** Metrics for the terminal. */
import type { Metrics } from './metrics.js';
import type { Measured, UnitFigures } from './unit-figures.js';

export const percent = (share: number): string => (100 * share).toFixed(1);

/** In per cent, with the interval in brackets. */
export function percentWithInterval({ value, ci95 }: Measured): string {
  if (value === null) return '–';
  return percent(value) + (ci95 ? ` (${ci95.map(percent).join('–')})` : '');
}

export function asText(metrics: Metrics): string {
  const rows = [
    ['', 'n', 'UAR %', 'accuracy %', 'macro-F1 %', 'ECE before → after'],
    unitRow('recordings', metrics.recording),
    unitRow('windows', metrics.window),
  ];
  const widths = rows[0]?.map((_, i) => Math.max(...rows.map((row) => row[i]?.length ?? 0))) ?? [];
  return [
    titleOf(metrics),
    `${metrics.split ?? 'no split'}: ${metrics.rule}`,
    ...rows.map((row) =>
      row
        .map((cell, i) => cell.padEnd(widths[i] ?? 0))
        .join('  ')
        .trimEnd(),
    ),
    `95 % intervals: ${intervalsText(metrics)}`,
    leftOutText(metrics),
    '',
  ].join('\n');
}

function unitRow(name: string, { n, uar, accuracy, macroF1, ece }: UnitFigures): string[] {
  return [name, String(n), ...[uar, accuracy, macroF1].map(percentWithInterval), errorsText(ece)];
}

/** Calibration errors before and after the temperature. */
export const errorsText = ({ before, after }: UnitFigures['ece']): string =>
  `${before === null ? '–' : percent(before)} → ${percent(after)}`;

export const modelsOf = ({ folds }: Metrics): string =>
  [...new Set(folds.map(({ model }) => model))].join(', ');

export const titleOf = (metrics: Metrics): string =>
  `${modelsOf(metrics)} on ${metrics.corpora.join(', ')}, ${metrics.classes.length} classes`;

export const intervalsText = ({ intervals, speakers }: Metrics): string =>
  `percentiles of ${intervals.draws} draws of ${intervals.over}${speakers > 0 ? ` (${speakers} speakers)` : ''}`;

const REASONS = {
  no_truth: 'nothing tells their truth',
  no_class: 'the model has no class for their truth',
  no_fold: 'no fold names them',
  failed: 'failed',
  no_speech: 'no speech was found',
} as const;

/** Which recordings are not judged, and why. */
export function leftOutText({ recordings: { labelled, judged, leftOut } }: Metrics): string {
  const reasons = Object.entries(leftOut).map(
    ([why, count]) => `${count} (${REASONS[why as keyof typeof REASONS]})`,
  );
  const rest = reasons.length > 0 ? `; left out: ${reasons.join(', ')}` : '';
  return `${judged} of ${labelled} labelled recordings judged${rest}`;
}

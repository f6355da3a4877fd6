/** Metrics as one file for a browser: nothing is loaded from elsewhere. */
import { escapeXml, PAGE_STYLE } from '../page-style.js';
import { barChart, CHART_STYLE, confusionChart, reliabilityChart, riskCoverageChart } from './charts.js';
import type { Metrics } from './metrics.js';
import { COVERAGES } from './risk-coverage.js';
import { errorsText, intervalsText, leftOutText, percent, percentWithInterval, titleOf } from './text.js';
import { GROUP_KINDS, type GroupKind, type UnitFigures } from './unit-figures.js';

const STYLE = `${PAGE_STYLE}${CHART_STYLE}
.warning { border-left: 4px solid var(--c1); padding: .2rem .8rem; color: var(--ink); }
.side { display: flex; flex-wrap: wrap; gap: 2rem; } h3 { font-size: 1rem; margin: 1rem 0 .2rem; }`;

export function evaluationPage(metrics: Metrics): string {
  const { recording, window, classes } = metrics;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>undertone eval: ${escapeXml(titleOf(metrics))}</title>
<style>${STYLE}</style>
</head>
<body>
<h1>${escapeXml(titleOf(metrics))}</h1>
<p><b>${escapeXml(metrics.split ?? 'No split')}</b>: ${escapeXml(metrics.rule)}</p>
${caveats(metrics)}
<p>${escapeXml(leftOutText(metrics))}${metrics.recordings.partial > 0 ? `; ${metrics.recordings.partial} by the part that could be decoded` : ''}.</p>
${table(
  ['', 'n', 'UAR %', 'accuracy %', 'macro-F1 %', 'ECE % before → after', 'Brier', '−ln p(truth)'],
  [unitRow('recordings', recording), unitRow('windows', window)],
)}
<p>95 % intervals: ${escapeXml(intervalsText(metrics))}. UAR: mean recall over the classes that have a truth. ECE: expected
calibration error of the top class in ${recording.ece.bins} bins, before and after the card’s temperature.</p>
<p>Below: by recording.</p>
<h2>Confusion</h2>
<div class="wide">${confusionChart(recording, classes)}</div>
<h2>Classes</h2>
<p>Bars: recall, whiskers its interval.</p>
<div class="wide">${barChart(
    'Recall by class',
    recording.perClass.map((row) => ({ name: row.class, measured: row.recall, note: `n ${row.n}` })),
  )}</div>
${table(
  ['class', 'n', 'recall %', 'precision %', 'F1 %'],
  recording.perClass.map((row) => [
    row.class,
    String(row.n),
    ...[row.recall, row.precision, row.f1].map(percentWithInterval),
  ]),
)}
<h2>Groups</h2>
${GROUP_KINDS.map((kind) => groupsHtml(kind, recording)).join('\n')}
<h2>Confidence</h2>
<div class="side"><div>${reliabilityChart(recording)}</div><div>${riskCoverageChart(recording)}</div></div>
<div class="side">${coverageTable(recording)}${thresholdTable(recording)}</div>
<h2>Models</h2>
${table(
  ['fold', 'model', 'temperature', 'recordings', 'SHA-256'],
  metrics.folds.map((one) => [
    one.name ?? '–',
    one.model,
    String(one.temperature ?? '–'),
    String(one.judged),
    one.sha256,
  ]),
)}
<p>${
    Object.keys(metrics.merged).length > 0
      ? `Merged: ${escapeXml(
          Object.entries(metrics.merged)
            .map(([from, to]) => `${from} counts as ${to}`)
            .join(', '),
        )}. `
      : ''
  }${metrics.seeds.length > 0 ? `Seeds of the trainings: ${metrics.seeds.join(', ')}. ` : ''}Seed of the draws: ${metrics.intervals.seed}. undertone ${escapeXml(metrics.program)}.</p>
</body>
</html>
`;
}

const ACTED = ['ravdess', 'tess', 'emodb', 'crema-d', 'savee'];

function caveats({ split, corpora }: Metrics): string {
  const found: string[] = [];
  if (split === 'random-files')
    found.push(
      'Optimistic: same voices on both sides. Compare it with published numbers of random splits, not with new voices.',
    );
  if (split === null)
    found.push('No folds were given. Figures on voices of the training side say nothing about new ones.');
  if (corpora.some((name) => ACTED.includes(name)))
    found.push(
      'This is acted speech. Systems that score 75 on acted speech have been measured at 22 on conversation: natural speech is another matter.',
    );
  return found.map((sentence) => `<p class="warning">${escapeXml(sentence)}</p>`).join('\n');
}

function unitRow(name: string, figures: UnitFigures): string[] {
  const { n, uar, accuracy, macroF1, ece, brier, logLoss } = figures;
  return [
    name,
    String(n),
    ...[uar, accuracy, macroF1].map(percentWithInterval),
    errorsText(ece),
    brier.toFixed(3),
    logLoss.toFixed(3),
  ];
}

const GROUP_TITLES: Readonly<Record<GroupKind, string>> = {
  corpus: 'By corpus',
  gender: 'By gender',
  intensity: 'By intensity',
  emotion: 'By the corpus’s own label: share that is right',
  fold: 'By fold',
  speaker: 'By speaker',
};

/** UAR, or accuracy where a group has one truth alone. */
function groupsHtml(kind: GroupKind, { groups }: UnitFigures): string {
  const rows = groups[kind];
  if (!rows) return '';
  const bars = rows.map((row) => ({
    name: row.group,
    measured: kind === 'emotion' ? row.accuracy : row.uar,
    note: `n ${row.n}`,
  }));
  const title = GROUP_TITLES[kind] + (kind === 'emotion' ? '' : ': UAR %');
  return `<h3>${escapeXml(title)}</h3>\n<div class="wide">${barChart(title, bars)}</div>`;
}

function coverageTable({ riskCoverage }: UnitFigures): string {
  const rows = COVERAGES.flatMap((share) => riskCoverage.filter(({ coverage }) => coverage === share)).map(
    (one) => [
      ...[String(Math.round(100 * one.coverage)), String(one.n), one.leastConfidence.toFixed(3)],
      ...[percent(one.accuracy), percent(one.uar)],
    ],
  );
  return `<div><h3>Only the most confident share labelled</h3>${table(['labelled %', 'n', 'least confidence', 'accuracy %', 'UAR %'], rows)}</div>`;
}

function thresholdTable({ thresholds }: UnitFigures): string {
  const share = (value: number | null): string => (value === null ? '–' : percent(value));
  const rows = thresholds.map((one) => [
    ...[
      one.abstainBelow.toFixed(2),
      percent(one.coverage),
      String(one.n),
      share(one.accuracy),
      share(one.uar),
    ],
  ]);
  return `<div><h3>What --abstain-below would do</h3>${table(['abstain below', 'labelled %', 'n', 'accuracy %', 'UAR %'], rows)}</div>`;
}

function table(headings: readonly string[], rows: readonly (readonly string[])[]): string {
  const row = (tag: string, cells: readonly string[]): string =>
    `<tr>${cells.map((cell, i) => `<${tag}${i > 0 ? ' class="n"' : ''}>${escapeXml(cell)}</${tag}>`).join('')}</tr>`;
  return `<div class="wide"><table>\n${row('th', headings)}\n${rows.map((cells) => row('td', cells)).join('\n')}\n</table></div>`;
}

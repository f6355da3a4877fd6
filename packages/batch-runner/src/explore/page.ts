/** An exploration as one file for a browser: nothing is loaded from elsewhere, nothing in it runs. */
import { escapeXml, PAGE_STYLE } from '../page-style.js';
import {
  type BarRow,
  barChart,
  CHART_STYLE,
  countTable,
  histogramChart,
  spreadChart,
  type Tone,
} from './charts.js';
import type { Facts } from './facts.js';
import type { Figures } from './figures.js';
import { type Group, KINDS, type Kind, type Overview } from './overview.js';
import { recordingRows } from './tables.js';

/** A picture of more names is none; the CSV has them all. */
const SHOWN_GROUPS = 60;
const SHOWN_BROKEN = 50;

const TITLES: Readonly<Record<Kind, string>> = {
  corpus: 'Corpora',
  gender: 'Genders',
  emotion: 'Classes',
  speaker: 'Speakers',
};
const NONE: Readonly<Record<Kind, string>> = {
  corpus: '(no corpus)',
  gender: '(no gender)',
  emotion: '(no class)',
  speaker: '(no speaker)',
};
const nameOf = (kind: Kind, group: string | null): string => group ?? NONE[kind];

/** @param inputs as on the command line */
export function explorationPage(overview: Overview, facts: Facts, inputs: readonly string[]): string {
  const { all, groups, durations, levels } = overview;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>undertone explore</title>
<style>${PAGE_STYLE}${CHART_STYLE}
h3 { font-size: 1rem; margin: 1rem 0 .2rem; }</style>
</head>
<body>
<h1>${escapeXml(headline(overview))}</h1>
<p>undertone explore <code>${escapeXml(inputs.join(' '))}</code></p>
${brokenText(all)}
${KINDS.map((kind) => groupsHtml(kind, groups[kind])).join('\n')}
<h2>Class × corpus</h2>
<p>Recordings.</p>
<div class="wide">${classByCorpus(overview)}</div>
<h2>Emotion by source and gender</h2>
<p>Recordings: <span style="color:var(--c1)">female</span>, <span style="color:var(--c0)">male</span>, <span style="color:var(--c2)">no gender</span>.</p>
${groups.corpus.map(({ group }) => sourceHtml(overview, group)).join('\n')}
<h2>Durations</h2>
<div class="wide">${histogramChart('Durations', 's', durations)}</div>
${durations.at(-1)?.to === null ? '<p>The last bar takes all that are longer.</p>' : ''}
${spreadsHtml(groups, 'seconds', ({ durationS }) => durationS, 's')}
<h2>Level</h2>
<p>RMS of a recording, all channels together, dB re full scale.${all.silent > 0 ? ` Digital silence: ${all.silent}, in the first bar.` : ''}</p>
<div class="wide">${histogramChart('Levels', 'dBFS', levels)}</div>
${spreadsHtml(groups, 'dBFS', ({ levelDbfs }) => levelDbfs, 'dBFS')}
${brokenHtml(overview, facts)}
</body>
</html>
`;
}

function headline({ all, groups }: Overview): string {
  const known = (kind: Kind): number => groups[kind].filter(({ group }) => group !== null).length;
  return [
    `${counted(all.recordings, 'recording', 'recordings')}, ${lengthText(all.seconds)}`,
    counted(known('corpus'), 'corpus', 'corpora'),
    counted(known('speaker'), 'speaker', 'speakers'),
    counted(known('emotion'), 'class', 'classes'),
  ].join(', ');
}

const counted = (count: number, one: string, many: string): string =>
  `${count.toLocaleString('en-US')} ${count === 1 ? one : many}`;

export const lengthText = (seconds: number): string =>
  seconds < 60
    ? `${seconds.toFixed(1)} s`
    : seconds < 3600
      ? `${(seconds / 60).toFixed(1)} min`
      : `${(seconds / 3600).toFixed(2)} h`;

const brokenText = ({ broken }: Figures): string =>
  broken > 0
    ? `<p><b>${broken} could not be decoded</b>: they are counted, and have neither length nor level.</p>`
    : '';

function groupsHtml(kind: Kind, groups: readonly Group[]): string {
  const rows = groups.slice(0, SHOWN_GROUPS).map(({ group, recordings, seconds }): BarRow => {
    const title = `${counted(recordings, 'recording', 'recordings')}, ${lengthText(seconds)}`;
    return { name: nameOf(kind, group), bars: [{ value: recordings, tone: 0, title }], note: title };
  });
  const more = groups.length - SHOWN_GROUPS;
  const rest = more > 0 ? `<p>${more} more are in groups.csv.</p>` : '';
  return `<h2>${TITLES[kind]}</h2>\n<div class="wide">${barChart(TITLES[kind], 'recordings', rows)}</div>${rest}`;
}

function classByCorpus({ groups, corpusGenderEmotion }: Overview): string {
  const [emotions, corpora] = [groups.emotion, groups.corpus];
  const names = (kind: 'emotion' | 'corpus'): string[] =>
    groups[kind].map(({ group }) => nameOf(kind, group));
  return countTable('Class by corpus', names('emotion'), names('corpus'), (row, column) =>
    corpusGenderEmotion
      .filter((one) => one.emotion === emotions[row]?.group && one.corpus === corpora[column]?.group)
      .reduce((sum, { recordings }) => sum + recordings, 0),
  );
}

const TONES: Readonly<Record<string, Tone>> = { female: 1, male: 0 };

/** One corpus: a row an emotion, a bar a gender. */
function sourceHtml({ groups, corpusGenderEmotion }: Overview, corpus: string | null): string {
  const own = corpusGenderEmotion.filter((one) => one.corpus === corpus);
  const rows = groups.emotion.flatMap(({ group }): BarRow[] => {
    const cells = own.filter(({ emotion }) => emotion === group);
    const bars = cells.map(({ gender, recordings }) => ({
      value: recordings,
      tone: TONES[gender ?? ''] ?? 2,
      title: `${nameOf('gender', gender)}: ${recordings}`,
    }));
    return bars.length > 0
      ? [{ name: nameOf('emotion', group), bars, note: bars.map(({ value }) => value).join(', ') }]
      : [];
  });
  return `<h3>${escapeXml(nameOf('corpus', corpus))}</h3>\n<div class="wide">${barChart(`Emotions of ${nameOf('corpus', corpus)} by gender`, 'recordings', rows)}</div>`;
}

/** By corpus, class and gender. */
function spreadsHtml(
  groups: Overview['groups'],
  axis: string,
  spreadOf: (figures: Figures) => Figures['durationS'],
  unit: string,
): string {
  const rows = (['corpus', 'emotion', 'gender'] as const).flatMap((kind) =>
    groups[kind].map((one) => {
      const spread = spreadOf(one);
      const note = spread ? `median ${spread.median} ${unit}` : '–';
      return { name: nameOf(kind, one.group), spread, note };
    }),
  );
  if (rows.every(({ spread }) => spread === null)) return '';
  return `<p>Line: 5 to 95 % of the recordings, box: 25 to 75 %, stroke: median.</p>
<div class="wide">${spreadChart(`Spread by corpus, class and gender, ${unit}`, axis, rows)}</div>`;
}

function brokenHtml({ failures }: Overview, facts: Facts): string {
  if (facts.failures.size === 0) return '';
  const counts = Object.entries(failures).map(([code, count]) => `${count} ${code}`);
  const rows = [...recordingRows(facts, true)]
    .slice(0, SHOWN_BROKEN)
    .map(({ file, error_code, error_message }) =>
      [file, error_code, error_message].map((cell) => `<td>${escapeXml(String(cell))}</td>`).join(''),
    );
  return `<h2>Broken or cut short</h2>
<p>${escapeXml(counts.join(', '))}. ${facts.failures.size > SHOWN_BROKEN ? `The first ${SHOWN_BROKEN}; all` : 'All'} are in broken.csv.</p>
<div class="wide"><table><tr><th>file</th><th>why</th><th>message</th></tr>
${rows.map((cells) => `<tr>${cells}</tr>`).join('\n')}
</table></div>`;
}

/** A result as one file for a browser: nothing is loaded from elsewhere. */
import { columnsOf } from './columns.js';
import type { Comparison } from './compare.js';
import { limitLines, machineLine, measureLine } from './facts.js';
import { type BenchResult, rowLabel } from './result.js';
import { COLOURS, chartSvg, escapeXml } from './svg.js';

/** @param path decides by its ending, .svg or .html */
export function reportFor(path: string, result: BenchResult, comparison: Comparison | null): string {
  return path.endsWith('.svg')
    ? `${chartSvg(result, [measureLine(result), machineLine(result), ...limitLines(result), `$ ${result.command}`])}\n`
    : html(result, comparison);
}

const STYLE = `${COLOURS}
body { background: var(--page); color: var(--ink); font: 15px/1.5 system-ui, "Segoe UI", "DejaVu Sans", sans-serif;
  margin: 2rem auto; padding: 0 1rem; max-width: 76rem; }
h1 { font-size: 1.4rem; margin: 0 0 .5rem; } h2 { font-size: 1.1rem; margin: 1.6rem 0 .4rem; }
p, ul { margin: .3rem 0; color: var(--faint); } code { color: var(--ink); overflow-wrap: anywhere; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; white-space: nowrap; }
th, td { padding: .25rem .8rem .25rem 0; border-bottom: 1px solid var(--line); text-align: left; }
th { font-weight: 600; } .n { text-align: right; }`;

function html(result: BenchResult, comparison: Comparison | null): string {
  const columns = columnsOf(result);
  const title = `undertone bench ${result.benchmark}`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title}</title>
<style>${STYLE}</style>
</head>
<body>
<h1>${title}</h1>
<p>${escapeXml(machineLine(result))}</p>
<p>${escapeXml(measureLine(result))}; ${escapeXml(result.startedAt)}</p>
<p><code>${escapeXml(result.command)}</code></p>
<div class="wide">
${chartSvg(result)}
</div>
<h2>Figures</h2>
${table(
  columns.map(({ heading, numeric }) => ({ heading, numeric })),
  result.rows.map((row) => columns.map(({ cell }) => cell(row))),
)}
${limitsHtml(result)}
${comparison ? comparisonHtml(comparison) : ''}
</body>
</html>
`;
}

function limitsHtml(result: BenchResult): string {
  const lines = limitLines(result).map((line) => `<li>${escapeXml(line)}</li>`);
  return lines.length === 0 ? '' : `<h2>What the machine does at most</h2>\n<ul>${lines.join('')}</ul>`;
}

function comparisonHtml({ rows, onlyNew, onlyOld, warnings }: Comparison): string {
  const headings = [
    { heading: 'row', numeric: false },
    { heading: 'ratio of medians', numeric: true },
    { heading: 'verdict', numeric: false },
  ];
  const notes = [
    ...warnings,
    ...onlyNew.map((label) => `${label}: not in the old result`),
    ...onlyOld.map((label) => `${label}: only in the old result`),
  ];
  return `<h2>Against the old result</h2>
${table(
  headings,
  rows.map(({ row, ratio, verdict }) => [rowLabel(row), ratio.toFixed(3), verdict]),
)}
<ul>${notes.map((note) => `<li>${escapeXml(note)}</li>`).join('')}</ul>`;
}

function table(
  columns: readonly { readonly heading: string; readonly numeric: boolean }[],
  rows: readonly (readonly string[])[],
): string {
  const line = (tag: string, cells: readonly string[]): string =>
    `<tr>${cells.map((cell, i) => `<${tag}${columns[i]?.numeric ? ' class="n"' : ''}>${escapeXml(cell)}</${tag}>`).join('')}</tr>`;
  return `<div class="wide"><table>
${line(
  'th',
  columns.map(({ heading }) => heading),
)}
${rows.map((cells) => line('td', cells)).join('\n')}
</table></div>`;
}

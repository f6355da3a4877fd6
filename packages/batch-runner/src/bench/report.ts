/** A result as one file for a browser: nothing is loaded from elsewhere. */
import { escapeXml, PAGE_STYLE } from '../page-style.js';
import { columnsOf } from './columns.js';
import type { Comparison } from './compare.js';
import { limitLines, machineLine, measureLine } from './facts.js';
import { type BenchResult, rowLabel } from './result.js';
import { chartSvg } from './svg.js';

/** @param path decides by its ending, .svg or .html */
export function reportFor(path: string, result: BenchResult, comparison: Comparison | null): string {
  return path.endsWith('.svg')
    ? `${chartSvg(result, [measureLine(result), machineLine(result), ...limitLines(result), `$ ${result.command}`])}\n`
    : html(result, comparison);
}

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
<style>${PAGE_STYLE}</style>
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

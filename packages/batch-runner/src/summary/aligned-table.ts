/** Columns as wide as their widest cell; the first is text, the others are numbers unless marked. */

/** `{ text }` stands left-aligned. */
export type Cell = string | number | { readonly text: string };

export function alignedTable(headings: readonly Cell[], rows: readonly (readonly Cell[])[]): string {
  const lines = [headings, ...rows].map((cells) => cells.map(textOf));
  const widths = headings.map((_, i) => Math.max(...lines.map((line) => lengthOf(line[i] ?? ''))));
  return lines
    .map((line) =>
      line
        .map((cell, i) => {
          const pad = ' '.repeat((widths[i] ?? 0) - lengthOf(cell));
          return i === 0 || typeof headings[i] === 'object' ? cell + pad : pad + cell;
        })
        .join('  ')
        .trimEnd(),
    )
    .map((line) => `  ${line}`)
    .join('\n');
}

const textOf = (cell: Cell): string =>
  typeof cell === 'object' ? cell.text : typeof cell === 'number' ? cell.toLocaleString('en-US') : cell;

/** Characters, not UTF-16 units. */
const lengthOf = (text: string): number => [...text].length;

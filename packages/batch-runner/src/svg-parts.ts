/** What SVG pictures of reports are written with. */
import { escapeXml } from './page-style.js';

/** Average advance of the 12 px font, taken generously: a name must never run into what stands beside it. */
const CHARACTER = 7;

/** Px that the longest of the names takes. */
export const widest = (names: readonly string[]): number =>
  CHARACTER * Math.max(0, ...names.map((name) => name.length));

/** A coordinate. */
export const fixed = (value: number): string => String(Number(value.toFixed(1)));

/** @param label for those who do not see it */
export function svg(width: number, height: number, label: string, parts: readonly string[]): string {
  const [w, h] = [Math.ceil(width), Math.ceil(height)];
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${w} ${h}" width="${w}" height="${h}" role="img" aria-label="${escapeXml(label)}">\n${parts.join('\n')}\n</svg>`;
}

export const text = (x: number, y: number, content: string, attributes = ''): string =>
  `<text x="${fixed(x)}" y="${fixed(y)}" ${attributes}>${escapeXml(content)}</text>`;

/** @param name of its CSS class */
export const line = (name: string, x1: number, y1: number, x2: number, y2: number): string =>
  `<line class="${name}" x1="${fixed(x1)}" y1="${fixed(y1)}" x2="${fixed(x2)}" y2="${fixed(y2)}"/>`;

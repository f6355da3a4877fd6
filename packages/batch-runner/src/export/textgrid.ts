/** Praat TextGrid, long text form, UTF-8: one file a recording, one interval tier a channel or role. */
import { type ExportFormat, seconds, type Tier } from './format.js';
import { mirrorPath, writeMirrored } from './mirror.js';

export const textgrid: ExportFormat = {
  makes: 'folder',
  overlaps: false,
  open(target) {
    return {
      write: ({ file, durationMs, tiers }) => {
        const lines = [
          'File type = "ooTextFile"',
          'Object class = "TextGrid"',
          '',
          'xmin = 0',
          `xmax = ${seconds(durationMs)}`,
          'tiers? <exists>',
          `size = ${tiers.length}`,
          'item []:',
          ...tiers.flatMap((tier, i) => tierLines(tier, i + 1, durationMs)),
        ];
        writeMirrored(target, mirrorPath(file, '.TextGrid'), `${lines.join('\n')}\n`);
      },
      finish: () => undefined,
    };
  },
};

function tierLines({ name, intervals }: Tier, number: number, durationMs: number): string[] {
  const filled = gapless(intervals, durationMs);
  return [
    `    item [${number}]:`,
    '        class = "IntervalTier"',
    `        name = ${quoted(name)}`,
    '        xmin = 0',
    `        xmax = ${seconds(durationMs)}`,
    `        intervals: size = ${filled.length}`,
    ...filled.flatMap(({ startMs, endMs, label }, i) => [
      `        intervals [${i + 1}]:`,
      `            xmin = ${seconds(startMs)}`,
      `            xmax = ${seconds(endMs)}`,
      `            text = ${quoted(label)}`,
    ]),
  ];
}

type Stretch = { readonly startMs: number; readonly endMs: number; readonly label: string };

/** A tier covers the whole recording: what has no label gets an empty one. */
function gapless(intervals: readonly Stretch[], durationMs: number): Stretch[] {
  const filled: Stretch[] = [];
  let at = 0;
  for (const interval of intervals) {
    if (interval.startMs > at) filled.push({ startMs: at, endMs: interval.startMs, label: '' });
    filled.push(interval);
    at = interval.endMs;
  }
  if (at < durationMs || filled.length === 0) filled.push({ startMs: at, endMs: durationMs, label: '' });
  return filled;
}

const quoted = (text: string): string => `"${text.replaceAll('"', '""')}"`;

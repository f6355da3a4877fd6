/** A summary for the terminal. Plain text, so that a pipe gets the same. */
import { alignedTable, type Cell } from './aligned-table.js';
import type { Count, Group, Summary } from './summary.js';

/** Hours that are shown: beyond, the JSON has them. */
const MOST_HOURS = 48;

/** The README's warning in one line. */
const WARNING =
  'Labels say how a voice sounds to a model trained on acted speech: they sort and search, they are no finding about a person.';

export function asText(summary: Summary): string {
  const labels = summary.labels.map(({ name }) => name);
  const { hours, clock, roles, folders } = summary;
  const sections: (string | null)[] = [
    heading(summary),
    section('Files', 'rows of files', countTable('status', summary.statuses)),
    summary.errorCodes.length === 0
      ? null
      : section('Errors', 'rows of files', countTable('error_code', summary.errorCodes)),
    section('Labels', windowsOf(summary.totals.windows), labelTable(summary)),
    section('Confidence', 'windows with speech', confidenceTable(summary.confidence)),
    summary.flags.length === 0
      ? null
      : section(
          'Flags',
          windowsOf(summary.totals.windows),
          countTable('flag', summary.flags, summary.totals.windows),
        ),
    section('Hours into the recordings', 'share of the windows', groupTable('hour', hours, labels)),
    clock.windows === 0
      ? null
      : section(
          'Hours of the day',
          `by the time in the file's name: ${number(clock.windows)} of ${windowsOf(summary.totals.windows)}`,
          groupTable('hour', clock.hours, labels),
        ),
    section('Roles', 'share of the windows', groupTable('role', roles, labels)),
    section(
      'Folders',
      firstOf(folders.largest.length, folders.count),
      groupTable('folder', folders.largest, labels),
    ),
    section('Slowest files', 'while they kept a worker', slowTable(summary)),
    summary.failed.length === 0
      ? null
      : section(
          'Failed files',
          `${firstOf(summary.failed.length, failedRows(summary))}; errors.csv has all`,
          failedTable(summary),
        ),
  ];
  return `${sections.filter((one) => one !== null).join('\n\n')}\n`;
}

function heading({ run, totals }: Summary): string {
  const speech = totals.speechSeconds === null ? '' : `, ${hoursText(totals.speechSeconds)} h of it speech`;
  const rows = totals.rows === totals.recordings ? '' : ` (${number(totals.rows)} rows: channels apart)`;
  return [
    `${run.model}, finished ${run.finishedAt}, recordings under ${printable(run.root)}`,
    `${number(totals.recordings)} recordings${rows}, ${hoursText(totals.audioSeconds)} h of audio${speech}, ${(totals.bytes / 1e9).toFixed(3)} GB, ${number(totals.windows)} windows, ${number(totals.failed)} recordings failed`,
    WARNING,
    'Windows overlap, so neighbours are not independent: n counts windows, not utterances.',
  ].join('\n');
}

const section = (title: string, note: string, table: string): string => `${title} (${note})\n${table}`;
const number = (value: number): string => value.toLocaleString('en-US');
const windowsOf = (windows: number): string => `${number(windows)} windows`;
const firstOf = (shown: number, all: number): string =>
  shown < all ? `${number(shown)} of ${number(all)}` : number(all);
const failedRows = ({ statuses }: Summary): number =>
  statuses.find(({ name }) => name === 'error')?.count ?? 0;
const hoursText = (seconds: number): string => (seconds / 3600).toFixed(2);
const percent = (part: number, whole: number): string =>
  whole === 0 ? '–' : `${((100 * part) / whole).toFixed(1)} %`;

function countTable(name: string, counts: readonly Count[], of?: number): string {
  const whole = of ?? counts.reduce((sum, { count }) => sum + count, 0);
  const rows = counts.map(({ name: one, count }): Cell[] => [printable(one), count, percent(count, whole)]);
  return alignedTable([name, 'n', 'share'], rows);
}

function labelTable({ labels, totals }: Summary): string {
  const rows = labels.map(({ name, count, meanConfidence }): Cell[] => [
    name,
    count,
    percent(count, totals.windows),
    meanConfidence === null ? '–' : meanConfidence.toFixed(3),
  ]);
  return alignedTable(['label', 'n', 'share', 'mean confidence'], rows);
}

function confidenceTable(bins: readonly number[]): string {
  const all = bins.reduce((sum, n) => sum + n, 0);
  const longest = Math.max(1, ...bins);
  const rows = bins.map((n, i): Cell[] => [
    `${(i / 10).toFixed(1)}–${((i + 1) / 10).toFixed(1)}`,
    n,
    percent(n, all),
    { text: '█'.repeat(Math.round((30 * n) / longest)) },
  ]);
  return alignedTable(['confidence', 'n', 'share', { text: '' }], rows);
}

function groupTable(
  name: string,
  groups: readonly Group<string | number>[],
  labels: readonly string[],
): string {
  const shown = name === 'hour' ? groups.slice(0, MOST_HOURS) : groups;
  const rows = shown.map(({ key, windows, labels: counts }): Cell[] => [
    { text: typeof key === 'number' ? String(key).padStart(2) : printable(key) },
    windows,
    ...labels.map((label) => percent(counts[label] ?? 0, windows)),
  ]);
  const left = groups.length - shown.length;
  const more = left > 0 ? `\n${left} more hours: --json has them` : '';
  return alignedTable([{ text: name }, 'n', ...labels], rows) + more;
}

function slowTable({ slowest }: Summary): string {
  const rows = slowest.map(({ file, wallSeconds, audioSeconds }): Cell[] => [
    `${wallSeconds.toFixed(2)} s`,
    `${audioSeconds.toFixed(1)} s`,
    wallSeconds > 0 ? `${Math.round(audioSeconds / wallSeconds).toLocaleString('en-US')} ×` : '–',
    { text: printable(file) },
  ]);
  return alignedTable(['took', 'audio', 'real time', { text: 'file' }], rows);
}

function failedTable({ failed }: Summary): string {
  const rows = failed.map(({ file, channel, code, message }): Cell[] => [
    { text: code },
    { text: printable(file) + (channel === null ? '' : ` (channel ${channel})`) },
    { text: printable(message) },
  ]);
  return alignedTable([{ text: 'error_code' }, { text: 'file' }, { text: 'message' }], rows);
}

/** Names may hold line breaks and what terminals take for commands. */
const printable = (text: string): string =>
  text.replace(
    /[\p{C}\p{Zl}\p{Zp}]/gu,
    (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`,
  );

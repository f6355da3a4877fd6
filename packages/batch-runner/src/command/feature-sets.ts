/** `undertone features --list`: how many values each set gives, at which rate, and what it is. */
import { FEATURE_SETS } from '@undertone/dsp-native';
import { columnNames, oneRowPerUtterance } from '@undertone/shared';

export function setLines(): string[] {
  const rows = [...FEATURE_SETS.values()].map(({ name, description, frontEnd }) => [
    name,
    `${columnNames(frontEnd).length} a ${oneRowPerUtterance(frontEnd) ? 'file' : 'frame'}`,
    `${frontEnd.sampleRateHz} Hz`,
    description,
  ]);
  const table = [['set', 'values', 'rate', 'what'], ...rows];
  const widths = [0, 1, 2].map((column) => Math.max(...table.map((row) => row[column]?.length ?? 0)));
  return table.map((row) => row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  '));
}

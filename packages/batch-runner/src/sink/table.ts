/** The tables' columns in order, with their kinds and fixed decimals; and the canonical CSV form of a row. */
import type { Cell, Row } from '@undertone/shared';

export type Column =
  | { readonly name: string; readonly kind: 'text' }
  | { readonly name: string; readonly kind: 'integer' }
  | { readonly name: string; readonly kind: 'decimal'; readonly decimals: number }
  /** float32 with every digit that matters, never an exponent: feature values. */
  | { readonly name: string; readonly kind: 'float32' };

export interface Table {
  readonly name: string;
  readonly columns: readonly Column[];
}

const text = (name: string): Column => ({ name, kind: 'text' });
const integer = (name: string): Column => ({ name, kind: 'integer' });
const decimal = (name: string, decimals: number): Column => ({ name, kind: 'decimal', decimals });

export function segmentsTable(classes: readonly string[]): Table {
  return {
    name: 'segments',
    columns: [
      text('record_id'),
      text('file'),
      integer('channel'),
      text('role'),
      integer('segment'),
      decimal('start_s', 3),
      decimal('end_s', 3),
      text('label'),
      text('top_label'),
      decimal('confidence', 4),
      decimal('margin', 4),
      decimal('entropy', 4),
      ...classes.map((name) => decimal(`p_${name}`, 6)),
      text('polarity'),
      decimal('speech_ratio', 3),
      decimal('snr_db', 1),
      decimal('level_dbfs', 1),
      decimal('clip_ratio', 4),
      text('flags'),
      text('truth'),
      text('model'),
    ],
  };
}

export function filesTable(classes: readonly string[]): Table {
  return {
    name: 'files',
    columns: [
      text('record_id'),
      text('file'),
      integer('channel'),
      text('role'),
      text('codec'),
      integer('sample_rate_hz'),
      integer('channels'),
      decimal('duration_s', 3),
      decimal('speech_s', 3),
      integer('segments'),
      text('label'),
      decimal('confidence', 4),
      ...classes.map((name) => decimal(`p_${name}`, 6)),
      ...classes.map((name) => decimal(`share_${name}`, 4)),
      text('truth'),
      text('status'),
      text('error_code'),
      text('error_message'),
      integer('bytes'),
      text('model'),
    ],
  };
}

/** The index that `features` writes; a set with statistics adds its columns, one row a recording. */
export function featureFilesTable(valueColumns: readonly string[]): Table {
  return {
    name: 'features',
    columns: [
      text('record_id'),
      text('file'),
      integer('channel'),
      integer('frames'),
      integer('columns'),
      decimal('duration_s', 3),
      text('truth'),
      text('speaker'),
      text('gender'),
      text('corpus'),
      text('npy'),
      text('status'),
      text('error_code'),
      text('error_message'),
      ...valueColumns.map((name): Column => ({ name, kind: 'float32' })),
    ],
  };
}

/** One row a frame, for sets without statistics. */
export function framesTable(valueColumns: readonly string[]): Table {
  return {
    name: 'frames',
    columns: [
      text('record_id'),
      text('file'),
      integer('channel'),
      integer('frame'),
      decimal('time_s', 6),
      ...valueColumns.map((name): Column => ({ name, kind: 'float32' })),
    ],
  };
}

export const csvHeader = (table: Table): string =>
  `${table.columns.map((column) => column.name).join(',')}\r\n`;

/** RFC 4180, CRLF; numbers with fixed decimals, nothing for null and for anything not finite. */
export function csvRow(table: Table, row: Row): string {
  let line = '';
  table.columns.forEach((column, i) => {
    const cell = row[column.name];
    if (cell === undefined) throw new Error(`Row of table ${table.name} lacks column ${column.name}`);
    line += (i === 0 ? '' : ',') + csvCell(column, cell);
  });
  return `${line}\r\n`;
}

const csvCell = (column: Column, cell: Cell): string =>
  column.kind === 'text' ? quoted(cellText(column, cell)) : cellText(column, cell);

/** Without quotes. */
export function cellText(column: Column, cell: Cell): string {
  if (cell === null) return '';
  if (column.kind === 'text') return String(cell);
  if (typeof cell !== 'number') throw new Error(`Column ${column.name} holds text: ${cell}`);
  if (!Number.isFinite(cell)) return '';
  if (column.kind === 'integer') return String(Math.trunc(cell));
  return column.kind === 'float32' ? plainFloat32(cell) : withoutNegativeZero(cell.toFixed(column.decimals));
}

export const quoted = (value: string): string =>
  /[",\r\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value;

const withoutNegativeZero = (digits: string): string =>
  /^-0(\.0*)?$/.test(digits) ? digits.slice(1) : digits;

/** Nine significant digits bring a float32 back exactly; written out, since spreadsheets misread exponents. */
export function plainFloat32(value: number): string {
  const digits = String(Number(value.toPrecision(9)));
  const [mantissa = '', power] = digits.split('e');
  if (power === undefined) return withoutNegativeZero(digits);
  const sign = mantissa.startsWith('-') ? '-' : '';
  const [whole = '', fraction = ''] = mantissa.replace('-', '').split('.');
  const shift = Number(power);
  return shift < 0
    ? `${sign}0.${'0'.repeat(-shift - 1)}${whole}${fraction}`
    : `${sign}${whole}${fraction.padEnd(shift, '0')}`;
}

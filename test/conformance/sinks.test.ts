/** Every output format says the same, whatever the text in it. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { parse } from 'csv-parse/sync';
import { afterAll, describe, expect, it } from 'vitest';
import { PartWriter } from '../../packages/batch-runner/src/sink/part.ts';
import { SINKS } from '../../packages/batch-runner/src/sink/registry.ts';
import { csvRow, plainFloat32, type Table } from '../../packages/batch-runner/src/sink/table.ts';
import { seeded } from '../fixtures/random.ts';

const folder = mkdtempSync(join(tmpdir(), 'undertone-sinks-'));
afterAll(() => rmSync(folder, { recursive: true }));

const table: Table = {
  name: 'sample',
  columns: [
    { name: 'file', kind: 'text' },
    { name: 'count', kind: 'integer' },
    { name: 'level', kind: 'decimal', decimals: 3 },
    { name: 'value', kind: 'float32' },
    { name: 'note', kind: 'text' },
  ],
};

const hostile = [
  '=1+1',
  '+x',
  '-5',
  '@cmd',
  '\ttab',
  'a "quoted", text',
  'line\nbreak',
  'ünïcode ☃',
  "'kept",
  'plain',
  '',
];
const rows = hostile.map((text, i) => ({
  file: `./${text}`,
  count: i,
  level: i === 3 ? Number.NaN : i - 5.00049,
  value: Math.fround(1e-9 * i),
  note: text === '' ? null : text,
}));

function writeParts(): string[] {
  return [rows.slice(0, 4), rows.slice(4)].map((slice, i) => {
    const path = join(folder, `part-${Math.random()}-${i}.csv`);
    const part = new PartWriter(table, `part-${i}.csv`, path);
    for (const row of slice) part.write(row);
    expect(part.finish()).toMatchObject({ rows: slice.length, table: 'sample' });
    return path;
  });
}

const options = { excelBom: false, rows: rows.length, metadata: { undertone: '{"fingerprint":"f"}' } };

describe('csv', () => {
  it('is RFC 4180 with CRLF and guards formulas in text, never in numbers', async () => {
    const target = join(folder, 'out.csv');
    await SINKS.csv.write(table, writeParts(), target, options);
    const bytes = readFileSync(target, 'utf8');
    expect(bytes.startsWith('file,count,level,value,note\r\n')).toBe(true);
    expect(bytes.replaceAll('line\nbreak', '').replaceAll('\r\n', '')).not.toContain('\n');
    const cells: Record<string, string>[] = parse(bytes, { columns: true });
    expect(cells.map((row) => row.note)).toEqual(
      hostile.map((text) => (/^[=+\-@\t]/.test(text) ? `'${text}` : text)),
    );
    expect(cells.map((row) => row.level)[0]).toBe('-5.000');
    expect(cells[3]?.level).toBe('');
  });

  it('starts with a byte-order mark only when asked', async () => {
    const target = join(folder, 'bom.csv');
    await SINKS.csv.write(table, writeParts(), target, { ...options, excelBom: true });
    expect(readFileSync(target).subarray(0, 3)).toEqual(Buffer.from([0xef, 0xbb, 0xbf]));
  });
});

describe('jsonl', () => {
  it('holds raw text and numbers', async () => {
    const target = join(folder, 'out.jsonl');
    await SINKS.jsonl.write(table, writeParts(), target, options);
    const lines = readFileSync(target, 'utf8')
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(lines.map((line) => line.note)).toEqual(hostile.map((text) => (text === '' ? null : text)));
    expect(lines[1].count).toBe(1);
    expect(lines[3].level).toBeNull();
  });
});

describe('parquet', () => {
  it('keeps raw text, types and the metadata, and the same rows give the same bytes', async () => {
    const target = join(folder, 'out.parquet');
    await SINKS.parquet.write(table, writeParts(), target, options);
    const again = join(folder, 'again.parquet');
    await SINKS.parquet.write(table, writeParts(), again, options);
    expect(readFileSync(again).equals(readFileSync(target))).toBe(true);

    const instance = await DuckDBInstance.create(':memory:');
    const connection = await instance.connect();
    const read = async (sql: string) => (await connection.runAndReadAll(sql)).getRowObjectsJson();
    const found = await read(`SELECT * FROM '${target}'`);
    expect(found.map((row) => row.note)).toEqual(hostile.map((text) => (text === '' ? null : text)));
    const types = await read(`DESCRIBE SELECT * FROM '${target}'`);
    expect(types.map((row) => row.column_type)).toEqual(['VARCHAR', 'BIGINT', 'DOUBLE', 'FLOAT', 'VARCHAR']);
    const pairs = await read(
      `SELECT decode(value) AS v FROM parquet_kv_metadata('${target}') WHERE decode(key) = 'undertone'`,
    );
    expect(pairs).toEqual([{ v: '{"fingerprint":"f"}' }]);
    const codecs = await read(`SELECT DISTINCT compression FROM parquet_metadata('${target}')`);
    expect(codecs).toEqual([{ compression: 'ZSTD' }]);
    connection.closeSync();
  });

  it('does not pass over rows in silence', async () => {
    const target = join(folder, 'short.parquet');
    const more = { ...options, rows: rows.length + 1 };
    await expect(SINKS.parquet.write(table, writeParts(), target, more)).rejects.toThrow(
      'Parquet took 11 of the 12 rows',
    );
  });
});

describe('rows', () => {
  it('refuses a row that lacks a column, and text in a number column', () => {
    expect(() => csvRow(table, { file: 'a' })).toThrow('lacks column count');
    expect(() => csvRow(table, { file: 'a', count: 'x', level: 0, value: 0, note: null })).toThrow(
      'holds text',
    );
  });

  it('writes no negative zero', () => {
    expect(csvRow(table, { file: 'a', count: 0, level: -0.0001, value: -0, note: null })).toBe(
      'a,0,0.000,0,\r\n',
    );
  });

  it('writes float32 without an exponent, and so that it reads back exactly', () => {
    expect(plainFloat32(1e-10)).toBe('0.0000000001');
    expect(plainFloat32(-2.5e-8)).toBe('-0.000000025');
    expect(plainFloat32(3e21)).toBe('3000000000000000000000');
    const random = seeded(11);
    for (let i = 0; i < 5000; ++i) {
      const value = Math.fround((random.next() - 0.5) * 10 ** (random.below(60) - 30));
      const text = plainFloat32(value);
      expect(text).not.toMatch(/e/i);
      expect(Math.fround(Number(text))).toBe(value);
    }
  });
});

/** Names that break programs: every recording has its rows, in every format, and its name can be turned back. */
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { systemPath } from '@undertone/shared';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hostileNames } from '../fixtures/hostile-names.ts';
import { babble, wav16 } from '../fixtures/wav.ts';
import { readBytes, readTable, undertone } from './cli.ts';

const work = mkdtempSync(join(tmpdir(), 'undertone-names-'));
const folder = join(work, 'in');
const out = join(work, 'out');
const names = [...hostileNames].sort(([a], [b]) => Buffer.compare(a, b));
const files = names.map(([, shown]) => `./${shown}`);
afterAll(() => rmSync(work, { recursive: true }));
beforeAll(() => {
  mkdirSync(folder);
  names.forEach(([name], i) => {
    const path = Buffer.concat([Buffer.from(`${folder}/`), name]);
    mkdirSync(path.subarray(0, path.lastIndexOf('/')), { recursive: true });
    // Of different lengths, so that no row can be another's.
    writeFileSync(path, wav16(babble(0.5 + i / 100, 8000, i), 8000));
  });
});

async function duckdb(sql: string): Promise<unknown[]> {
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  try {
    return (await connection.runAndReadAll(sql)).getRows().map(([value]) => value);
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

describe('run', () => {
  it('has one row each, in the order of the names’ bytes', async () => {
    const args = ['run', folder, '--out', out, '--formats', 'csv,jsonl,parquet'];
    const { code, stderr } = await undertone(args);
    expect(code, stderr).toBe(0);
    const rows = readTable(out, 'files.csv');
    expect(rows.map((row) => row.file)).toEqual(files);
    rows.forEach((row, i) => {
      expect(Number(row.duration_s), row.file).toBeCloseTo(0.5 + i / 100, 3);
    });
    expect(new Set(rows.map((row) => row.record_id)).size).toBe(files.length);
    expect(readTable(out, 'segments.csv').map((row) => row.file)).toEqual(files);
    expect(readTable(out, 'errors.csv')).toEqual([]);
  });

  it('JSON lines hold the same names, one line a row', () => {
    const lines = readBytes(out, 'files.jsonl').trimEnd().split('\n');
    expect(lines.map((line) => JSON.parse(line).file)).toEqual(files);
  });

  it.each(['files.parquet', 'files.csv', 'files.jsonl'])('DuckDB reads them from %s', async (table) => {
    expect(await duckdb(`SELECT file FROM '${join(out, table)}'`)).toEqual(files);
  });

  it('the names lead back to the files', () => {
    for (const { file = '', bytes } of readTable(out, 'files.csv')) {
      const path = systemPath(join(folder, file));
      expect(readFileSync(path).length, file).toBe(Number(bytes));
    }
  });

  it('its own table names the same recordings for another run', async () => {
    writeFileSync(join(folder, 'again.csv'), readFileSync(join(out, 'files.csv')));
    const again = join(work, 'again');
    const { code, stderr } = await undertone(['run', join(folder, 'again.csv'), '--out', again]);
    expect(code, stderr).toBe(0);
    expect(readBytes(again, 'segments.csv') === readBytes(out, 'segments.csv')).toBe(true);
  });

  it('a list of them between NULs on standard input gives the same', async () => {
    const list = Buffer.concat(
      names.flatMap(([name]) => [Buffer.from(`${folder}/`), name, Buffer.from([0])]),
    );
    const piped = join(work, 'piped');
    const { code, stderr } = await undertone(['run', '-', '--out', piped], list);
    expect(code, stderr).toBe(0);
    expect(readBytes(piped, 'segments.csv') === readBytes(out, 'segments.csv')).toBe(true);
  });
});

describe('features', () => {
  it('writes a matrix each, under the shown name', async () => {
    const target = join(work, 'features');
    const args = ['features', folder, '--out', target, '--set', 'undertone-logmel-64', '--formats', 'npy'];
    const { code, stderr } = await undertone(args);
    expect(code, stderr).toBe(0);
    const rows = readTable(target, 'features.csv');
    expect(rows.map((row) => row.file)).toEqual(files);
    for (const row of rows) {
      const path = join(target, row.npy ?? '');
      expect(existsSync(path), row.npy).toBe(true);
      expect(readFileSync(path).length, row.file).toBe(128 + 4 * 64 * Number(row.frames));
      const name = row.file?.slice(2) ?? '';
      if (Buffer.byteLength(`${name}.npy`) <= 255) expect(row.npy).toBe(`npy/${name}.npy`);
      else expect(row.npy).toContain(`~${row.record_id}.npy`);
    }
    expect(new Set(rows.map((row) => row.npy)).size).toBe(files.length);
  });
});

describe('inspect', () => {
  it.each(['caf\\xE9.wav', 'lit\\xE9.wav', '--out.wav', 'new\nline.wav'])('%j', async (name) => {
    const { code, stdout, stderr } = await undertone(['inspect', '--json', '--', join(folder, name)]);
    expect(code, stderr).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ codec: 'pcm_s16le', sampleRateHz: 8000 });
  });
});

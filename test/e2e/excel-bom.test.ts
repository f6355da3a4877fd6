/** `--excel-bom` from end to end: every CSV that is written begins with the mark, and DuckDB reads the same rows. */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { babble, wav16 } from '../fixtures/wav.ts';
import { undertone } from './cli.ts';

const work = mkdtempSync(join(tmpdir(), 'undertone-bom-'));
const at = (name: string): string => join(work, name);
afterAll(() => rmSync(work, { recursive: true }));
beforeAll(() => {
  mkdirSync(at('in'));
  writeFileSync(at('in/ünï "quoted".wav'), wav16(babble(4, 16000, 1), 16000));
  writeFileSync(at('in/broken.wav'), 'no audio');
});

const MARK = '\uFEFF';
const VERBS: [string, string[], string[]][] = [
  ['run', [], ['errors.csv', 'files.csv', 'segments.csv']],
  ['features', ['--set', 'kaldi-mfcc-13', '--formats', 'csv'], ['errors.csv', 'features.csv', 'frames.csv']],
];

it.each(VERBS)('%s', async (verb, flags, tables) => {
  const write = (out: string, ...more: string[]) =>
    undertone([verb, at('in'), '--out', at(out), '--max-error-share', '1', ...flags, ...more]);
  const { code, stderr } = await write(`${verb}-marked`, '--excel-bom');
  expect(code, stderr).toBe(0);
  await write(`${verb}-plain`);
  expect(readdirSync(at(`${verb}-marked`)).filter((name) => name.endsWith('.csv'))).toEqual(tables);
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  for (const table of tables) {
    const [marked, plain] = [join(at(`${verb}-marked`), table), join(at(`${verb}-plain`), table)];
    expect(readFileSync(marked, 'utf8')).toBe(MARK + readFileSync(plain, 'utf8'));
    const rows = async (path: string) =>
      (
        await connection.runAndReadAll(`SELECT * FROM read_csv('${path}', all_varchar = true)`)
      ).getRowObjectsJson();
    const found = await rows(marked);
    expect(found.length).toBeGreaterThan(0);
    expect(Object.keys(found[0] ?? {})[0]).toBe('record_id');
    expect(found).toEqual(await rows(plain));
  }
  connection.closeSync();
});

/** `undertone summary` from end to end: it counts what the tables hold. */
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Summary } from '../../packages/batch-runner/src/summary/summary.ts';
import { CLASSES, type MadeRecording, makeFinishedRun, runRecord } from '../fixtures/finished-run.ts';
import { babble, wav16 } from '../fixtures/wav.ts';
import { cliPath, readTable, undertone } from './cli.ts';

const work = mkdtempSync(join(tmpdir(), 'undertone-summary-test-'));
const at = (name: string): string => join(work, name);
afterAll(() => rmSync(work, { recursive: true }));

async function summaryOf(out: string, ...flags: string[]): Promise<Summary> {
  const { code, stdout, stderr } = await undertone(['summary', out, '--json', ...flags]);
  expect(code, stderr).toBe(0);
  return JSON.parse(stdout) as Summary;
}

describe('a made run', () => {
  // 2,500 windows are 1 h 2 min.
  const long = Array.from({ length: 2500 }, (_, i) => (i < 2400 ? 'happy' : 'sad'));
  const shards: MadeRecording[][] = [
    [
      { file: './day/2026-03-01_23-30-00 long.wav', labels: long, flags: 'clipped;low_snr' },
      { file: './day/broken\n\u001b[31m.wav', labels: [] },
    ],
    [
      { file: './calls/1.wav', labels: ['angry', 'no_speech'], channel: 0, role: 'agent', flags: 'clipped' },
      { file: './calls/1.wav', labels: ['abstain', 'sad'], channel: 1, role: 'customer' },
    ],
  ];
  beforeAll(() => makeFinishedRun(at('made'), shards));

  it('is counted in every way', async () => {
    const found = await summaryOf(at('made'));
    expect(found.run).toMatchObject({ model: 'made@0.0.1', root: '/recordings' });
    // The fixture's commits count streams as records.
    expect(found.totals).toMatchObject({
      recordings: 4,
      rows: 4,
      windows: 2504,
      failed: 1,
      speechSeconds: null,
    });
    expect(found.totals.audioSeconds).toBeCloseTo(1.5 * 2504 + 3 * 1.5);
    expect(found.statuses).toEqual([
      { name: 'ok', count: 3 },
      { name: 'error', count: 1 },
    ]);
    expect(found.errorCodes).toEqual([{ name: 'corrupt', count: 1 }]);
    expect(found.labels.map(({ name, count }) => [name, count])).toEqual([
      ['happy', 2400],
      ['sad', 101],
      ['abstain', 1],
      ['angry', 1],
      ['no_speech', 1],
    ]);
    expect(found.labels.at(-1)?.meanConfidence).toBeNull();
    expect(found.labels[2]?.meanConfidence).toBeCloseTo(0.3);
    expect(found.hours).toEqual([
      { key: 0, windows: 2404, labels: { happy: 2400, abstain: 1, angry: 1, no_speech: 1, sad: 1 } },
      { key: 1, windows: 100, labels: { sad: 100 } },
    ]);
    // It began at half past eleven in the evening: 1,200 windows of half an hour, the rest after midnight.
    expect(found.clock).toEqual({
      windows: 2500,
      hours: [
        { key: 0, windows: 1300, labels: { happy: 1200, sad: 100 } },
        { key: 23, windows: 1200, labels: { happy: 1200 } },
      ],
    });
    expect(found.roles.map(({ key, windows }) => [key, windows])).toEqual([
      ['agent', 2],
      ['customer', 2],
      ['mixed channels', 2500],
    ]);
    expect(found.folders.count).toBe(2);
    expect(found.folders.largest.map(({ key, windows }) => [key, windows])).toEqual([
      ['./day', 2500],
      ['./calls', 4],
    ]);
    expect(found.flags).toEqual([
      { name: 'clipped', count: 2502 },
      { name: 'low_snr', count: 2500 },
    ]);
    expect(found.confidence.reduce((sum, n) => sum + n, 0)).toBe(2503);
    expect(found.confidence[3]).toBe(1);
    expect(found.failed).toEqual([
      {
        file: './day/broken\n\u001b[31m.wav',
        channel: null,
        code: 'corrupt',
        message: 'The header is broken',
      },
    ]);
    expect(found.slowest[0]?.wallSeconds).toBeGreaterThan(found.slowest[1]?.wallSeconds ?? Infinity);
  });

  it('is a page of text, with the warning and nothing that a terminal would obey', async () => {
    const { code, stdout } = await undertone(['summary', at('made')]);
    expect(code).toBe(0);
    expect(stdout).toContain('they are no finding about a person');
    expect(stdout).toMatch(/^ {2}happy {6}2,400 {2}95\.8 % {2,}\d\.\d{3}$/m);
    expect(stdout).toContain('Folders (2)');
    expect(stdout).toContain('./day/broken\\u{a}\\u{1b}[31m.wav');
    expect(stdout).not.toContain('\u001b');
    for (const line of stdout.split('\n')) expect(line).toBe(line.trimEnd());
  });

  it('names as many as --top says', async () => {
    const found = await summaryOf(at('made'), '--top', '1');
    expect([found.folders.largest.length, found.folders.count, found.slowest.length]).toEqual([1, 2, 1]);
    const { stdout } = await undertone(['summary', at('made'), '--top', '1']);
    expect(stdout).toContain('Folders (1 of 2)');
  });
});

it('agrees with the tables of a real run, whatever formats it wrote', async () => {
  mkdirSync(at('in'));
  for (let i = 0; i < 3; ++i) writeFileSync(join(at('in'), `${i}.wav`), wav16(babble(5, 16000, i), 16000));
  writeFileSync(join(at('in'), 'silent.wav'), wav16(new Float32Array(64000), 16000));
  await undertone(['run', at('in'), '--out', at('csv')]);
  await undertone(['run', at('in'), '--out', at('parquet'), '--formats', 'parquet']);
  const [one, two] = [await summaryOf(at('csv')), await summaryOf(at('parquet'))];
  const rows = readTable(at('csv'), 'segments.csv');
  expect(one.totals.windows).toBe(rows.length);
  for (const { name, count } of one.labels)
    expect(rows.filter((row) => row.label === name)).toHaveLength(count);
  expect(one.slowest).toHaveLength(4);
  expect({ ...two, run: one.run, slowest: one.slowest }).toEqual(one);
});

describe('is refused in one sentence', () => {
  it.each<[string, string[], RegExp]>([
    ['a folder without a run', ['nowhere'], /holds no run: there is no run\.json/],
    ['a run that is not finished', ['unfinished'], /holds a run that is not finished \(running\)/],
    ['a wrong --top', ['unfinished', '--top', '0'], /^Expected at least 1 for --top but received 0/],
    ['an unknown flag', ['unfinished', '--bottom'], /^unknown option '--bottom'/],
  ])('%s', async (_what, [folder = '', ...flags], sentence) => {
    mkdirSync(at('unfinished'), { recursive: true });
    writeFileSync(at('unfinished/run.json'), JSON.stringify(runRecord('running')));
    const { code, stderr } = await undertone(['summary', at(folder), ...flags]);
    expect(stderr.trim()).toMatch(sentence);
    expect(stderr.trim().split('\n')).toHaveLength(1);
    expect(code).toBe(64);
  });
});

it('streams: 300,000 windows in a heap of 64 MB, and leaves nothing behind', async () => {
  const labels = Array.from({ length: 1000 }, (_, i) => CLASSES[(i >> 2) % 4] ?? '');
  const shards = function* () {
    for (let shard = 0; shard < 60; ++shard)
      yield Array.from({ length: 5 }, (_, i) => ({ file: `./${shard}/${i}.wav`, labels }));
  };
  makeFinishedRun(at('large'), shards());
  mkdirSync(at('tmp'));
  const flags = ['--max-old-space-size=64', cliPath, 'summary', at('large'), '--json'];
  const { exitCode, stdout, stderr } = await execa('node', flags, {
    reject: false,
    env: { TMPDIR: at('tmp') },
  });
  expect(exitCode, stderr).toBe(0);
  expect(JSON.parse(stdout).totals.windows).toBe(300_000);
  expect(readdirSync(at('tmp'))).toEqual([]);
});

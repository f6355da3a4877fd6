/** `undertone export` from end to end: real runs, hostile names, wrong use. */
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { EXPORT_FORMATS } from '../../packages/batch-runner/src/settings.ts';
import { readEaf, readRttm, readTextGrid } from '../fixtures/annotation-readers.ts';
import { CLASSES, makeFinishedRun, runRecord } from '../fixtures/finished-run.ts';
import { babble, wav16 } from '../fixtures/wav.ts';
import { cliPath, readTable, undertone } from './cli.ts';

const work = mkdtempSync(join(tmpdir(), 'undertone-export-'));
const at = (name: string): string => join(work, name);
afterAll(() => rmSync(work, { recursive: true }));

const NAMES = ['=cmd.wav', 'a "b", c\nd.wav', `${'ü'.repeat(125)}.wav`, 'sub/one.wav', 'sub/one.flac'];
const rate = 16000;

beforeAll(async () => {
  mkdirSync(at('in/sub'), { recursive: true });
  NAMES.forEach((name, i) => {
    writeFileSync(join(at('in'), name), wav16(babble(7, rate, i), rate));
  });
  writeFileSync(join(at('in'), 'broken.wav'), 'no audio');
  await Promise.all([
    undertone(['run', at('in'), '--out', at('csv'), '--max-error-share', '1']),
    undertone(['run', at('in'), '--out', at('jsonl'), '--formats', 'jsonl', '--max-error-share', '1']),
    undertone([
      'features',
      at('in'),
      '--set',
      'kaldi-mfcc-13',
      '--out',
      at('features'),
      '--max-error-share',
      '1',
    ]),
  ]);
});

describe('a finished run', () => {
  it.each(EXPORT_FORMATS)('becomes %s', async (format) => {
    const { code, stderr } = await undertone([
      'export',
      at('csv'),
      '--to',
      format,
      '--out',
      at(`to-${format}`),
    ]);
    expect(code, stderr).toBe(0);
    expect(stderr).toMatch(
      /^5 recordings, \d+ intervals as \w+ in .*; 1 recordings without a window are left out/,
    );
    expect(existsSync(at(`to-${format}`))).toBe(true);
  });

  it('says in every format what the tables say', () => {
    const rows = readTable(at('csv'), 'segments.csv');
    const labels = rows.filter((row) => row.file === './sub/one.wav').map((row) => row.label);
    expect(labels.length).toBeGreaterThan(2);
    const grid = readTextGrid(readFileSync(at('to-textgrid/sub/one.wav.TextGrid'), 'utf8'));
    expect(grid.tiers.get('emotion')?.map(({ text }) => text)).toEqual(labels);
    const { mediaUrl, tiers } = readEaf(readFileSync(at('to-elan/sub/one.wav.eaf'), 'utf8'));
    expect(tiers.get('emotion')?.map(({ text }) => text)).toEqual(labels);
    expect(existsSync(new URL(mediaUrl))).toBe(true);
    const turns = readRttm(readFileSync(at('to-rttm'), 'utf8'));
    const shown = rows.filter((row) => row.label !== 'no_speech');
    expect(turns.map(({ file }) => `./${decodeURIComponent(file)}`)).toEqual(shown.map((row) => row.file));
    const windows = readTable(at('to-audformat'), 'db.segments.csv');
    expect(windows.map((row) => `./${row.file}`)).toEqual(rows.map((row) => row.file));
    expect(windows.map((row) => row.emotion)).toEqual(rows.map((row) => row.label));
    expect(readdirSync(at('to-audacity')).sort()).toHaveLength(4);
  });

  it('may have been written as JSONL alone: the export is the same', async () => {
    const { code } = await undertone([
      'export',
      at('jsonl'),
      '--to',
      'rttm',
      '--out',
      at('jsonl.rttm'),
      '--quiet',
    ]);
    expect(code).toBe(0);
    expect(readFileSync(at('jsonl.rttm'), 'utf8')).toBe(readFileSync(at('to-rttm'), 'utf8'));
  });

  it('takes --label, --min-confidence and --merge', async () => {
    const flags = ['--label', 'top_label', '--min-confidence', '0.3', '--merge'];
    const { code, stderr } = await undertone([
      ...['export', at('csv'), '--to', 'rttm', '--out', at('few.rttm')],
      ...flags,
    ]);
    expect(code, stderr).toBe(0);
    for (const { label, confidence } of readRttm(readFileSync(at('few.rttm'), 'utf8'))) {
      expect(['abstain', 'no_speech']).not.toContain(label);
      expect(Number(confidence)).toBeGreaterThanOrEqual(0.3);
    }
  });
});

describe('is refused in one sentence', () => {
  beforeAll(() => {
    mkdirSync(at('empty'));
    mkdirSync(at('unfinished'));
    writeFileSync(at('unfinished/run.json'), JSON.stringify(runRecord('interrupted')));
    writeFileSync(at('there'), '');
  });

  it.each<[string, () => string[], number, RegExp]>([
    ['no format', () => [at('csv'), '--out', at('x')], 64, /^Missing --to: format to write: rttm, textgrid/],
    [
      'a wrong format',
      () => [at('csv'), '--to', 'srt', '--out', at('x')],
      64,
      /^Expected one of "rttm", .* for --to but received "srt" of type string$/,
    ],
    ['no target', () => [at('csv'), '--to', 'rttm'], 64, /^Missing --out/],
    [
      'a target that exists',
      () => [at('csv'), '--to', 'elan', '--out', at('there')],
      64,
      /^Expected a folder that does not exist yet for --out but received ".*there" of type string$/,
    ],
    [
      'a target nowhere',
      () => [at('csv'), '--to', 'rttm', '--out', at('no/where')],
      64,
      /^Expected a file in an existing folder for --out but received/,
    ],
    [
      'a wrong confidence',
      () => [at('csv'), '--to', 'rttm', '--out', at('x'), '--min-confidence', '2'],
      64,
      /^Expected at most 1 for --min-confidence but received 2 of type number$/,
    ],
    [
      'a wrong label',
      () => [at('csv'), '--to', 'rttm', '--out', at('x'), '--label', 'truth'],
      64,
      /^Expected one of "label", "top_label" for --label but received "truth"/,
    ],
    [
      'no run',
      () => [at('empty'), '--to', 'rttm', '--out', at('x')],
      64,
      /empty" holds no run: there is no run.json/,
    ],
    ['nothing', () => [at('nowhere'), '--to', 'rttm', '--out', at('x')], 64, /nowhere" holds no run/],
    [
      'a run that is not finished',
      () => [at('unfinished'), '--to', 'rttm', '--out', at('x')],
      64,
      /holds a run that is not finished \(interrupted\): give the command that began it again, then this one$/,
    ],
    [
      'features',
      () => [at('features'), '--to', 'rttm', '--out', at('x')],
      64,
      /holds what undertone features wrote: only what undertone run wrote has labels$/,
    ],
  ])('%s', async (_what, args, exit, sentence) => {
    const { code, stderr } = await undertone(['export', ...args()]);
    expect(stderr.trim()).toMatch(sentence);
    expect(stderr.trim().split('\n')).toHaveLength(1);
    expect(code).toBe(exit);
    expect(existsSync(at('x'))).toBe(false);
    expect(readdirSync(work).filter((name) => name.startsWith('.undertone'))).toEqual([]);
  });
});

it('streams: 300,000 windows in a heap of 64 MB', async () => {
  const labels = Array.from({ length: 1000 }, (_, i) => CLASSES[(i >> 2) % 4] ?? '');
  const shards = function* () {
    for (let shard = 0; shard < 60; ++shard)
      yield Array.from({ length: 5 }, (_, i) => ({ file: `./${shard}/${i}.wav`, labels }));
  };
  makeFinishedRun(at('large'), shards());
  const flags = [
    '--max-old-space-size=64',
    cliPath,
    'export',
    at('large'),
    '--to',
    'rttm',
    '--out',
    at('large.rttm'),
  ];
  const { exitCode, stderr } = await execa('node', flags, { reject: false });
  expect(exitCode, stderr).toBe(0);
  expect(stderr).toContain('300 recordings, 300000 intervals');
});

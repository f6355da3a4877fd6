/** `undertone bench run`, on recordings too few to say anything about speed: what it measures, refuses and leaves behind. */
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
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readResult } from '../../packages/batch-runner/src/bench/result.ts';
import { type Corpus, runRow } from '../../packages/batch-runner/src/bench/run-rows.ts';
import { babble, wav16 } from '../fixtures/wav.ts';
import { start, undertone } from './cli.ts';

const work = mkdtempSync(join(tmpdir(), 'undertone-bench-run-'));
const at = (name: string): string => join(work, name);
// Other tests look for what benchmarks leave in the system's own temporary folder, and run at the same time.
process.env.TMPDIR = at('tmp');
mkdirSync(at('tmp'));
afterAll(() => rmSync(work, { recursive: true }));
const leftFolders = (): string[] =>
  readdirSync(tmpdir()).filter((name) => /^undertone-bench-\w{6}$/.test(name));

describe('rows', () => {
  const corpus: Corpus = {
    format: 'x',
    recordings: 2,
    audioSeconds: 1000,
    bytes: 32e6,
    windows: 9,
    scored: 9,
  };
  const times = [2, 4, 1].map((wallSeconds) => ({
    wallSeconds,
    stageSeconds: { decode: wallSeconds / 2, model: wallSeconds },
  }));
  const row = runRow(corpus, { device: 'cpu', isa: 'avx2' }, 2, times);

  it('hold medians over the repeats, and what a night would take', () => {
    expect(row).toMatchObject({ threads: 2, timesRealTime: 500, min: 250, max: 1000, repeats: 3 });
    expect(row.gigabytesPerSecond).toBeCloseTo(0.016);
    expect(row.run?.wallSeconds).toBeCloseTo(2);
    expect(row.run?.terabytesANight).toBeCloseTo((16e6 * 8 * 3600) / 1e12);
  });

  it('share the worker time out among the stages; what is left is orchestration', () => {
    expect(row.run?.stages).toEqual([
      { name: 'decode', workerSeconds: 1, share: 0.25, timesRealTime: 1000 },
      { name: 'model', workerSeconds: 2, share: 0.5, timesRealTime: 500 },
      { name: 'orchestration', workerSeconds: 1, share: 0.25, timesRealTime: 1000 },
    ]);
  });
});

describe('bench run', () => {
  beforeAll(() => {
    mkdirSync(at('in'));
    for (let i = 0; i < 3; ++i) writeFileSync(join(at('in'), `${i}.wav`), wav16(babble(4, 16000, i), 16000));
    writeFileSync(join(at('in'), 'broken.wav'), 'no audio');
  });

  it('measures recordings with several numbers of workers', async () => {
    const before = leftFolders();
    const [json, html] = [at('run.json'), at('run.html')];
    const { code, stdout, stderr } = await undertone([
      ...['bench', 'run', at('in'), '--workers', '1,2', '--repeats', '1', '--formats', 'jsonl'],
      ...['--json', json, '--report', html],
    ]);
    expect(code, stderr).toBe(0);
    const result = readResult(json);
    expect(result).toMatchObject({
      benchmark: 'run',
      settings: { input: [at('in')], workers: [1, 2], formats: ['jsonl'] },
      corpus: { format: 'pcm_s16le 16000 Hz mono', recordings: 4, audioSeconds: 12, pageCache: 'warm' },
    });
    expect(result.rows.map(({ threads, device, repeats }) => [threads, device, repeats])).toEqual([
      [1, 'cpu', 1],
      [2, 'cpu', 1],
    ]);
    for (const { run, threads } of result.rows) {
      const names = run?.stages.map(({ name }) => name) ?? [];
      for (const stage of ['decode', 'features', 'speech', 'model', 'rows', 'commit', 'orchestration'])
        expect(names).toContain(stage);
      const seconds = run?.stages.reduce((sum, { workerSeconds }) => sum + workerSeconds, 0);
      expect(seconds).toBeCloseTo(threads * (run?.wallSeconds ?? 0), 6);
      for (const { workerSeconds } of run?.stages ?? []) expect(workerSeconds).toBeGreaterThanOrEqual(0);
    }
    expect(stdout).toContain('4 recordings of 3.0 s, 0.00 h, 0.000 GB in the page cache');
    expect(stdout).toMatch(/^pcm_s16le 16000 Hz mono +2 +[\d.]+ /m);
    expect(readFileSync(html, 'utf8')).toContain('TB a night');
    expect(leftFolders()).toEqual(before);
  });

  it('makes its own recordings, of which all is speech, and compares', async () => {
    const { code, stdout, stderr } = await undertone([
      ...['bench', 'run', '--files', '2', '--seconds', '5', '--workers', '2', '--repeats', '1'],
      ...['--compare', at('run.json'), '--json', at('made.json')],
    ]);
    expect(code, stderr).toBe(0);
    const { corpus } = readResult(at('made.json'));
    expect(corpus).toMatchObject({ recordings: 2, audioSeconds: 10, bytes: 2 * (44 + 160_000) });
    expect(corpus?.scored).toBe(corpus?.windows);
    expect(stdout).toMatch(/^pcm_s16le 16000 Hz mono, \w+, 2 workers +[\d.]+ × +the same$/m);
    expect(stdout).toContain('1 worker: only in');
    expect(stdout).toContain('Note: The settings differ: input');
  });

  it.each<[string, string[], number, RegExp]>([
    ['no recording', [at('in/broken.wav')], 64, /^None of the inputs is a recording that can be labelled$/],
    ['a folder that is not there', ['/nowhere'], 64, /^Input "\/nowhere" does not exist/],
    [
      'a wrong number of workers',
      ['--workers', '0'],
      64,
      /^Expected at least 1 for --workers but received 0/,
    ],
    ['no list', ['--workers', 'two'], 64, /^Expected a number for --workers but received "two"/],
    ['a wrong number of files', ['--files', '1.5'], 64, /^Expected an integer for --files but received 1.5/],
    ['a model that is not there', [at('in'), '--model', 'nobody'], 64, /nobody/],
    [
      'a result nowhere',
      ['--json', '/nowhere/r.json'],
      64,
      /^Expected a file in an existing folder for --json/,
    ],
    ['another result', ['--compare', at('in/0.wav')], 64, /is no result of undertone bench --json: /],
  ])('refuses %s', async (_what, args, exit, sentence) => {
    const before = leftFolders();
    const { code, stderr } = await undertone(['bench', 'run', ...args, '--repeats', '1']);
    expect(stderr.trim()).toMatch(sentence);
    expect(stderr.trim().split('\n')).toHaveLength(1);
    expect(code).toBe(exit);
    expect(leftFolders()).toEqual(before);
  });

  it('is ended by Ctrl-C, with nothing left', async () => {
    const before = leftFolders();
    const run = start(['bench', 'run', '--seconds', '60', '--repeats', '1000', '--json', at('never.json')]);
    // Until a run is at work in its folder.
    const busy = (): boolean =>
      leftFolders().some(
        (name) => !before.includes(name) && existsSync(join(tmpdir(), name, 'out/run.json')),
      );
    while (!busy() && run.exitCode === null) await new Promise((resolve) => setTimeout(resolve, 50));
    run.kill('SIGINT');
    const stopped = await run;
    expect(stopped.exitCode, stopped.stderr).toBe(75);
    expect(stopped.stderr).toContain('Interrupted: nothing is written');
    expect(leftFolders()).toEqual(before);
    expect(existsSync(at('never.json'))).toBe(false);
  });
});

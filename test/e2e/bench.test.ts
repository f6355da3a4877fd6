/** `undertone bench`, in runs too short to say anything about speed: what it writes, refuses and leaves behind. */
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
import { describeBuild } from '@undertone/dsp-native';
import { afterAll, describe, expect, it } from 'vitest';
import { readResult } from '../../packages/batch-runner/src/bench/result.ts';
import { babble, wav16 } from '../fixtures/wav.ts';
import { start, undertone } from './cli.ts';

const work = mkdtempSync(join(tmpdir(), 'undertone-bench-e2e-'));
const recording = join(work, 'speech.wav');
writeFileSync(recording, wav16(babble(1.5, 16000, 1), 16000));
// What is left behind is looked for here: other programs use the system's own temporary folder at the same time.
process.env.TMPDIR = join(work, 'tmp');
mkdirSync(join(work, 'tmp'));
afterAll(() => rmSync(work, { recursive: true }));

const short = ['--seconds', '2', '--repeats', '2'];

/** Temporary folders and processes must be gone when the command is. */
const leftFolders = (): string[] =>
  readdirSync(tmpdir()).filter((name) => /^undertone-bench-\w{6}$/.test(name));

describe('bench features', () => {
  const json = join(work, 'features.json');

  it('measures every set under every instruction set', async () => {
    const { code, stdout, stderr } = await undertone([
      ...['bench', 'features', '--set', 'kaldi-mfcc-13,librosa-mfcc-40-stats', '--isa', 'all'],
      ...['--threads', '2', '--json', json, '--report', join(work, 'features.html'), ...short],
    ]);
    expect(code, stderr).toBe(0);
    const isas = describeBuild().instructionSets;
    const result = readResult(json);
    const expected = ['kaldi-mfcc-13', 'librosa-mfcc-40-stats'].flatMap((name) =>
      isas.map((isa) => ({ name, device: 'cpu', isa, threads: 2, repeats: 2 })),
    );
    expect(result.rows).toMatchObject(expected);
    expect(result.limits.map(({ isa, threads }) => [isa, threads])).toEqual(isas.map((isa) => [isa, 2]));
    expect(result).toMatchObject({ benchmark: 'features', settings: { seconds: 2, repeats: 2 } });
    expect(result.command).toMatch(/^undertone bench features --set kaldi-mfcc-13,librosa-mfcc-40-stats /);
    for (const row of result.rows) {
      expect(row.min).toBeLessThanOrEqual(row.timesRealTime);
      expect(row.max).toBeGreaterThanOrEqual(row.timesRealTime);
      expect(row.shareOfLimit).toBeGreaterThan(0);
      expect(row.limitedBy).toBe('arithmetic');
    }
    for (const { name, isa } of expected) expect(stdout).toMatch(new RegExp(`^${name} +${isa} `, 'm'));
    expect(readFileSync(join(work, 'features.html'), 'utf8')).toContain('<h2>Figures</h2>');
  });

  it('compares with an older result', async () => {
    const { code, stdout, stderr } = await undertone([
      ...['bench', 'features', '--set', 'kaldi-mfcc-13', '--threads', '1,2', '--input', recording],
      ...['--compare', json, ...short],
    ]);
    expect(code, stderr).toBe(0);
    const isa = describeBuild().instructionSet;
    expect(stdout).toMatch(new RegExp(`^kaldi-mfcc-13, ${isa}, 2 threads +[\\d.]+ × +the same$`, 'm'));
    expect(stdout).toContain(`kaldi-mfcc-13, ${isa}, 1 thread: not in ${json}`);
    expect(stdout).toContain(`kaldi-mfcc-13, scalar, 2 threads: only in ${json}`);
    expect(stdout).toContain(`Note: The settings differ: input null then, "${recording}" now`);
    expect(stdout).toContain('Note: Rows of fewer than 5 repeats count as the same');
  });
});

describe('bench resample', () => {
  it('takes rates and draws a chart alone', async () => {
    const [json, svg] = [join(work, 'resample.json'), join(work, 'resample.svg')];
    const { code, stderr } = await undertone([
      ...['bench', 'resample', '--rates', '48000,16000:22050', '--json', json, '--report', svg, ...short],
    ]);
    expect(code, stderr).toBe(0);
    expect(readResult(json).rows).toMatchObject([
      { name: '48000:16000', limitedBy: 'memory' },
      { name: '16000:22050', limitedBy: 'memory' },
    ]);
    expect(readFileSync(svg, 'utf8')).toMatch(/^<svg .*<\/svg>\n$/s);
  });
});

describe('bench decode', () => {
  it('makes recordings of its own and takes them away again', async () => {
    const before = leftFolders();
    const json = join(work, 'decode.json');
    const { code, stderr } = await undertone(['bench', 'decode', '--json', json, ...short]);
    expect(code, stderr).toBe(0);
    const names = readResult(json).rows.map(({ name }) => name);
    expect(names).toContain('pcm_mulaw 8000 Hz mono');
    expect(names).toContain('pcm_s24le 44100 Hz stereo');
    expect(names).toContain('pcm_f32le 48000 Hz stereo');
    expect(leftFolders()).toEqual(before);
  });

  it('groups the recordings it is given, and leaves out what is none', async () => {
    const broken = join(work, 'broken.wav');
    writeFileSync(broken, 'nothing');
    const json = join(work, 'given.json');
    const { code, stderr } = await undertone([
      ...['bench', 'decode', recording, recording, broken, '--json', json, ...short],
    ]);
    expect(code).toBe(0);
    expect(stderr).toMatch(/^Left out .*broken\.wav: /);
    expect(readResult(json).rows).toMatchObject([{ name: 'pcm_s16le 16000 Hz mono', audioSeconds: 3 }]);
  });
});

describe('wrong use', () => {
  const foreign = process.arch === 'arm64' ? 'avx2' : 'neon';
  it.each([
    [['walk'], 64, /^unknown command 'walk'$/],
    [['features', '--set', 'mfcc'], 64, /^Unknown feature set "mfcc": the sets are /],
    [['features', '--isa', foreign], 64, /^--isa asks for \w+, which is not in this build: it has /],
    [
      ['features', '--isa', 'avx1024'],
      64,
      /^Expected one of "all", .* for --isa but received "avx1024" of type string$/,
    ],
    [['features', '--threads', '0'], 64, /^Expected at least 1 for --threads but received 0 of type number$/],
    [['features', '--threads', '1,two'], 64, /^Expected a number for --threads but received "two"/],
    [['features', '--repeats', '1.5'], 64, /^Expected an integer for --repeats but received 1.5/],
    [['resample', '--rates', 'fast'], 64, /^Expected rates of the form <from> or <from>:<to> for --rates/],
    [
      ['resample', '--rates', '8000:8000'],
      64,
      /^Expected two different rates from 1000 to 1000000 Hz for --rates/,
    ],
    [['decode', '/nowhere'], 64, /^Input "\/nowhere" does not exist/],
    [['features', '--report', 'r.pdf'], 64, /^Expected a name that ends in \.html or \.svg for --report/],
    [['features', '--json', '/nowhere/r.json'], 64, /^Expected a file in an existing folder for --json/],
    [['features', '--compare', recording], 64, /is no result of undertone bench --json: /],
    [['features', '--input', '/nowhere.wav'], 65, /^\/nowhere\.wav: .* \(not_found\)$/],
    [['features', '--seconds', '0.1', '--set', 'librosa-mfcc-40'], 0, /^$/],
  ])('%j', async (args, exit, sentence) => {
    const { code, stderr } = await undertone(['bench', ...args, ...(exit === 0 ? ['--repeats', '1'] : [])]);
    expect(stderr.trim()).toMatch(sentence);
    expect(stderr.trim().split('\n')).toHaveLength(1);
    expect(code).toBe(exit);
  });

  it.each([[[]], [['features']], [['resample']], [['decode']]])('bench %j --help', async (verb) => {
    const { code, stdout } = await undertone(['bench', ...verb, '--help']);
    expect(code).toBe(0);
    expect(stdout).toContain('Usage: undertone bench');
  });
});

/** Processes whose parent is `pid`, as Linux tells. */
function childrenOf(pid: number): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((one) => {
      try {
        const stat = readFileSync(`/proc/${one}/stat`, 'utf8');
        return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]) === pid;
      } catch {
        return false;
      }
    });
}

it.runIf(process.platform === 'linux')(
  'Ctrl-C ends it at once, with no process and no folder left',
  async () => {
    const before = leftFolders();
    const json = join(work, 'never.json');
    const run = start(['bench', 'decode', '--threads', '2', '--repeats', '1000', '--json', json]);
    let children: number[] = [];
    while (children.length === 0 && run.exitCode === null) {
      await new Promise((resolve) => setTimeout(resolve, 20));
      children = childrenOf(run.pid ?? -1);
    }
    await new Promise((resolve) => setTimeout(resolve, 300));
    run.kill('SIGINT');
    const stopped = await run;
    expect(stopped.exitCode, stopped.stderr).toBe(75);
    expect(stopped.stderr).toContain('Interrupted: nothing is written');
    expect(children).toHaveLength(1);
    for (const pid of children) {
      for (let i = 0; existsSync(`/proc/${pid}`) && i < 100; ++i)
        await new Promise((resolve) => setTimeout(resolve, 20));
      expect(existsSync(`/proc/${pid}`)).toBe(false);
    }
    expect(leftFolders()).toEqual(before);
    expect(existsSync(json)).toBe(false);
  },
);

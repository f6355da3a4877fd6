/** Output that cannot be written: one sentence, nothing committed lost, the same command goes on to the same bytes. */
import { execFileSync, spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { environmentWith } from '../fixtures/faults.ts';
import { babble, wav16 } from '../fixtures/wav.ts';
import { cliPath, type Outcome, readBytes, readTable, start, undertone } from './cli.ts';

const work = mkdtempSync(join(tmpdir(), 'undertone-disk-'));
const input = join(work, 'in');
const out = (name: string): string => join(work, name);
const RECORDINGS = 12;
const runFlags = ['--formats', 'csv,jsonl,parquet', '--workers', '2'];
const featureFlags = ['--set', 'undertone-logmel-64', '--formats', 'npy,parquet', '--workers', '2'];
afterAll(() => {
  chmodSync(work, 0o755);
  rmSync(work, { recursive: true });
});
beforeAll(async () => {
  // A plain user has to get at it too.
  chmodSync(work, 0o755);
  mkdirSync(input);
  for (let i = 0; i < RECORDINGS; ++i) {
    writeFileSync(join(input, `${i}.wav`), wav16(babble(15, 8000, i), 8000));
  }
  expect((await undertone(['run', input, '--out', out('run'), ...runFlags])).code).toBe(0);
  expect((await undertone(['features', input, '--out', out('features'), ...featureFlags])).code).toBe(0);
});

async function withRoomFor(bytes: number, args: readonly string[], folder: string): Promise<Outcome> {
  const env = environmentWith({ FAULT_FULL: `${folder}:${bytes}` });
  const { exitCode, stdout, stderr } = await start(args, { env });
  return { code: exitCode ?? -1, stdout: String(stdout), stderr: String(stderr) };
}

/** The last line: what a person reads. */
const sentence = ({ stderr }: Outcome): string => stderr.trimEnd().split('\n').at(-1) ?? '';

function sameTables(folder: string, reference: string, tables: readonly string[]): void {
  for (const table of tables) {
    expect(readBytes(folder, table) === readBytes(reference, table), table).toBe(true);
  }
}

const commits = (folder: string): number =>
  existsSync(join(folder, 'shards'))
    ? readdirSync(join(folder, 'shards')).filter((id) =>
        existsSync(join(folder, 'shards', id, 'COMMIT.json')),
      ).length
    : 0;

describe('a disk that fills up', () => {
  const full =
    /^Output folder cannot be written \(.*\): put that right \(make room, mount the disk\) and run the same command again to go on$/;

  it('run: at any point, again and again, then room', async () => {
    const folder = out('full-run');
    const args = ['run', input, '--out', folder, ...runFlags];
    let before = 0;
    // From the first byte of run.json, over parts and commits, to the merged tables and Parquet.
    for (const bytes of [0, 2000, 14_000, 24_000, 30_000]) {
      const outcome = await withRoomFor(bytes, args, folder);
      expect(outcome.code, `${bytes}: ${outcome.stderr}`).toBe(75);
      expect(sentence(outcome), String(bytes)).toMatch(full);
      expect(commits(folder)).toBeGreaterThanOrEqual(before);
      before = commits(folder);
    }
    expect(before).toBeGreaterThan(0);
    expect((await undertone(args)).code).toBe(0);
    sameTables(folder, out('run'), [
      'segments.csv',
      'files.csv',
      'errors.csv',
      'segments.jsonl',
      'segments.parquet',
      'files.parquet',
    ]);
    expect(readdirSync(folder).filter((name) => name.startsWith('.'))).toEqual([]);
  });

  it('features: matrices too, and no recording is blamed', async () => {
    const folder = out('full-features');
    const args = ['features', input, '--out', folder, ...featureFlags];
    for (const bytes of [3000, 2_000_000]) {
      const outcome = await withRoomFor(bytes, args, folder);
      expect(outcome.code, `${bytes}: ${outcome.stderr}`).toBe(75);
      expect(sentence(outcome)).toMatch(full);
    }
    expect((await undertone(args)).code).toBe(0);
    sameTables(folder, out('features'), ['features.csv', 'errors.csv', 'frames.parquet']);
    expect(readTable(folder, 'errors.csv')).toEqual([]);
    const matrices = readdirSync(join(folder, 'npy'));
    expect(matrices.sort()).toEqual(readdirSync(join(out('features'), 'npy')).sort());
    for (const name of matrices) sameTables(join(folder, 'npy'), join(out('features'), 'npy'), [name]);
  });

  it('a limit on file sizes is no fault of the recordings', async () => {
    for (const [verb, flags, reference] of [
      ['run', runFlags, 'run'],
      ['features', featureFlags, 'features'],
    ] as const) {
      const folder = out(`limited-${verb}`);
      const args = [cliPath, verb, input, '--out', folder, ...flags];
      const { exitCode, stderr } = await execa('sh', ['-c', 'ulimit -f 8; exec node "$@"', 'sh', ...args], {
        reject: false,
      });
      expect(exitCode, stderr).toBe(75);
      expect(stderr.trimEnd().split('\n').at(-1)).toMatch(full);
      expect((await undertone(args.slice(1))).code).toBe(0);
      sameTables(folder, out(reference), ['errors.csv', verb === 'run' ? 'segments.csv' : 'features.csv']);
    }
  });

  const mounted = join(work, 'mounted');
  const canMount = ((): boolean => {
    mkdirSync(mounted);
    const made = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', mounted]).status === 0;
    if (made) execFileSync('umount', [mounted]);
    return made;
  })();
  it.skipIf(!canMount)('a real small disk, made larger (needs the right to mount one)', async () => {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=48k', 'tmpfs', mounted]);
    try {
      const args = ['run', input, '--out', join(mounted, 'out'), ...runFlags];
      const outcome = await undertone(args);
      expect(outcome.code, outcome.stderr).toBe(75);
      expect(sentence(outcome)).toMatch(/no space left on device/i);
      execFileSync('mount', ['-o', 'remount,size=8m', mounted]);
      expect((await undertone(args)).code).toBe(0);
      sameTables(join(mounted, 'out'), out('run'), ['segments.csv', 'files.csv', 'segments.parquet']);
      execFileSync('mount', ['-o', 'remount,ro', mounted]);
      const readOnly = await undertone(['run', input, '--out', join(mounted, 'other')]);
      expect(readOnly.code).toBe(64);
      expect(sentence(readOnly)).toMatch(/can be made for --out but received ".*other": EROFS/);
    } finally {
      execFileSync('umount', [mounted]);
    }
  });
});

describe('an output folder that is none', () => {
  beforeAll(() => writeFileSync(out('file'), 'x'));

  it.each([
    ['a file', 'file'],
    ['below a file', 'file/sub'],
    ['a device', '/dev/full'],
    ['where nothing can be made', '/proc/undertone'],
    ['a link to nowhere', 'dangling'],
    ['a name of 256 bytes', 'x'.repeat(256)],
  ])('%s is refused at once', async (_what, name) => {
    if (name === 'dangling') symlinkSync(out('nowhere/at/all'), out(name));
    const target = name.startsWith('/') ? name : out(name);
    const outcome = await undertone(['run', input, '--out', target]);
    expect(outcome.code, outcome.stderr).toBe(64);
    expect(outcome.stderr.trim()).toMatch(
      /^Expected a folder that can be made for --out but received ".*": E[A-Z]+: .*$/,
    );
  });

  it('a link to a folder is that folder', async () => {
    mkdirSync(out('real'));
    symlinkSync(out('real'), out('link'));
    expect((await undertone(['run', input, '--out', out('link'), ...runFlags])).code).toBe(0);
    sameTables(out('real'), out('run'), ['segments.csv']);
  });

  const plainUser = process.getuid?.() === 0 ? { uid: 65534, gid: 65534 } : {};
  const cannotRun = spawnSync('node', [cliPath, '--version'], plainUser).status !== 0;
  it.skipIf(cannotRun)(
    'one that may not be written (needs a program that a plain user may read)',
    async () => {
      const as = async (args: readonly string[]): Promise<Outcome> => {
        const { exitCode, stdout, stderr } = await execa('node', [cliPath, ...args], {
          reject: false,
          ...plainUser,
        });
        return { code: exitCode ?? -1, stdout, stderr };
      };
      mkdirSync(out('theirs'), { mode: 0o555 });
      const made = await as(['run', input, '--out', join(out('theirs'), 'out')]);
      expect(made.code, made.stderr).toBe(64);
      expect(sentence(made)).toMatch(
        /can be made for --out but received ".*theirs\/out": EACCES: permission denied/,
      );

      // A run that is there, whose folder lost its write permission.
      execFileSync('cp', ['-r', out('run'), out('frozen')]);
      execFileSync('chmod', ['-R', 'a-w', out('frozen')]);
      const frozen = await as(['run', input, '--out', out('frozen'), ...runFlags]);
      execFileSync('chmod', ['-R', 'u+w', out('frozen')]);
      expect(frozen.code, frozen.stderr).toBe(75);
      expect(sentence(frozen)).toMatch(/^Output folder cannot be written \(EACCES: permission denied/);
      sameTables(out('frozen'), out('run'), ['segments.csv', 'files.csv']);
    },
  );
});

it('an output folder that goes away in the middle does not come back by itself', async () => {
  const folder = out('gone');
  // One worker and a long recording each: there is a middle.
  const long = out('long');
  mkdirSync(long);
  const bytes = wav16(babble(300, 16000, 1), 16000);
  for (let i = 0; i < 16; ++i) writeFileSync(join(long, `${i}.wav`), bytes);
  const args = ['run', long, '--out', folder, '--workers', '1'];
  const run = start(args);
  while (commits(folder) < 1 && run.exitCode === null) await new Promise((resolve) => setTimeout(resolve, 5));
  rmSync(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 5 });
  const { exitCode, stderr } = await run;
  expect(exitCode, String(stderr)).toBe(75);
  expect(String(stderr)).toMatch(/Output folder cannot be written \(ENOENT/);
  expect(existsSync(join(folder, 'segments.csv'))).toBe(false);
  expect((await undertone(args)).code).toBe(0);
  expect(readTable(folder, 'files.csv')).toHaveLength(16);
});

describe('standard streams', () => {
  const shell = async (script: string): Promise<{ exitCode?: number; stderr: string; stdout: string }> =>
    execa(
      'bash',
      ['-o', 'pipefail', '-c', script, 'bash', cliPath, join(input, '0.wav'), input, out('streams')],
      {
        reject: false,
      },
    );

  it('standard output that is full ends a command with one sentence', async () => {
    const { exitCode, stderr } = await shell('node "$1" inspect --json "$2" > /dev/full');
    expect(exitCode).toBe(75);
    expect(stderr).toBe('Standard output cannot be written: ENOSPC: no space left on device, write');
  });

  it('a reader that goes away is no error', async () => {
    const { stderr, stdout } = await shell('node "$1" features --list | head -1; echo $PIPESTATUS');
    expect(stderr).toBe('');
    expect(stdout).toMatch(/^set .*\n0$/s);
  });

  it('messages that nobody can read do not end a run', async () => {
    const { exitCode } = await shell('node "$1" run "$3" --out "$4" 2> /dev/full');
    expect(exitCode).toBe(0);
    const closed = await shell('node "$1" run "$3" --out "$4-2" 2>&1 >/dev/null | true; exit $PIPESTATUS');
    expect(closed.exitCode).toBe(0);
    sameTables(out('streams-2'), out('run'), ['segments.csv']);
  });
});

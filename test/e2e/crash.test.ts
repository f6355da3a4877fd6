/**
 * Killed or without power at any change to the output folder: the same command goes on to the same bytes.
 * Some moments, spread over the run; UNDERTONE_TEST_CRASH=all takes every one, a number that many.
 */
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
import { type Commit, sha256Hex } from '@undertone/shared';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CrashingFolder } from '../fixtures/crashes.ts';
import { babble, wav16 } from '../fixtures/wav.ts';
import { start, undertone } from './cli.ts';

const work = mkdtempSync(join(tmpdir(), 'undertone-crashes-'));
const input = join(work, 'in');
const whole = join(work, 'whole');
const TABLES = ['segments.csv', 'files.csv', 'errors.csv', 'files.parquet'];
const commandFor = (folder: string): string[] => [
  'run',
  input,
  '--out',
  folder,
  '--workers',
  '1',
  '--formats',
  'csv,parquet',
  '--quiet',
];
let changes = 0;
afterAll(() => rmSync(work, { recursive: true }));
beforeAll(async () => {
  mkdirSync(input);
  for (let i = 0; i < 9; ++i) writeFileSync(join(input, `${i}.wav`), wav16(babble(20, 8000, i), 8000));
  const undisturbed = new CrashingFolder(whole);
  const { exitCode, stderr } = await start(commandFor(whole), { env: undisturbed.environment(0) });
  expect(exitCode, String(stderr)).toBe(0);
  changes = undisturbed.changes;
  undisturbed.remove();
  expect(readdirSync(join(whole, 'shards')).length).toBeGreaterThan(1);
});

/** Kills the command at a change, maybe cuts the power, runs the command again, compares and proves. */
async function crashAt(at: number, what: 'killed' | 'power', noLinks = false): Promise<void> {
  const folder = join(work, `${what}-${at}`);
  const crashing = new CrashingFolder(folder);
  const where = `${what} at change ${at} of ${changes}`;
  const ended = await start(commandFor(folder), { env: crashing.environment(at, noLinks), detached: true });
  expect(ended.signal, where).toBe('SIGKILL');
  if (what === 'power') {
    crashing.cutPower();
    expectWholeCommits(folder, where);
  }
  const { exitCode, stderr } = await start(commandFor(folder), { env: crashing.environment(0, noLinks) });
  expect(exitCode, `${where}: ${stderr}`).toBe(0);
  for (const table of TABLES)
    expect(
      readFileSync(join(folder, table)).equals(readFileSync(join(whole, table))),
      `${where}: ${table}`,
    ).toBe(true);
  const proof = await undertone(['verify', folder]);
  expect(proof.code, `${where}: ${proof.stdout}`).toBe(0);
  crashing.remove();
  rmSync(folder, { recursive: true });
}

/** What a commit names is on disk before the commit is. */
function expectWholeCommits(folder: string, where: string): void {
  const shards = join(folder, 'shards');
  for (const shard of existsSync(shards) ? readdirSync(shards) : []) {
    const file = join(shards, shard, 'COMMIT.json');
    if (!existsSync(file)) continue;
    const { parts } = JSON.parse(readFileSync(file, 'utf8')) as Commit;
    for (const part of parts)
      expect(sha256Hex(readFileSync(join(shards, shard, part.file))), `${where}: ${part.file}`).toBe(
        part.sha256,
      );
  }
}

/** `all`, or how many moments of each kind. */
const asked = process.env.UNDERTONE_TEST_CRASH;

/** Changes from 1, spread evenly. */
function moments(usual: number): number[] {
  const count = asked === 'all' ? changes : Number(asked ?? usual);
  return Array.from({ length: count }, (_, i) => 1 + Math.floor(((i + 0.5) * changes) / count));
}

describe('the output folder', () => {
  it('counts changes, or the rest of this file proves nothing', () => {
    expect(changes).toBeGreaterThan(50);
  });

  it.each(['killed', 'power'] as const)(
    '%s at any change',
    async (what) => {
      for (const at of moments(6)) await crashAt(at, what);
    },
    3_600_000,
  );

  it('killed where there are no hard links', async () => {
    for (const at of moments(3)) await crashAt(at, 'killed', true);
  }, 3_600_000);
});

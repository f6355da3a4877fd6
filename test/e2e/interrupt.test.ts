/** Ctrl-C: what is committed stays, the same command goes on, and the tables have the bytes of an undisturbed run. */
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { babble, wav16 } from '../fixtures/wav.ts';
import { readBytes, start, undertone } from './cli.ts';

const work = mkdtempSync(join(tmpdir(), 'undertone-interrupt-'));
afterAll(() => rmSync(work, { recursive: true }));

function commits(out: string): number {
  try {
    return readdirSync(join(out, 'shards'), { recursive: true, encoding: 'utf8' }).filter((name) =>
      /^[^/]+\/COMMIT\.json$/.test(name),
    ).length;
  } catch {
    return 0;
  }
}

it('interrupted between shards, then resumed', async () => {
  const folder = join(work, 'recordings');
  mkdirSync(folder);
  // One long recording written many times under other names: hours of audio, little to make.
  const bytes = wav16(babble(600, 16000, 1), 16000);
  for (let i = 0; i < 24; ++i) writeFileSync(join(folder, `${i}.wav`), bytes);
  const out = join(work, 'out');
  const run = start(['run', folder, '--out', out, '--workers', '1']);
  while (commits(out) < 2 && run.exitCode === null) await new Promise((resolve) => setTimeout(resolve, 20));
  run.kill('SIGINT');
  const stopped = await run;
  expect(stopped.exitCode, stopped.stderr).toBe(75);
  expect(stopped.stderr).toMatch(
    /Interrupted: \d+ of \d+ shards are committed; run the same command again to go on/,
  );
  expect(commits(out)).toBeGreaterThanOrEqual(2);
  expect(JSON.parse(readBytes(out, 'run.json')).state).toBe('interrupted');

  const resumed = await undertone(['run', folder, '--out', out, '--workers', '2']);
  expect(resumed.code, resumed.stderr).toBe(0);
  expect(resumed.stderr).toMatch(/recordings were already committed/);
  const whole = join(work, 'whole');
  await undertone(['run', folder, '--out', whole, '--workers', '2']);
  for (const table of ['segments.csv', 'files.csv', 'errors.csv']) {
    expect(readBytes(out, table) === readBytes(whole, table), table).toBe(true);
  }
});

it('killed at once, then resumed', async () => {
  const folder = join(work, 'recordings');
  const out = join(work, 'killed');
  const run = start(['run', folder, '--out', out, '--workers', '1']);
  while (commits(out) < 1 && run.exitCode === null) await new Promise((resolve) => setTimeout(resolve, 20));
  run.kill('SIGKILL');
  await run;
  const resumed = await undertone(['run', folder, '--out', out]);
  expect(resumed.code, resumed.stderr).toBe(0);
  expect(readBytes(out, 'segments.csv') === readBytes(join(work, 'whole'), 'segments.csv')).toBe(true);
});

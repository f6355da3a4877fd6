/** Stopped or killed, in any way: what is committed stays, and the same command gives the bytes of an undisturbed run. */
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { babble, wav16 } from '../fixtures/wav.ts';
import { readBytes, start, undertone } from './cli.ts';
import { childrenOf, isAlive, until } from './processes.ts';

const work = mkdtempSync(join(tmpdir(), 'undertone-interrupt-'));
const folder = join(work, 'recordings');
const whole = join(work, 'whole');
afterAll(() => rmSync(work, { recursive: true }));
beforeAll(async () => {
  mkdirSync(folder);
  // One long recording written many times under other names: hours of audio, little to make.
  const bytes = wav16(babble(600, 16000, 1), 16000);
  for (let i = 0; i < 12; ++i) writeFileSync(join(folder, `${i}.wav`), bytes);
  const { code, stderr } = await undertone(['run', folder, '--out', whole, '--workers', '2']);
  expect(code, stderr).toBe(0);
});

function commits(out: string): number {
  try {
    return readdirSync(join(out, 'shards'), { recursive: true, encoding: 'utf8' }).filter((name) =>
      /^[^/]+\/COMMIT\.json$/.test(name),
    ).length;
  } catch {
    return 0;
  }
}

/** A run of one worker, when some of its shards are committed. */
async function underWay(out: string, options: { detached?: boolean } = {}) {
  const run = start(['run', folder, '--out', out, '--workers', '1'], options);
  await until(() => commits(out) >= 2 || run.exitCode !== null, 'two commits');
  expect(run.exitCode, 'the run must still be at work').toBe(null);
  const [runner] = childrenOf(run.pid ?? 0);
  if (!run.pid || !runner) throw new Error('No runner');
  return { run, supervisor: run.pid, runner };
}

function expectWhole(out: string): void {
  for (const table of ['segments.csv', 'files.csv', 'errors.csv']) {
    expect(readBytes(out, table) === readBytes(whole, table), table).toBe(true);
  }
}

async function expectToGoOn(out: string): Promise<void> {
  const resumed = await undertone(['run', folder, '--out', out, '--workers', '2']);
  expect(resumed.code, resumed.stderr).toBe(0);
  expect(resumed.stderr).toMatch(/recordings were already committed/);
  expectWhole(out);
}

describe('asked to stop', () => {
  it.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)('%s, then the same command', async (signal) => {
    const out = join(work, signal);
    const { run } = await underWay(out);
    run.kill(signal);
    const stopped = await run;
    expect(stopped.exitCode, String(stopped.stderr)).toBe(75);
    expect(stopped.stderr).toMatch(
      /Interrupted: \d+ of \d+ shards are committed; run the same command again to go on/,
    );
    expect(JSON.parse(readBytes(out, 'run.json')).state).toBe('interrupted');
    if (signal === 'SIGINT') await expectToGoOn(out);
  });

  it('as a terminal does it: to every process of the group at once', async () => {
    const out = join(work, 'group-stop');
    const { run, supervisor } = await underWay(out, { detached: true });
    process.kill(-supervisor, 'SIGINT');
    const stopped = await run;
    expect(stopped.exitCode, String(stopped.stderr)).toBe(75);
    expect(JSON.parse(readBytes(out, 'run.json')).state).toBe('interrupted');
  });

  it('the runner alone', async () => {
    const out = join(work, 'runner-stop');
    const { run, runner } = await underWay(out);
    process.kill(runner, 'SIGTERM');
    expect((await run).exitCode).toBe(75);
  });
});

describe('killed', () => {
  it('the supervisor: its runner ends too', async () => {
    const out = join(work, 'supervisor');
    const { run, runner } = await underWay(out);
    run.kill('SIGKILL');
    await run;
    await until(() => !isAlive(runner), 'the end of the runner');
    await expectToGoOn(out);
  });

  it('the process group', async () => {
    const out = join(work, 'group');
    const { run, supervisor, runner } = await underWay(out, { detached: true });
    process.kill(-supervisor, 'SIGKILL');
    await run;
    await until(() => !isAlive(runner), 'the end of the runner');
    await expectToGoOn(out);
  });

  it('the runner: the supervisor starts another, and the run ends as if nothing had happened', async () => {
    const out = join(work, 'runner');
    const { run, runner } = await underWay(out);
    process.kill(runner, 'SIGKILL');
    const ended = await run;
    expect(ended.exitCode, String(ended.stderr)).toBe(0);
    expect(ended.stderr).toContain('SIGKILL');
    expectWhole(out);
  });
});

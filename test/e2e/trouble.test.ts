/** Recordings that crash the program or hang it: each becomes its own row, and no other row is lost or changed. */
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildTrouble, noTrouble } from '../fixtures/trouble.ts';
import { babble, wav16 } from '../fixtures/wav.ts';
import { readBytes, readTable, type TableRow, undertone } from './cli.ts';

const work = mkdtempSync(join(tmpdir(), 'undertone-crash-'));
const folder = join(work, 'recordings');
const calm = join(work, 'calm');
const GOOD = 30;
const bad = ['05-crash-on-open.wav', '11-crash-on-read.wav', '17-hang-on-open.wav'];
let trouble: Record<string, string> = {};

afterAll(() => rmSync(work, { recursive: true }));
beforeAll(async () => {
  mkdirSync(folder);
  for (let i = 0; i < GOOD; ++i)
    writeFileSync(join(folder, `${String(i).padStart(2, '0')}.wav`), wav16(babble(7, 16000, i + 1), 16000));
  for (const [i, name] of bad.entries())
    writeFileSync(join(folder, name), wav16(babble(7, 16000, 100 + i), 16000));
  if (noTrouble) return;
  trouble = buildTrouble(work);
  // Without the library they are recordings like any other.
  const { code, stderr } = await undertone(['run', folder, '--out', calm]);
  expect(code, stderr).toBe(0);
});

const run = (out: string, ...flags: string[]) =>
  undertone(
    ['run', folder, '--out', out, '--record-timeout', '4', '--max-error-share', '0.2', ...flags],
    '',
    trouble,
  );

const good = (rows: readonly TableRow[]): TableRow[] =>
  rows.filter(({ file }) => !bad.some((name) => file?.endsWith(name)));

const outcomes = (out: string): Record<string, string> =>
  Object.fromEntries(readTable(out, 'errors.csv').map((row) => [row.file ?? '', row.error_code ?? '']));

const expected = {
  './05-crash-on-open.wav': 'crash',
  './11-crash-on-read.wav': 'crash',
  './17-hang-on-open.wav': 'timeout',
};

describe.skipIf(noTrouble)(`crashes and hangs${noTrouble ? ` (${noTrouble})` : ''}`, () => {
  it.each(['1', '3'])('with %s workers', async (workers) => {
    const out = join(work, `w${workers}`);
    const { code, stderr } = await run(out, '--workers', workers);
    expect(code, stderr).toBe(0);
    expect(outcomes(out)).toEqual(expected);
    for (const table of ['segments.csv', 'files.csv'])
      expect(good(readTable(out, table)), table).toEqual(good(readTable(calm, table)));
    expect(stderr).toMatch(/The runner process died \(SIGSEGV\).*: starting another/);
    expect(stderr).toContain(
      './11-crash-on-read.wav: Processing ends the program (SIGSEGV) (error_code crash)',
    );
    expect(stderr).toMatch(/hung and was killed while at .*17-hang-on-open\.wav/);
    const { incidents } = JSON.parse(readBytes(out, 'run.json'));
    expect(incidents.map((one: { kind: string }) => one.kind)).toContain('timeout');
    expect(incidents.map((one: { kind: string }) => one.kind)).toContain('crash');
  });

  it('gives the same bytes whatever the workers', () => {
    for (const table of ['segments.csv', 'files.csv', 'errors.csv'])
      expect(readBytes(work, 'w3', table) === readBytes(work, 'w1', table), table).toBe(true);
  });

  it('leaves them alone when the run is given again', async () => {
    const out = join(work, 'w1');
    const before = readBytes(out, 'files.csv');
    expect(readdirSync(join(out, 'quarantine'))).toHaveLength(bad.length);
    rmSync(join(out, 'shards'), { recursive: true });
    const { code, stderr } = await run(out);
    expect(code, stderr).toBe(0);
    expect(stderr).not.toContain('The runner process');
    expect(readBytes(out, 'files.csv') === before).toBe(true);
  });

  it('of the features too, which leave no matrix of a culprit', async () => {
    const out = join(work, 'features');
    const { code, stderr } = await undertone(
      [
        'features',
        folder,
        '--out',
        out,
        '--set',
        'kaldi-mfcc-13',
        '--record-timeout',
        '4',
        '--max-error-share',
        '0.2',
      ],
      '',
      trouble,
    );
    expect(code, stderr).toBe(0);
    expect(outcomes(out)).toEqual(expected);
    expect(good(readTable(out, 'features.csv'))).toHaveLength(GOOD);
    expect(existsSync(join(out, 'npy', '00.wav.npy'))).toBe(true);
    expect(readdirSync(join(out, 'npy'))).toHaveLength(GOOD);
  });
});

describe.skipIf(noTrouble)(`memory${noTrouble ? ` (${noTrouble})` : ''}`, () => {
  const fat = join(work, 'fat');
  beforeAll(() => {
    mkdirSync(fat);
    // Longer than a minute: each is a shard of its own.
    for (let i = 0; i < 4; ++i)
      writeFileSync(join(fat, `${i}-eat-on-open.wav`), wav16(babble(70, 16000, i + 1), 16000));
  });
  const go = (out: string, env: Record<string, string>, ...flags: string[]) =>
    undertone(['run', fat, '--out', join(work, out), '--workers', '1', ...flags], '', env);

  it('that is never given back ends the process between shards, and another one goes on', async () => {
    expect((await go('lean', {})).code).toBe(0);
    const { code, stderr } = await go('eaten', trouble, '--memory-limit', '600');
    expect(code, stderr).toBe(0);
    expect(stderr).toMatch(/The runner process holds \d+ MB of memory: another one goes on/);
    const { incidents } = JSON.parse(readBytes(work, 'eaten', 'run.json'));
    expect(incidents.length).toBeGreaterThan(0);
    for (const incident of incidents) expect(incident).toMatchObject({ kind: 'memory', files: [] });
    for (const table of ['segments.csv', 'files.csv', 'errors.csv'])
      expect(readBytes(work, 'eaten', table) === readBytes(work, 'lean', table), table).toBe(true);
  });

  it('less than an idle process takes is no limit', async () => {
    const { code, stderr } = await go('tight', {}, '--memory-limit', '10');
    expect(code, stderr).toBe(0);
    expect(stderr).toContain('takes more than --memory-limit 10 MB: the limit is left out of account');
    expect(stderr).not.toContain('another one goes on');
  });
});

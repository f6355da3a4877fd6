/** A run done in parts, on one folder or on several; `merge` and `verify`. The bytes are those of one undisturbed run. */
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { babble, wav16 } from '../fixtures/wav.ts';
import { readBytes, undertone } from './cli.ts';

const work = mkdtempSync(join(tmpdir(), 'undertone-parts-'));
const input = join(work, 'in');
const out = (name: string): string => join(work, name);
const TABLES = ['segments.csv', 'files.csv', 'errors.csv', 'segments.parquet'];
const flags = ['--formats', 'csv,parquet', '--max-error-share', '1', '--quiet'];
const RECORDINGS = 30;
afterAll(() => rmSync(work, { recursive: true }));
beforeAll(async () => {
  mkdirSync(join(input, 'sub'), { recursive: true });
  for (let i = 0; i < RECORDINGS; ++i) {
    const name = `${i % 3 === 0 ? 'sub/' : ''}${String(i).padStart(2, '0')}.wav`;
    writeFileSync(join(input, name), i === 7 ? 'no audio' : wav16(babble(20, 8000, i), 8000));
  }
  expect((await undertone(['run', input, '--out', out('whole'), ...flags])).code).toBe(0);
});

const expectWhole = (folder: string): void => {
  for (const table of TABLES) {
    expect(readFileSync(join(folder, table)).equals(readFileSync(join(out('whole'), table))), table).toBe(
      true,
    );
  }
};

interface Verdict {
  verdict: string;
  records: number;
  recordsCommitted: number;
  shards: number;
  shardsCommitted: number;
  compared: string[];
  problems: { what: string; todo: string }[];
  notes: string[];
}
async function verify(folder: string): Promise<Verdict & { code: number }> {
  const { code, stdout, stderr } = await undertone(['verify', folder, '--json']);
  expect(stderr).toBe('');
  return { code, ...(JSON.parse(stdout) as Verdict) };
}

describe('parts on one folder', () => {
  it('all started at once agree on a plan; merge gives the bytes of one run', async () => {
    const folder = out('parts');
    const parts = await Promise.all(
      [1, 2, 3, 4].map((i) =>
        undertone(['run', input, '--out', folder, '--shard', `${i}/4`, '--workers', '1', ...flags]),
      ),
    );
    expect(
      parts.map(({ code }) => code),
      parts.map(({ stderr }) => stderr).join(),
    ).toEqual([0, 0, 0, 0]);
    expect(readdirSync(folder)).not.toContain('segments.csv');
    expect(await verify(folder)).toMatchObject({
      code: 75,
      verdict: 'unfinished',
      recordsCommitted: RECORDINGS,
    });
    const merged = await undertone(['merge', folder]);
    expect(merged.code, merged.stderr).toBe(0);
    expectWhole(folder);
    expect(await verify(folder)).toMatchObject({ code: 0, verdict: 'finished', problems: [], notes: [] });
    expect(readdirSync(folder).filter((name) => name.startsWith('.'))).toEqual([]);
  });

  it('a part says what is missing, merge refuses with 75, and a plain run does the rest', async () => {
    const folder = out('rest');
    const loud = flags.filter((flag) => flag !== '--quiet');
    const part = await undertone(['run', input, '--out', folder, '--shard', '2/3', ...loud]);
    expect(part.code, part.stderr).toBe(0);
    expect(part.stderr).toMatch(
      /Part 2 of 3 is done: (\d+) of (\d+) shards of the plan are committed in .*rest/,
    );
    expect(part.stderr).toMatch(/when every part is done, `undertone merge .*rest` writes them/);
    const early = await undertone(['merge', folder]);
    expect(early.code).toBe(75);
    expect(early.stderr).toMatch(
      /^\d+ of \d+ shards are committed in ".*rest"; missing: 1, .*Give the command of the run again to do them$/,
    );
    expect((await undertone(['run', input, '--out', folder, ...flags])).code).toBe(0);
    expectWhole(folder);
  });

  it('works by the plan that is there, even when recordings have come since', async () => {
    const folder = out('fixed');
    const growing = join(work, 'growing');
    cpSync(input, growing, { recursive: true });
    await undertone(['run', growing, '--out', folder, '--shard', '1/2', ...flags]);
    writeFileSync(join(growing, '99.wav'), wav16(babble(20, 8000, 99), 8000));
    await undertone(['run', growing, '--out', folder, '--shard', '2/2', ...flags]);
    expect((await undertone(['merge', folder, '--quiet'])).code).toBe(0);
    expectWhole(folder);
  });

  it('refuses other inputs and other settings', async () => {
    const other = await undertone([
      'run',
      join(input, 'sub'),
      '--out',
      out('parts'),
      '--shard',
      '1/4',
      ...flags,
    ]);
    expect(other.code).toBe(64);
    expect(other.stderr).toMatch(
      /was planned for the inputs .*: every part of a run needs the same inputs and settings/,
    );
    const hop = await undertone([
      'run',
      input,
      '--out',
      out('parts'),
      '--shard',
      '1/4',
      '--hop',
      '3',
      ...flags,
    ]);
    expect(hop.code).toBe(64);
    expect(hop.stderr).toMatch(/hop \(was 1\.5, now 3\)/);
  });

  it('takes 1/1 for the whole plan', async () => {
    const folder = out('one');
    expect((await undertone(['run', input, '--out', folder, '--shard', '1/1', ...flags])).code).toBe(0);
    expect((await undertone(['merge', folder])).code).toBe(0);
    expectWhole(folder);
  });
});

describe('parts on folders of their own', () => {
  const mounted = join(work, 'mounted-elsewhere');
  beforeAll(async () => {
    // Another machine: another root, other times of change.
    cpSync(input, mounted, { recursive: true });
    for (const name of readdirSync(mounted)) utimesSync(join(mounted, name), 1, 1);
    await undertone(['run', input, '--out', out('m1'), '--shard', '1/2', ...flags]);
    await undertone(['run', mounted, '--out', out('m2'), '--shard', '2/2', ...flags]);
  });

  it('are joined into the bytes of one run', async () => {
    const { code, stderr } = await undertone(['merge', out('m1'), out('m2'), '--out', out('joined')]);
    expect(code, stderr).toBe(0);
    expectWhole(out('joined'));
    expect(await verify(out('joined'))).toMatchObject({ code: 0, verdict: 'finished' });
    // Nothing was taken away from the parts.
    expect((await verify(out('m2'))).problems).toEqual([]);
  });

  it('leave out a damaged shard and say that it is missing', async () => {
    cpSync(out('m2'), out('m2-damaged'), { recursive: true });
    const shards = join(out('m2-damaged'), 'shards');
    const [shard = ''] = readdirSync(shards);
    const [attempt = ''] = readdirSync(join(shards, shard)).filter((name) => name.startsWith('.attempt'));
    const part = join(shards, shard, attempt, 'part.files.csv');
    const bytes = readFileSync(part);
    bytes.writeUInt8((bytes.at(-5) ?? 0) ^ 1, bytes.length - 5);
    writeFileSync(part, bytes);
    const { code, stderr } = await undertone(['merge', out('m1'), out('m2-damaged'), '--out', out('j2')]);
    expect(code).toBe(75);
    expect(stderr).toMatch(/shards are committed in ".*j2"; missing: \d+\. /);
    // The whole folder has it: merging goes on from there.
    expect((await undertone(['merge', out('m2'), '--out', out('j2')])).code).toBe(0);
    expectWhole(out('j2'));
  });

  it('need --out, the same recordings, the same settings, and a run', async () => {
    const refused = async (...args: string[]): Promise<string> => {
      const { code, stderr } = await undertone(['merge', ...args]);
      expect(code).toBe(64);
      return stderr;
    };
    expect(await refused(out('m1'), out('m2'))).toBe(
      'Missing --out: several folders are joined in a folder of their own',
    );
    await undertone(['run', join(input, 'sub'), '--out', out('sub'), ...flags]);
    expect(await refused(out('m1'), out('sub'), '--out', out('x'))).toMatch(
      /"[^"]*sub" holds other recordings than "[^"]*m1", e\.g\. "\.\/0[01]\.wav": only parts of one run can be joined/,
    );
    await undertone(['run', input, '--out', out('hop'), '--hop', '3', '--shard', '1/9', ...flags]);
    expect(await refused(out('m1'), out('hop'), '--out', out('x'))).toMatch(
      /holds a run with other settings than .*: hop \(was 1\.5, now 3\)\. Only parts of one run can be joined/,
    );
    expect(await refused(out('nothing'))).toMatch(/holds no run: there is no run\.json in it/);
  });
});

describe('features in parts', () => {
  it('brings the matrices along', async () => {
    const of = [
      'features',
      input,
      '--set',
      'kaldi-mfcc-13',
      '--formats',
      'npy,csv',
      '--max-error-share',
      '1',
      '--quiet',
    ];
    await undertone([...of, '--out', out('f')]);
    await undertone([...of, '--out', out('f1'), '--shard', '1/2']);
    await undertone([...of, '--out', out('f2'), '--shard', '2/2']);
    expect((await undertone(['merge', out('f1'), out('f2'), '--out', out('fj'), '--quiet'])).code).toBe(0);
    const names = readdirSync(join(out('f'), 'npy'), { recursive: true, encoding: 'utf8' }).filter((name) =>
      name.endsWith('.npy'),
    );
    expect(names).toHaveLength(RECORDINGS - 1);
    for (const name of [
      'features.csv',
      'frames.csv',
      'errors.csv',
      'features.json',
      ...names.map((n) => join('npy', n)),
    ])
      expect(readFileSync(join(out('fj'), name)).equals(readFileSync(join(out('f'), name))), name).toBe(true);
    expect(await verify(out('fj'))).toMatchObject({ verdict: 'finished' });
    truncateSync(join(out('fj'), 'npy', names[0] ?? ''), 200);
    const { verdict, problems } = await verify(out('fj'));
    expect(verdict).toBe('damaged');
    expect(problems[0]?.what).toMatch(/\.npy" has 200 bytes, not \d+/);
  });
});

describe('verify', () => {
  const copy = (name: string): string => {
    cpSync(out('whole'), out(name), { recursive: true });
    return out(name);
  };
  const shardOf = (folder: string, which: number): string =>
    join(folder, 'shards', readdirSync(join(folder, 'shards'))[which] ?? '');

  it('proves a finished run, in words too', async () => {
    const { code, stdout } = await undertone(['verify', out('whole')]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/30 of 30 recordings in (\d+) of \1 shards are committed and right/);
    expect(stdout).toMatch(/Equal to the shards, byte by byte: segments\.csv, segments\.parquet, files\.csv/);
    expect(stdout).toMatch(/Finished and right: every recording has its rows/);
  });

  it.each([
    [
      'a changed table',
      (folder: string) => flip(join(folder, 'segments.csv')),
      /segments\.csv is not what the shards give/,
    ],
    ['a lost table', (folder: string) => rmSync(join(folder, 'files.csv')), /files\.csv is missing/],
    [
      'a changed part',
      (folder: string) => flip(join(shardOf(folder, 0), attemptIn(shardOf(folder, 0)), 'part.segments.csv')),
      /does not match its digest/,
    ],
    [
      'a torn commit',
      (folder: string) => truncateSync(join(shardOf(folder, 1), 'COMMIT.json'), 30),
      /its commit is damaged, or a part is missing or cut short/,
    ],
    [
      'a changed plan',
      (folder: string) => flip(join(folder, 'plan.jsonl')),
      /plan\.jsonl" is missing or damaged/,
    ],
    [
      'a torn run.json',
      (folder: string) => truncateSync(join(folder, 'run.json'), 50),
      /run\.json" is damaged or not a run record/,
    ],
    [
      'totals that are not those of the shards',
      (folder: string) => {
        const path = join(folder, 'run.json');
        writeFileSync(path, readBytes(path).replace('"records": 30', '"records": 31'));
      },
      /run\.json has other totals than the shards/,
    ],
  ] as const)('finds %s, and the same command puts it right', async (_what, damage, message) => {
    const folder = copy(`damaged-${_what.replaceAll(' ', '-')}`);
    damage(folder);
    const { code, verdict, problems } = await verify(folder);
    expect([code, verdict]).toEqual([65, 'damaged']);
    expect(problems.map(({ what }) => what).join('\n')).toMatch(message);
    for (const { todo } of problems)
      expect(todo).toMatch(/give the command of the run again|undertone merge/);
    // A plan is deleted first, as it says; a digest that is wrong shows at the merge, and asks for once more.
    if (_what === 'a changed plan') rmSync(join(folder, 'plan.jsonl'));
    const again = await undertone(['run', input, '--out', folder, ...flags]);
    if (_what === 'a changed part') {
      expect(again.code).toBe(75);
      await undertone(['run', input, '--out', folder, ...flags]);
    }
    expect(await verify(folder)).toMatchObject({ code: 0, verdict: 'finished' });
    expectWhole(folder);
  });

  it('proves an unfinished run as far as it is', async () => {
    const folder = copy('unfinished');
    rmSync(shardOf(folder, 0), { recursive: true });
    const { code, verdict, shards, shardsCommitted } = await verify(folder);
    expect([code, verdict]).toEqual([75, 'unfinished']);
    expect(shardsCommitted).toBe(shards - 1);
  });

  it('refuses a folder without a run', async () => {
    const { code, stderr } = await undertone(['verify', input]);
    expect(code).toBe(64);
    expect(stderr).toMatch(/holds no run: there is no run\.json in it/);
  });
});

const attemptIn = (shard: string): string =>
  readdirSync(shard).find((name) => name.startsWith('.attempt')) ?? '';

/** Changes one byte in the middle of the last quarter. */
function flip(path: string): void {
  const bytes = readFileSync(path);
  const at = Math.floor(bytes.length * 0.9);
  bytes.writeUInt8((bytes.at(at) ?? 0) ^ 1, at);
  writeFileSync(path, bytes);
}

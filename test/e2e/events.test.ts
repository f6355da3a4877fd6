/** `--json`: every event is one of docs/events.md with its fields; what is printed where; readers that go away. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { EVENTS } from '../../packages/batch-runner/src/report/events.ts';
import { babble, wav16 } from '../fixtures/wav.ts';
import { readBytes, start, undertone } from './cli.ts';

type Event = { readonly event: string } & Readonly<Record<string, unknown>>;

const work = mkdtempSync(join(tmpdir(), 'undertone-events-'));
const folder = join(work, 'recordings');
const page = readFileSync(fileURLToPath(new URL('../../docs/events.md', import.meta.url)), 'utf8');

afterAll(() => rmSync(work, { recursive: true }));
beforeAll(() => {
  mkdirSync(folder);
  for (let i = 0; i < 3; ++i) writeFileSync(join(folder, `${i}.wav`), wav16(babble(90, 16000, i + 1), 16000));
  writeFileSync(join(folder, 'broken.wav'), 'RIFF');
});

const parsed = (stdout: string): Event[] =>
  stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Event);
const named = (events: readonly Event[], name: string): Event[] =>
  events.filter(({ event }) => event === name);
const FLAGS = ['--workers', '1', '--max-error-share', '1'];

/** Field names that the page gives an event. */
function documented(name: string): string {
  const row = page.split('\n').find((line) => line.startsWith(`| \`${name}\` |`));
  if (!row) throw new Error(`docs/events.md has no ${name}`);
  return row;
}

describe('the stream of events', () => {
  it('has the closed list of names that the page has', () => {
    const inPage = [...page.matchAll(/^\| `(\w+)` \|/gm)].map((match) => match[1]);
    expect([...inPage].sort()).toEqual([...EVENTS].sort());
  });

  it('tells a run from plan to done, and nothing else stands on standard output', async () => {
    const out = join(work, 'a');
    const { code, stdout, stderr } = await undertone([
      'run',
      folder,
      '--out',
      out,
      '--json',
      '--verbose',
      ...FLAGS,
    ]);
    expect(code, stderr).toBe(0);
    const events = parsed(stdout);
    expect(events[0]).toMatchObject({
      event: 'plan',
      files: 4,
      committed: { shards: 0, files: 0, errors: 0 },
    });
    expect(Math.round(Number(events[0]?.audioSeconds))).toBe(270);
    expect(events.at(-1)).toMatchObject({ event: 'done', records: 4, errors: 1, resumedRecords: 0 });
    expect(named(events, 'progress').at(-1)).toMatchObject({
      files: 4,
      filesTotal: 4,
      errors: 1,
      etaSeconds: 0,
      workers: [],
    });
    expect(named(events, 'record_error')).toMatchObject([{ file: './broken.wav', channel: null }]);
    const shards = named(events, 'shard');
    expect(shards).toHaveLength(Number(events[0]?.shards));
    expect(shards.reduce((sum, { records }) => sum + Number(records), 0)).toBe(4);
    for (const event of events) {
      expect(EVENTS).toContain(event.event);
      expect(new Date(String(event.time)).toISOString()).toBe(event.time);
      for (const field of Object.keys(event).filter((key) => !['event', 'time'].includes(key)))
        expect(documented(event.event), `${event.event}.${field}`).toContain(`\`${field}\``);
    }
    expect(stderr).toContain('Tables in');
  });

  it('counts what an earlier call committed as done', async () => {
    const { stdout } = await undertone(['run', folder, '--out', join(work, 'a'), '--json', ...FLAGS]);
    const events = parsed(stdout);
    expect(events[0]).toMatchObject({ event: 'plan', files: 4, committed: { files: 4, errors: 1 } });
    expect(named(events, 'shard')).toEqual([]);
    expect(events.at(-1)).toMatchObject({ event: 'done', records: 4, resumedRecords: 4 });
  });

  it('ends with why it failed', async () => {
    const { code, stdout } = await undertone([
      'run',
      folder,
      '--out',
      join(work, 'a'),
      '--json',
      '--hop',
      '1',
      ...FLAGS,
    ]);
    expect(code).toBe(64);
    expect(parsed(stdout)).toMatchObject([{ event: 'failed', code: 'fingerprint_mismatch' }]);
  });

  it('is there for features too', async () => {
    const args = ['features', folder, '--out', join(work, 'f'), '--set', 'kaldi-mfcc-13', '--json', ...FLAGS];
    const { code, stdout, stderr } = await undertone(args);
    expect(code, stderr).toBe(0);
    expect(parsed(stdout).at(-1)).toMatchObject({ event: 'done', records: 4, errors: 1 });
  });
});

it.each([[['--json']], [[]]])('goes on when nobody listens any more (%s)', async (flags) => {
  const out = join(work, `closed${flags.length}`);
  const run = start(['run', folder, '--out', out, ...flags, ...FLAGS]);
  run.stdout?.destroy();
  run.stderr?.destroy();
  expect((await run).exitCode).toBe(0);
  expect(readBytes(out, 'segments.csv') === readBytes(work, 'a', 'segments.csv')).toBe(true);
});

it('a workers line each with -v', async () => {
  const out = join(work, 'v');
  const { code, stderr } = await undertone(['run', folder, '--out', out, '-v', ...FLAGS]);
  expect(code, stderr).toBe(0);
  expect(stderr).toContain('4/4 files');
});

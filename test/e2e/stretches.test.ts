/**
 * A model that pools windows by itself: what it says of a window is what the same network says of that window alone,
 * and no byte of a table tells how the work was cut.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { featureSet } from '@undertone/dsp-native';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  matrixCard,
  removeRoot,
  stretchCard,
  stretchModel,
  windowModel,
  writeModel,
} from '../conformance/inference-models.ts';
import { pink } from '../fixtures/sounds.ts';
import { babble, toCodes, wav16 } from '../fixtures/wav.ts';
import { PCM, pack, wav } from '../fixtures/wav-bytes.ts';
import { readBytes, readTable, undertone } from './cli.ts';

const work = mkdtempSync(join(tmpdir(), 'undertone-stretches-'));
const recordings = join(work, 'recordings');
afterAll(() => {
  rmSync(work, { recursive: true });
  removeRoot();
});

/** Windows of 3 s every 1.5 s, at most 4 of them in a stretch. */
const sizes = { frames: 300, hopFrames: 150, columns: 64, hidden: 12 };
const shared = {
  frontEnd: featureSet('undertone-logmel-64').frontEnd,
  window: { lengthS: 3, hopS: 1.5, scope: 'recording', padValue: -16.11809565095832, minS: 0.25 },
};
const axes = ['batch', 'frames', 'columns'];
const together = (): string =>
  writeModel(
    stretchCard({ ...shared, input: { name: 'x', axes, frames: 300, hopFrames: 150, windows: 4 } }),
    stretchModel(sizes),
    join(work, 'together'),
  );
const apart = (): string =>
  writeModel(
    matrixCard({ ...shared, input: { name: 'x', axes, frames: 300 } }),
    windowModel(sizes),
    join(work, 'apart'),
  );

/** Seconds whose windows are 1 to 5 and 8 and 9, ends that fall short of a window among them. */
const SHORT = [0.1, 0.3, 1, 3, 3.1, 4.5, 6, 7.4, 7.5, 9, 13.5, 14.9];

beforeAll(() => {
  mkdirSync(recordings);
  const write = (name: string, bytes: Uint8Array): void => writeFileSync(join(recordings, name), bytes);
  for (const [i, seconds] of SHORT.entries()) {
    write(`short-${i}.wav`, wav16(babble(seconds, 16000, 20 + i), 16000));
  }
  // Minutes of speech with digital silence and noise in it: some stretches are wanted in part, some not at all.
  const noise = pink(140, 16000, 0.02);
  const long = babble(140, 16000, 1).map((x, i) => {
    const t = i / 16000;
    if (t % 47 > 30) return 0;
    return (t % 31 < 17.9 ? x : 0.02 * x) + (noise[i] ?? 0);
  });
  write('long.wav', wav16(long, 16000));
  const [left, right] = [toCodes(babble(35, 8000, 2)), toCodes(babble(35, 8000, 3))];
  const both = Float64Array.from({ length: 2 * left.length }, (_, i) => (i % 2 ? right : left)[i >> 1] ?? 0);
  write('stereo.wav', wav({ tag: PCM, channels: 2, rate: 8000, bits: 16 }, pack('s16', both)));
  const twice = Float64Array.from({ length: 2 * left.length }, (_, i) => left[i >> 1] ?? 0);
  write('twice.wav', wav({ tag: PCM, channels: 2, rate: 8000, bits: 16 }, pack('s16', twice)));
  write('not-audio.wav', Buffer.from('RIFF\xff\xff\xff\x7fWAVEfmt ', 'latin1'));
  together();
  apart();
});

const out = (name: string): string => join(work, 'out', name);
async function run(name: string, model: 'together' | 'apart', ...flags: readonly string[]): Promise<void> {
  const args = ['--model', join(work, model), '--out', out(name), '--quiet', '--max-error-share', '1'];
  const { code, stderr } = await undertone(['run', recordings, ...args, ...flags]);
  expect(code, stderr).toBe(0);
}

const TABLES = ['segments.csv', 'files.csv', 'errors.csv'];
function expectSame(name: string, as = 'whole'): void {
  for (const table of TABLES) expect(readBytes(out(name), table), table).toBe(readBytes(out(as), table));
}

/** Numbers to a last digit or two: the two graphs add in another order. */
function expectAlike(name: string, as: string): void {
  for (const table of TABLES) {
    const [rows, expected] = [readTable(out(name), table), readTable(out(as), table)];
    expect(rows.length, table).toBe(expected.length);
    for (const [i, row] of rows.entries()) {
      for (const [column, value] of Object.entries(row)) {
        const other = expected[i]?.[column] ?? '';
        const where = `${table} row ${i} ${column}`;
        if (/^(p_|share_|confidence|margin|entropy)/.test(column) && other !== '') {
          expect(Math.abs(Number(value) - Number(other)), where).toBeLessThan(2e-4);
        } else expect(value, where).toBe(other);
      }
    }
  }
}

describe('the same bytes', () => {
  it('whole: the tables to compare with', async () => {
    await run('whole', 'together', '--workers', '1', '--piece', '0');
    const rows = readTable(out('whole'), 'segments.csv').filter(({ file }) => file === './long.wav');
    expect(rows.length).toBe(93);
    // Stretches of 4 windows with some, all and none of their windows scored.
    const scored = Array.from(
      { length: 23 },
      (_, k) => rows.slice(4 * k, 4 * k + 4).filter(({ label }) => label !== 'no_speech').length,
    );
    expect(new Set(scored)).toEqual(new Set([0, 1, 2, 3, 4].filter((n) => scored.includes(n))));
    expect(scored).toEqual(expect.arrayContaining([0, 4]));
    expect(scored.some((n) => n > 0 && n < 4)).toBe(true);
  });

  it.each([
    ['10', '2'],
    ['37', '1'],
  ])('in pieces of about %s s by %s workers', async (piece, workers) => {
    const name = `of-${piece}-by-${workers}`;
    await run(name, 'together', '--piece', piece, '--workers', workers);
    const pieces = readBytes(out(name), 'plan.jsonl')
      .split('\n')
      .flatMap((line) => (line.includes('"piece"') ? [JSON.parse(line).piece] : []));
    expect(pieces.length).toBeGreaterThan(3);
    for (const { firstWindow } of pieces) expect(firstWindow % 4).toBe(0);
    expectSame(name);
  });

  it('by two machines, and of a run that goes on where it was cut off', async () => {
    for (const part of ['1/2', '2/2'])
      await run(`part-${part[0]}`, 'together', '--piece', '10', '--shard', part);
    const merged = ['merge', out('part-1'), out('part-2'), '--out', out('merged'), '--quiet'];
    expect((await undertone(merged)).code).toBe(0);
    expectSame('merged');
    const { shards } = JSON.parse(readBytes(out('of-10-by-2'), 'shards.json')) as { shards: string[] };
    for (const shard of shards.filter((_, i) => i % 3 === 1)) {
      rmSync(join(out('of-10-by-2'), 'shards', shard), { recursive: true });
    }
    for (const table of TABLES) rmSync(join(out('of-10-by-2'), table));
    await run('of-10-by-2', 'together', '--piece', '10', '--workers', '2');
    expectSame('of-10-by-2');
  });
});

describe('the same scores as window by window', () => {
  it('of every window', async () => {
    await run('apart', 'apart');
    expectAlike('whole', 'apart');
  });

  it.each([
    ['speech', ['--segments', 'speech']],
    ['files', ['--segments', 'file', '--hop', '2', '--window', '2']],
    ['channels', ['--channels', 'split', '--min-speech', '0']],
  ])('of %s', async (name, flags) => {
    await run(`${name}-together`, 'together', ...flags);
    await run(`${name}-apart`, 'apart', ...flags);
    const rows = readTable(out(`${name}-apart`), 'segments.csv');
    expect(rows.length).toBeGreaterThan(10);
    expectAlike(`${name}-together`, `${name}-apart`);
  });

  it('a longer window is refused', async () => {
    const args = [
      '--model',
      join(work, 'together'),
      '--out',
      out('refused'),
      '--window',
      '4',
      '--hop',
      '1.5',
    ];
    const { code, stderr } = await undertone(['run', recordings, ...args]);
    expect(code).toBe(64);
    expect(stderr).toContain(
      'Expected at most 3 (tiny takes 300 frames a window) for --window but received 4 of type number',
    );
  });
});

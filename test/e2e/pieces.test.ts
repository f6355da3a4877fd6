/** Long recordings are cut into pieces, and no byte of a table tells. */

import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { pink } from '../fixtures/sounds.ts';
import { babble, toCodes, wav16 } from '../fixtures/wav.ts';
import { PCM, pack, wav } from '../fixtures/wav-bytes.ts';
import { readBytes, readTable, undertone } from './cli.ts';

const work = mkdtempSync(join(tmpdir(), 'undertone-pieces-'));
const recordings = join(work, 'recordings');
afterAll(() => rmSync(work, { recursive: true }));

/** Speech-like stretches, noise, digital silence and clipping, none of them where a piece could begin. */
function varied(seconds: number, rate: number, seed: number): Float32Array {
  const out = babble(seconds, rate, seed);
  const noise = pink(seconds, rate, 0.02);
  for (let i = 0; i < out.length; ++i) {
    const t = i / rate;
    if (t % 47 > 40.3) out[i] = 0;
    else out[i] = (out[i] ?? 0) * (t % 31 < 17.9 ? 1 : 0.02) * (t % 53 < 4.1 ? 9 : 1) + (noise[i] ?? 0);
  }
  return out;
}

const ffmpeg = (...args: readonly string[]): void => {
  execFileSync('ffmpeg', ['-v', 'error', '-y', '-nostdin', ...args], { cwd: recordings });
};

beforeAll(() => {
  mkdirSync(recordings);
  const write = (name: string, bytes: Uint8Array): void => writeFileSync(join(recordings, name), bytes);
  write('a-long.wav', wav16(varied(140, 16000, 1), 16000));
  const [left, right] = [toCodes(varied(75, 22050, 2)), toCodes(varied(75, 22050, 3))];
  const both = Float64Array.from({ length: 2 * left.length }, (_, i) => (i % 2 ? right : left)[i >> 1] ?? 0);
  write('b-stereo.wav', wav({ tag: PCM, channels: 2, rate: 22050, bits: 16 }, pack('s16', both)));
  ffmpeg('-i', 'a-long.wav', '-ar', '44100', 'c-long.flac');
  ffmpeg('-i', 'a-long.wav', '-t', '61', '-ar', '8000', '-c:a', 'pcm_mulaw', 'd-phone.wav');
  ffmpeg('-i', 'a-long.wav', 'e-not-seekable.mp3');
  write('f-short.wav', wav16(varied(4, 16000, 4), 16000));
  // The header promises 140 s and 140 s.
  write('g-cut.wav', readFileSync(join(recordings, 'a-long.wav')));
  truncateSync(join(recordings, 'g-cut.wav'), 44 + 2 * 16000 * 97 + 3331);
  write('h-cut.flac', readFileSync(join(recordings, 'c-long.flac')));
  truncateSync(join(recordings, 'h-cut.flac'), 2_000_000);
  write('i-noise.wav', wav16(pink(50, 16000, 0.001), 16000));
  // Its one sample is none, whatever its header says.
  write('j-broken.wav', Buffer.from('RIFF\xff\xff\xff\x7fWAVEfmt ', 'latin1'));
});

const out = (name: string): string => join(work, name);
const run = (name: string, ...flags: readonly string[]) =>
  undertone(['run', recordings, '--out', out(name), '--quiet', '--max-error-share', '1', ...flags]);
const TABLES = ['segments.csv', 'files.csv', 'errors.csv'];

function expectSame(name: string): void {
  for (const table of TABLES) expect(readBytes(out(name), table), table).toBe(readBytes(out('whole'), table));
}

interface ShardLine {
  readonly piece?: object;
  readonly joins?: number;
}
const shardsOf = (name: string): ShardLine[] =>
  readBytes(out(name), 'plan.jsonl')
    .split('\n')
    .filter((line) => line.startsWith('{"id"'))
    .map((line) => JSON.parse(line));

describe('recordings in pieces', () => {
  it('whole: the tables to compare with', async () => {
    const { code, stderr } = await run('whole', '--piece', '0', '--workers', '2');
    expect(code, stderr).toBe(0);
    expect(shardsOf('whole').every(({ piece, joins }) => !piece && !joins)).toBe(true);
    const status = Object.fromEntries(
      readTable(out('whole'), 'files.csv').map((row) => [row.file, row.status]),
    );
    expect(status).toMatchObject({
      './a-long.wav': 'ok',
      './c-long.flac': 'ok',
      './g-cut.wav': 'partial',
      './h-cut.flac': 'partial',
      './i-noise.wav': 'no_speech',
      './j-broken.wav': 'error',
    });
    const flags = new Set(
      readTable(out('whole'), 'segments.csv').flatMap((row) => row.flags?.split(';') ?? []),
    );
    expect([...flags]).toEqual(expect.arrayContaining(['clipped', 'narrowband', 'truncated']));
  });

  it.each([
    ['10', '3'],
    ['23.7', '1'],
    ['37', '2'],
  ])('of %s s by %s workers: the same bytes', async (piece, workers) => {
    const name = `of-${piece}`;
    const { code, stderr } = await run(name, '--piece', piece, '--workers', workers);
    expect(code, stderr).toBe(0);
    expect(shardsOf(name).filter((shard) => shard.piece).length).toBeGreaterThan(8);
    expectSame(name);
    const totals = (of: string) => JSON.parse(readBytes(out(of), 'run.json')).totals;
    expect(totals(name)).toMatchObject({
      records: totals('whole').records,
      recordsWithErrors: totals('whole').recordsWithErrors,
      rows: totals('whole').rows,
    });
    expect(totals(name).audioSeconds).toBeCloseTo(totals('whole').audioSeconds, 1);
  });

  it('one channel, another grid and no speech detection: the same bytes', async () => {
    const flags = ['--channels', '0', '--window', '2', '--hop', '2', '--min-speech', '0'];
    for (const [name, piece] of [
      ['grid-whole', '0'],
      ['grid-pieces', '10'],
    ] as const) {
      const { code, stderr } = await run(name, '--piece', piece, ...flags);
      expect(code, stderr).toBe(0);
    }
    for (const table of TABLES)
      expect(readBytes(out('grid-pieces'), table)).toBe(readBytes(out('grid-whole'), table));
  });

  it('by several machines that never meet: the same bytes, and nothing to complain of', async () => {
    for (const part of ['1/3', '2/3', '3/3']) {
      const name = `part-${part[0]}`;
      const { code, stderr } = await run(name, '--piece', '10', '--shard', part);
      expect(code, stderr).toBe(0);
    }
    const parts = ['part-1', 'part-2', 'part-3'].map(out);
    const merged = await undertone(['merge', ...parts, '--out', out('merged'), '--quiet']);
    expect(merged.code, merged.stderr).toBe(0);
    expectSame('merged');
    const verified = await undertone(['verify', out('merged')]);
    expect(verified.code, verified.stderr + verified.stdout).toBe(0);
  });

  it('goes on with the pieces that are missing', async () => {
    const name = 'again';
    expect((await run(name, '--piece', '10')).code).toBe(0);
    const commits = readBytes(out(name), 'shards.json');
    const { shards } = JSON.parse(commits) as { shards: string[] };
    for (const shard of shards.filter((_, i) => i % 3 === 1))
      rmSync(join(out(name), 'shards', shard), { recursive: true });
    for (const table of TABLES) rmSync(join(out(name), table));
    const { code, stderr } = await run(name, '--piece', '10');
    expect(code, stderr).toBe(0);
    expectSame(name);
  });

  it('damage in one piece makes the recording partial, and costs no other', async () => {
    const folder = join(work, 'damage');
    mkdirSync(folder);
    const bytes = readFileSync(join(recordings, 'c-long.flac'));
    writeFileSync(join(folder, 'damaged.flac'), bytes.fill(0x55, bytes.length / 2, bytes.length / 2 + 200));
    for (const piece of ['0', '20']) {
      const name = out(`damage-${piece}`);
      const { code, stderr } = await undertone(['run', folder, '--out', name, '--quiet', '--piece', piece]);
      expect(code, stderr).toBe(0);
      const [row] = readTable(name, 'files.csv');
      expect(row).toMatchObject({ status: 'partial', error_code: 'corrupt' });
      expect(Number(row?.segments)).toBeGreaterThan(85);
    }
  });

  it.each([
    ['5', 'Expected at least 10 for --piece but received 5 of type number'],
    ['90000', 'Expected at most 86400 for --piece but received 90000 of type number'],
    ['long', 'Expected 0 or a number for --piece but received "long" of type string'],
  ])('--piece %s is refused', async (piece, message) => {
    const { code, stderr } = await run('refused', '--piece', piece);
    expect(code).toBe(64);
    expect(stderr).toContain(message);
  });

  it('another length is another run', async () => {
    const { code, stderr } = await run('of-10', '--piece', '11');
    expect(code).toBe(64);
    expect(stderr).toContain('piece (was 10, now 11)');
  });
});

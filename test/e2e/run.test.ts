/** `undertone run` from end to end: the tables' promises on ordinary and hostile recordings. */
import {
  chmodSync,
  cpSync,
  existsSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { brokenSampleFiles, makeSamples, sampleFiles } from '../fixtures/make-samples.mjs';
import { babble, wav16 } from '../fixtures/wav.ts';
import { readBytes, readTable, type TableRow, undertone } from './cli.ts';

const work = mkdtempSync(join(tmpdir(), 'undertone-run-'));
const samples = join(work, 'samples');
const out = (name: string): string => join(work, name);
afterAll(() => rmSync(work, { recursive: true }));
beforeAll(async () => {
  await makeSamples(samples);
});

const byFile = (rows: readonly TableRow[], file: string): TableRow[] =>
  rows.filter((row) => row.file === file);

describe('the sample folder', () => {
  it('gives one row a file, whatever its format, and one error', async () => {
    const { code, stderr } = await undertone(['run', samples, '--out', out('a'), '--max-error-share', '0.5']);
    expect(code, stderr).toBe(0);
    const files = readTable(out('a'), 'files.csv');
    expect(files.map((row) => row.file)).toEqual(sampleFiles.map((file) => `./${file}`));
    for (const row of files) {
      const broken = brokenSampleFiles.includes(row.file?.slice(2) ?? '');
      if (broken) expect(row).toMatchObject({ status: 'error', label: '', segments: '0' });
      else expect(['ok', 'no_speech'], row.file).toContain(row.status);
    }
    expect(readTable(out('a'), 'errors.csv')).toEqual(files.filter((row) => row.status !== 'ok'));
  });

  it('has segments that tile each file, with distributions that sum to one', () => {
    const files = readTable(out('a'), 'files.csv').filter((row) => row.status === 'ok');
    const segments = readTable(out('a'), 'segments.csv');
    const classes = Object.keys(segments[0] ?? {}).filter((name) => name.startsWith('p_'));
    expect(classes.length).toBeGreaterThan(2);
    for (const file of files) {
      const own = byFile(segments, file.file ?? '');
      expect(own).toHaveLength(Number(file.segments));
      expect(Number(own[0]?.start_s)).toBe(0);
      expect(Number(own.at(-1)?.end_s)).toBeCloseTo(Number(file.duration_s), 2);
      own.forEach((row, i) => {
        expect(row.segment).toBe(String(i));
        expect(row.start_s).toMatch(/^\d+\.\d{3}$/);
        if (row.label === 'no_speech') return;
        const sum = classes.reduce((total, name) => total + Number(row[name]), 0);
        expect(Math.abs(sum - 1)).toBeLessThan(1e-4);
        expect(classes).toContain(`p_${row.top_label}`);
        expect(['positive', 'neutral', 'negative']).toContain(row.polarity);
      });
    }
  });

  it('gives the same bytes with 1, 2 and 4 workers', async () => {
    for (const workers of ['1', '2', '4']) {
      const target = out(`w${workers}`);
      await undertone([
        'run',
        samples,
        '--out',
        target,
        '--workers',
        workers,
        '--max-error-share',
        '1',
        '--formats',
        'csv,jsonl,parquet',
      ]);
    }
    for (const table of [
      'segments.csv',
      'files.csv',
      'errors.csv',
      'segments.jsonl',
      'files.parquet',
      'segments.parquet',
    ]) {
      const one = readBytes(out('w1'), table);
      expect(one.length, table).toBeGreaterThan(0);
      expect(readBytes(out('w2'), table) === one, table).toBe(true);
      expect(readBytes(out('w4'), table) === one, table).toBe(true);
    }
  });

  it('opens in DuckDB with the same rows in every format', async () => {
    const instance = await DuckDBInstance.create(':memory:');
    const connection = await instance.connect();
    const count = async (file: string): Promise<number> =>
      Number(
        (await connection.runAndReadAll(`SELECT count(*) FROM '${join(out('w1'), file)}'`)).getRows()[0]?.[0],
      );
    const csvRows = readTable(out('w1'), 'segments.csv').length;
    expect(await count('segments.parquet')).toBe(csvRows);
    expect(await count('segments.jsonl')).toBe(csvRows);
    expect(await count('segments.csv')).toBe(csvRows);
    connection.closeSync();
  });

  it('splits channels into rows of their own, in channel order', async () => {
    await undertone(['run', samples, '--out', out('split'), '--channels', 'split', '--max-error-share', '1']);
    const files = readTable(out('split'), 'files.csv');
    const call = files.filter((row) => row.codec === 'pcm_mulaw');
    expect(call.map((row) => row.channel)).toEqual(['0', '1']);
    expect(call[0]?.record_id).toBe(call[1]?.record_id);
    expect(readTable(out('split'), 'segments.csv').some((row) => row.flags?.includes('narrowband'))).toBe(
      true,
    );
  });

  it('records what really ran', () => {
    const run = JSON.parse(readBytes(out('a'), 'run.json'));
    expect(run).toMatchObject({
      schema: 'undertone-run/1',
      command: 'run',
      state: 'complete',
      settings: { model: ['undertone-s'] },
      fingerprint: expect.stringMatching(/^[0-9a-f]{64}$/),
      machine: { instructionSet: expect.any(String) },
      totals: { records: sampleFiles.length, recordsWithErrors: brokenSampleFiles.length },
    });
  });
});

describe('hostile recordings', () => {
  const folder = join(work, 'hostile');
  const rate = 16000;
  const good = wav16(babble(4, rate, 1), rate);
  beforeAll(() => {
    mkdirSync(join(folder, 'sub'), { recursive: true });
    const put = (name: string, bytes: Buffer | string): void => writeFileSync(join(folder, name), bytes);
    put('good.wav', good);
    put('=cmd.wav', wav16(babble(2, rate, 2), rate));
    put('a "b", c\nd.wav', wav16(babble(2, rate, 3), rate));
    put(`${'ü'.repeat(120)}.wav`, wav16(babble(2, rate, 4), rate));
    put('empty.wav', '');
    put('text.wav', 'this is no audio\n'.repeat(50));
    put('garbage.flac', Buffer.from(babble(1, rate, 5).buffer));
    put('header-only.wav', good.subarray(0, 44));
    put('silent.wav', wav16(new Float32Array(4 * rate), rate));
    put('tiny.wav', wav16(babble(0.05, rate, 6), rate));
    put('cut.wav', good.subarray(0, 44 + 2 * rate));
    put('sub/twin.wav', good);
    put('denied.wav', good);
    chmodSync(join(folder, 'denied.wav'), 0);
  });

  it('cost one row each with their code, and never another file’s rows', async () => {
    const { code, stderr } = await undertone(['run', folder, '--out', out('hostile')]);
    expect(code, stderr).toBe(65);
    expect(stderr).toMatch(
      /\d of 13 recordings failed, more than --max-error-share 0.05 allows; errors.csv says why/,
    );
    const files = readTable(out('hostile'), 'files.csv');
    const outcome = (file: string): string => {
      const [row] = byFile(files, file);
      return row ? `${row.status} ${row.error_code}`.trim() : 'no row';
    };
    expect(files).toHaveLength(13);
    expect(outcome('./good.wav')).toBe('ok');
    expect(outcome('./sub/twin.wav')).toBe('ok');
    expect(outcome("'=cmd.wav".replace("'", './'))).toBe('ok');
    expect(outcome('./a "b", c\nd.wav')).toBe('ok');
    expect(outcome(`./${'ü'.repeat(120)}.wav`)).toBe('ok');
    expect(outcome('./empty.wav')).toBe('error empty');
    expect(outcome('./text.wav')).toBe('error unsupported_codec');
    expect(outcome('./garbage.flac')).toMatch(/^error (unsupported_codec|corrupt)$/);
    expect(outcome('./header-only.wav')).toMatch(/^error (empty|truncated)$/);
    expect(outcome('./silent.wav')).toBe('no_speech');
    expect(outcome('./tiny.wav')).toBe('error too_short');
    expect(outcome('./cut.wav')).toBe('partial truncated');
    // Root reads everything.
    expect(outcome('./denied.wav')).toBe(process.getuid?.() === 0 ? 'ok' : 'error unreadable');
    for (const row of files.filter((one) => one.status === 'error')) expect(row.error_message).not.toBe('');
  });

  it('do not change the rows of the good ones', async () => {
    const alone = join(work, 'alone');
    mkdirSync(join(alone, 'sub'), { recursive: true });
    cpSync(join(folder, 'good.wav'), join(alone, 'good.wav'));
    cpSync(join(folder, 'sub/twin.wav'), join(alone, 'sub/twin.wav'));
    await undertone(['run', alone, '--out', out('alone')]);
    const hostile = readTable(out('hostile'), 'segments.csv');
    const single = readTable(out('alone'), 'segments.csv');
    expect(byFile(hostile, './good.wav')).toEqual(byFile(single, './good.wav'));
    const numbers = (rows: TableRow[]): TableRow[] =>
      rows.map(({ record_id: _id, file: _file, ...rest }) => rest);
    expect(numbers(byFile(single, './good.wav'))).toEqual(numbers(byFile(single, './sub/twin.wav')));
  });
});

describe('going on', () => {
  const folder = join(work, 'many');
  beforeAll(() => {
    mkdirSync(folder);
    for (let i = 0; i < 60; ++i) {
      writeFileSync(join(folder, `${String(i).padStart(2, '0')}.wav`), wav16(babble(20, 8000, i), 8000));
    }
  });

  it('after a finished run costs nothing and changes nothing', async () => {
    await undertone(['run', folder, '--out', out('whole')]);
    const before = readBytes(out('whole'), 'segments.csv');
    const { code, stderr } = await undertone(['run', folder, '--out', out('whole')]);
    expect(code).toBe(0);
    expect(stderr).toContain('60 recordings were already committed');
    expect(readBytes(out('whole'), 'segments.csv') === before).toBe(true);
  });

  it('after lost shards and a killed attempt gives the bytes of an undisturbed run', async () => {
    cpSync(out('whole'), out('resumed'), { recursive: true });
    const shards = readdirSync(join(out('resumed'), 'shards'));
    expect(shards.length).toBeGreaterThan(4);
    for (const name of ['segments.csv', 'files.csv', 'errors.csv']) rmSync(join(out('resumed'), name));
    for (const shard of shards.slice(0, 3))
      rmSync(join(out('resumed'), 'shards', shard), { recursive: true });
    const [half = ''] = shards.slice(3);
    const attempt = join(out('resumed'), 'shards', half, '.attempt-killed');
    rmSync(join(out('resumed'), 'shards', half, 'COMMIT.json'));
    mkdirSync(attempt);
    writeFileSync(join(attempt, 'part.segments.csv'), 'record_id,file');
    const { code, stderr } = await undertone(['run', folder, '--out', out('resumed')]);
    expect(code, stderr).toBe(0);
    for (const table of ['segments.csv', 'files.csv', 'errors.csv']) {
      expect(readBytes(out('resumed'), table) === readBytes(out('whole'), table), table).toBe(true);
    }
    expect(existsSync(attempt)).toBe(false);
  });

  it('refuses other settings and names them', async () => {
    const { code, stderr } = await undertone(['run', folder, '--out', out('whole'), '--hop', '3']);
    expect(code).toBe(64);
    expect(stderr).toMatch(/holds a run made with other settings: hop \(was 1\.5, now 3\)/);
  });

  it('labels a recording again when it has changed', async () => {
    cpSync(out('whole'), out('changed'), { recursive: true });
    const other = join(work, 'changed-input');
    cpSync(folder, other, { recursive: true, preserveTimestamps: true });
    writeFileSync(join(other, '07.wav'), wav16(babble(20, 8000, 99), 8000));
    const { code } = await undertone(['run', other, '--out', out('changed')]);
    expect(code).toBe(0);
    const before = byFile(readTable(out('whole'), 'segments.csv'), './07.wav');
    const after = byFile(readTable(out('changed'), 'segments.csv'), './07.wav');
    expect(after).toHaveLength(before.length);
    expect(after).not.toEqual(before);
  });

  /** The path of a part of the first shard of a copy of the whole run. */
  function partOfCopy(copy: string): string {
    cpSync(out('whole'), out(copy), { recursive: true });
    const [shard = ''] = readdirSync(join(out(copy), 'shards'));
    const folderOf = join(out(copy), 'shards', shard);
    const [attempt = ''] = readdirSync(folderOf).filter((name) => name.startsWith('.attempt-'));
    return join(folderOf, attempt, 'part.segments.csv');
  }
  const expectWhole = (copy: string): void => {
    for (const table of ['segments.csv', 'files.csv', 'errors.csv']) {
      expect(readBytes(out(copy), table) === readBytes(out('whole'), table), table).toBe(true);
    }
  };

  it('does a shard again whose part or commit is cut short, as after a power cut', async () => {
    const part = partOfCopy('cut');
    truncateSync(part, 100);
    const commits = readdirSync(join(out('cut'), 'shards')).map((shard) =>
      join(out('cut'), 'shards', shard, 'COMMIT.json'),
    );
    truncateSync(commits[1] ?? '', 20);
    truncateSync(commits[2] ?? '', 0);
    truncateSync(join(out('cut'), 'run.json'), 0);
    const { code, stderr } = await undertone(['run', folder, '--out', out('cut')]);
    expect(code, stderr).toBe(0);
    expectWhole('cut');
  });

  it('notices a part with other bytes, sets its shard aside and does it again when asked', async () => {
    const part = partOfCopy('damaged');
    const bytes = readFileSync(part);
    bytes.writeUInt8((bytes.at(-10) ?? 0) ^ 1, bytes.length - 10);
    writeFileSync(part, bytes);
    const { code, stderr } = await undertone(['run', folder, '--out', out('damaged')]);
    expect(code).toBe(75);
    expect(stderr).toMatch(
      /1 of \d+ shards do not match their digests any more, .* run the same command again/,
    );
    expect((await undertone(['run', folder, '--out', out('damaged')])).code).toBe(0);
    expectWhole('damaged');
  });

  it('does only the shards again next to a recording that came or went', async () => {
    cpSync(out('whole'), out('grown'), { recursive: true });
    const grown = join(work, 'grown-input');
    mkdirSync(grown);
    for (const name of readdirSync(folder)) linkSync(join(folder, name), join(grown, name));
    writeFileSync(join(grown, '30a.wav'), wav16(babble(20, 8000, 77), 8000));
    rmSync(join(grown, '10.wav'));
    const { code, stderr } = await undertone(['run', grown, '--out', out('grown')]);
    expect(code, stderr).toBe(0);
    const kept = Number(/(\d+) recordings were already committed/.exec(stderr)?.[1]);
    expect(kept, stderr).toBeGreaterThan(30);
    const afresh = join(work, 'grown-afresh');
    await undertone(['run', grown, '--out', afresh]);
    expect(readBytes(out('grown'), 'segments.csv') === readBytes(afresh, 'segments.csv')).toBe(true);
  });
});

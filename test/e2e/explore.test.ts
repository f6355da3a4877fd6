/** `undertone explore`: figures of recordings whose length and level are known, whatever the workers. */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { stereo16, wav16 } from '../fixtures/wav.ts';
import { readBytes, readTable, undertone } from './cli.ts';

const work = mkdtempSync(join(tmpdir(), 'undertone-explore-'));
const folder = join(work, 'in');
const labels = join(folder, 'labels.csv');
const out = join(work, 'out');
afterAll(() => rmSync(work, { recursive: true }));

/** A square wave: its level is its amplitude. */
const square = (seconds: number, rate: number, amplitude: number): Float32Array =>
  Float32Array.from({ length: Math.round(seconds * rate) }, (_, i) => (i % 40 < 20 ? amplitude : -amplitude));

const sounds: Record<string, Buffer> = {
  '03a01Fa.wav': wav16(square(1, 16000, 0.5), 16000),
  '03a02Fa.wav': wav16(square(2, 16000, 0.25), 16000),
  '08a01Wa.wav': wav16(square(3, 8000, 0.125), 8000),
  // Half the power: one channel of two.
  'OAF_back_sad.wav': stereo16(square(4, 16000, 0.5), new Float32Array(64000), 16000),
  'call <1>.wav': wav16(new Float32Array(16000), 16000),
  'cut.wav': wav16(square(2, 16000, 0.5), 16000).subarray(0, 44 + 32000),
  'broken.wav': Buffer.from('nothing'),
};

beforeAll(async () => {
  mkdirSync(folder);
  for (const [name, bytes] of Object.entries(sounds)) writeFileSync(join(folder, name), bytes);
  const rows = Object.keys(sounds).map(
    (name) => `${name},${name === 'cut.wav' ? 'happy,Ann,female,calls' : ',,,'}`,
  );
  writeFileSync(labels, `file,emotion,speaker,gender,corpus\n${rows.join('\n')}\n`);
  const { code, stderr } = await undertone(['explore', labels, '--out', out, '--max-error-share', '0.2']);
  expect(stderr).toBe(`7 recordings, 12.0 s of audio, 1 could not be decoded; ${join(out, 'report.html')}`);
  expect(code).toBe(0);
});

describe('undertone explore', () => {
  it('measures every recording, and says what is broken', () => {
    expect(
      readTable(out, 'recordings.csv').map((row) => [
        ...[row.file, row.corpus, row.speaker, row.gender, row.emotion],
        ...[row.duration_s, row.level_dbfs, row.status, row.error_code],
      ]),
    ).toEqual([
      ['./03a01Fa.wav', 'emodb', 'emodb-03', 'male', 'happy', '1.000', '-6.0', 'ok', ''],
      ['./03a02Fa.wav', 'emodb', 'emodb-03', 'male', 'happy', '2.000', '-12.0', 'ok', ''],
      ['./08a01Wa.wav', 'emodb', 'emodb-08', 'female', 'angry', '3.000', '-18.1', 'ok', ''],
      ['./OAF_back_sad.wav', 'tess', 'tess-OAF', 'female', 'sad', '4.000', '-9.0', 'ok', ''],
      ['./broken.wav', '', '', '', '', '', '', 'error', 'unsupported_codec'],
      ['./call <1>.wav', '', '', '', '', '1.000', '', 'ok', ''],
      ['./cut.wav', 'calls', 'Ann', 'female', 'happy', '1.000', '-6.0', 'partial', 'truncated'],
    ]);
    const broken = readTable(out, 'broken.csv');
    expect(broken.map(({ file }) => file)).toEqual(['./broken.wav', './cut.wav']);
    expect(broken.every((row) => row.error_message !== '')).toBe(true);
  });

  it('counts by corpus, gender, class and speaker', () => {
    const groups = readTable(out, 'groups.csv');
    expect(
      groups.map((row) => [row.by, row.group, row.recordings, row.broken, row.silent, row.seconds]),
    ).toEqual([
      ['all', '', '7', '1', '1', '12.000'],
      ['corpus', 'calls', '1', '0', '0', '1.000'],
      ['corpus', 'emodb', '3', '0', '0', '6.000'],
      ['corpus', 'tess', '1', '0', '0', '4.000'],
      ['corpus', '', '2', '1', '1', '1.000'],
      ['gender', 'female', '3', '0', '0', '8.000'],
      ['gender', 'male', '2', '0', '0', '3.000'],
      ['gender', '', '2', '1', '1', '1.000'],
      ['emotion', 'happy', '3', '0', '0', '4.000'],
      ['emotion', 'sad', '1', '0', '0', '4.000'],
      ['emotion', 'angry', '1', '0', '0', '3.000'],
      ['emotion', '', '2', '1', '1', '1.000'],
      ['speaker', 'Ann', '1', '0', '0', '1.000'],
      ['speaker', 'emodb-03', '2', '0', '0', '3.000'],
      ['speaker', 'emodb-08', '1', '0', '0', '3.000'],
      ['speaker', 'tess-OAF', '1', '0', '0', '4.000'],
      ['speaker', '', '2', '1', '1', '1.000'],
    ]);
    expect(groups.find(({ group }) => group === 'emodb')).toMatchObject({
      duration_median_s: '2.000',
      duration_p25_s: '1.500',
      level_median_dbfs: '-12.0',
    });
  });

  it('counts by class, corpus and gender together', () => {
    expect(
      readTable(out, 'corpus_gender_emotion.csv').map((row) => [
        row.corpus,
        row.gender,
        row.emotion,
        row.recordings,
      ]),
    ).toEqual([
      ['calls', 'female', 'happy', '1'],
      ['emodb', 'female', 'angry', '1'],
      ['emodb', 'male', 'happy', '2'],
      ['tess', 'female', 'sad', '1'],
      ['', '', '', '2'],
    ]);
  });

  it('has every decoded recording in a bar of each histogram', () => {
    const bars = readTable(out, 'histograms.csv');
    const sum = (of: string): number =>
      bars.filter((row) => row.of === of).reduce((all, { recordings }) => all + Number(recordings), 0);
    expect([sum('duration_s'), sum('level_dbfs')]).toEqual([6, 6]);
  });

  it('says the same in JSON and on a page that loads and runs nothing', () => {
    const json = JSON.parse(readBytes(out, 'explore.json'));
    expect(json).toMatchObject({
      schema: 'undertone-explore/1',
      all: { recordings: 7, broken: 1, silent: 1, seconds: 12 },
      failures: { truncated: 1, unsupported_codec: 1 },
    });
    expect(json.groups.corpus.map(({ group }: { group: string | null }) => group)).toEqual([
      'calls',
      'emodb',
      'tess',
      null,
    ]);
    const page = readBytes(out, 'report.html');
    expect(page).toContain('<h1>7 recordings, 12.0 s, 3 corpora, 4 speakers, 3 classes</h1>');
    expect(page).toContain('./broken.wav');
    expect(page.match(/<svg /g)).toHaveLength(13);
    expect(page).not.toMatch(/<script|NaN|undefined|Infinity|https?:\/\/(?!www\.w3\.org)/);
  });

  it('writes the same bytes with any number of workers, over what an earlier one left', async () => {
    const before = readdirSync(out).map((name) => [name, readFileSync(join(out, name), 'utf8')]);
    await undertone(['explore', labels, '--out', out, '--max-error-share', '1', '--workers', '3', '--quiet']);
    expect(readdirSync(out).map((name) => [name, readFileSync(join(out, name), 'utf8')])).toEqual(before);
  });

  it('ends with 65 when too much is broken, and writes what it has', async () => {
    const few = join(work, 'few');
    const { code, stderr } = await undertone([
      'explore',
      join(folder, 'broken.wav'),
      '--out',
      few,
      '--quiet',
    ]);
    expect(code).toBe(65);
    expect(stderr).toBe(
      '1 of 1 recordings failed, more than --max-error-share 0.05 allows; broken.csv says why',
    );
    expect(readBytes(few, 'report.html')).not.toMatch(/NaN|undefined|Infinity/);
    expect(readTable(few, 'histograms.csv')).toEqual([]);
  });

  it.each([
    [[labels], /^Missing --out: /],
    [
      [labels, '--out', 'o', '--workers', '0'],
      /^Expected at least 1 for --workers but received 0 of type number$/,
    ],
    [[join(folder, 'none.csv'), '--out', 'o'], /does not exist/],
  ])('refuses %j', async (args, message) => {
    const { code, stderr } = await undertone(['explore', ...args]);
    expect(code).toBe(64);
    expect(stderr).toMatch(message);
    expect(stderr.split('\n')).toHaveLength(1);
  });

  it('says so when the folder cannot be written', async () => {
    const { code, stderr } = await undertone(['explore', labels, '--out', join(labels, 'below'), '--quiet']);
    expect(code).toBe(75);
    expect(stderr).not.toBe('');
  });
});

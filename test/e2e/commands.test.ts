/** The other verbs, and wrong use of all: one sentence, exit 64. */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { FEATURE_SETS, FeaturePlan, featureSet } from '@undertone/dsp-native';
import { columnNames } from '@undertone/shared';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { babble, toCodes, wav16 } from '../fixtures/wav.ts';
import { readTable, undertone } from './cli.ts';

const work = mkdtempSync(join(tmpdir(), 'undertone-commands-'));
const folder = join(work, 'in');
const name = '03-01-05-01-01-01-07.wav';
const signal = babble(2.5, 16000, 1);
afterAll(() => rmSync(work, { recursive: true }));
beforeAll(() => {
  mkdirSync(folder);
  writeFileSync(join(folder, name), wav16(signal, 16000));
  writeFileSync(join(folder, 'broken.wav'), 'nothing');
});

describe('wrong use', () => {
  const one = join(folder, name);
  it.each([
    [['run', one], /^Missing --out: /],
    [
      ['run', one, '--out', 'o', '--hop', 'soon'],
      /^Expected a number for --hop but received "soon" of type string$/,
    ],
    [['run', one, '--out', 'o', '--colour'], /unknown option '--colour'/],
    [['run', one, '--out', 'o', '--model', 'nothing'], /nothing/],
    [['run', join(folder, 'gone'), '--out', 'o'], /does not exist/],
    [['run', one, '--out', 'o', '--window', '4'], /--window|window/],
    [['run', one, '--out', 'o', '--device', 'cuda:99'], /cuda/],
    [['features', one, '--out', 'o', '--set', 'mfcc'], /^Unknown feature set "mfcc": the sets are /],
    [['walk'], /unknown command 'walk'/],
  ])('%j', async (args, sentence) => {
    const { code, stderr, stdout } = await undertone(args);
    expect(code).toBe(64);
    expect(stderr.trim()).toMatch(sentence);
    expect(stderr.trim().split('\n')).toHaveLength(1);
    expect(stdout).toBe('');
  });
});

describe('help', () => {
  it.each([
    [[]],
    [['run']],
    [['features']],
    [['label']],
    [['explore']],
    [['inspect']],
    [['models']],
    [['doctor']],
  ])('%j --help', async (verb) => {
    const { code, stdout } = await undertone([...verb, '--help']);
    expect(code).toBe(0);
    expect(stdout).toContain('Usage: undertone');
  });
});

describe('inspect', () => {
  it('tells what a recording is', async () => {
    const { code, stdout } = await undertone(['inspect', join(folder, name), '--json']);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      container: 'wav',
      codec: 'pcm_s16le',
      sampleRateHz: 16000,
      channels: 1,
      headerSeconds: 2.5,
      decodedSeconds: 2.5,
      truncated: false,
      label: { corpus: 'ravdess', emotion: 'angry', speaker: 'ravdess-07' },
    });
  });

  it('tells why a name of a corpus has no label', async () => {
    const odd = join(work, '03-01-09-01-01-01-07.wav');
    writeFileSync(odd, wav16(signal, 16000));
    const { stdout } = await undertone(['inspect', odd, '--json']);
    expect(JSON.parse(stdout).label).toEqual({ corpus: 'ravdess', reason: 'unknown emotion code 09' });
  });

  it('ends with one sentence for what is none', async () => {
    const { code, stderr } = await undertone(['inspect', join(folder, 'broken.wav')]);
    expect(code).toBe(65);
    expect(stderr).toMatch(/broken\.wav: .* \(unsupported_codec\)\n?$/);
  });
});

describe('features', () => {
  it('writes what the add-on computes, as npy, CSV and Parquet alike', async () => {
    const out = join(work, 'features');
    const { code, stderr } = await undertone([
      'features',
      folder,
      '--set',
      'kaldi-mfcc-13',
      '--out',
      out,
      '--formats',
      'npy,csv,parquet',
      '--max-error-share',
      '0.5',
    ]);
    expect(code, stderr).toBe(0);
    const index = readTable(out, 'features.csv');
    expect(index.map((row) => [row.file, row.status, row.truth, row.speaker])).toEqual([
      [`./${name}`, 'ok', 'angry', 'ravdess-07'],
      ['./broken.wav', 'error', '', ''],
    ]);
    const plan = new FeaturePlan(featureSet('kaldi-mfcc-13').frontEnd);
    const pcm = Float32Array.from(toCodes(signal), (code) => code / 32768);
    const [expected] = plan.extract([pcm]);
    const npy = readFileSync(join(out, index[0]?.npy ?? ''));
    expect(npy.subarray(10, 127).toString('latin1')).toContain(`'shape': (${expected?.frames}, 13)`);
    expect(new Float32Array(new Uint8Array(npy.subarray(128)).buffer)).toEqual(expected?.values);
    const frames = readTable(out, 'frames.csv');
    expect(frames).toHaveLength(expected?.frames ?? -1);
    expect(Math.fround(Number(frames[3]?.mfcc_5))).toBe(expected?.values[3 * 13 + 5]);
    const instance = await DuckDBInstance.create(':memory:');
    const connection = await instance.connect();
    const [row] = (
      await connection.runAndReadAll(`SELECT mfcc_5 FROM '${join(out, 'frames.parquet')}' WHERE frame = 3`)
    ).getRows();
    expect(row?.[0]).toBe(expected?.values[3 * 13 + 5]);
    connection.closeSync();
  });

  it('writes the table of frames in no format but those asked for', async () => {
    const out = join(work, 'parquet');
    const flags = ['--set', 'kaldi-mfcc-13', '--out', out, '--formats', 'npy,parquet'];
    const { code, stderr } = await undertone(['features', join(folder, name), ...flags]);
    expect(code, stderr).toBe(0);
    expect(
      readdirSync(out)
        .filter((entry) => /^(features|frames)\./.test(entry))
        .sort(),
    ).toEqual(['features.csv', 'features.json', 'features.parquet', 'frames.parquet']);
    expect(stderr).toContain('npy/, features.csv, features.parquet, frames.parquet, features.json');
  });

  it('writes a set with statistics as one labelled row a file', async () => {
    const out = join(work, 'stats');
    const { code, stderr } = await undertone([
      'features',
      join(folder, name),
      '--set',
      'librosa-mfcc-40-stats',
      '--out',
      out,
      '--formats',
      'csv,parquet',
    ]);
    expect(code, stderr).toBe(0);
    const [row, ...more] = readTable(out, 'features.csv');
    expect(more).toEqual([]);
    expect(row).toMatchObject({ file: `./${name}`, truth: 'angry', columns: '160', status: 'ok' });
    // Frames are those of a matrix, and there is none.
    expect(row?.frames).toBe('');
    for (const statistic of ['mean', 'std', 'min', 'max'])
      expect(Number(row?.[`mfcc_7_${statistic}`])).not.toBeNaN();
    expect(Number(row?.mfcc_7_min)).toBeLessThan(Number(row?.mfcc_7_mean));
  });

  it('stops decoding once an excerpt is complete', async () => {
    const long = babble(30, 16000, 2);
    const file = join(work, 'long.wav');
    // Cut off in the middle, which a reader that goes to the end would report.
    writeFileSync(file, wav16(long, 16000).subarray(0, 600_000));
    const out = join(work, 'excerpt');
    const { code, stderr } = await undertone([
      'features',
      file,
      '--set',
      'reference-logmel-128',
      '--out',
      out,
    ]);
    expect(code, stderr).toBe(0);
    const [row] = readTable(out, 'features.csv');
    expect(row).toMatchObject({ status: 'ok', frames: '384', columns: '128', duration_s: '3.569' });
    const plan = new FeaturePlan(featureSet('reference-logmel-128').frontEnd);
    const [expected] = plan.extract([Float32Array.from(toCodes(long), (code) => code / 32768)]);
    const npy = readFileSync(join(out, row?.npy ?? ''));
    expect(new Float32Array(new Uint8Array(npy.subarray(128)).buffer)).toEqual(expected?.values);
  });

  it('writes the labelled table of a reference system, column for column', async () => {
    const out = join(work, 'reference');
    const { code, stderr } = await undertone([
      'features',
      join(folder, name),
      '--set',
      'reference-178',
      '--out',
      out,
    ]);
    expect(code, stderr).toBe(0);
    const [row] = readTable(out, 'features.csv');
    const values = Object.entries(row ?? {}).slice(14);
    expect(row).toMatchObject({ truth: 'angry', columns: '178', status: 'ok' });
    expect(values).toHaveLength(178);
    expect(values.map(([column]) => column)).toEqual(columnNames(featureSet('reference-178').frontEnd));
    expect(values.every(([, value]) => value !== '' && Number.isFinite(Number(value)))).toBe(true);
  });

  it('gives a broken file one row and one line in errors.csv, without the values it has none of', async () => {
    const out = join(work, 'broken');
    const { code, stderr } = await undertone([
      'features',
      folder,
      '--set',
      'undertone-functionals',
      '--out',
      out,
    ]);
    expect(code).toBe(65);
    expect(stderr).toContain('1 of 2 recordings failed');
    const [fine, broken] = readTable(out, 'features.csv');
    expect(Object.keys(fine ?? {})).toHaveLength(14 + 324);
    expect(Number(fine?.spectral_flux_mean)).toBeGreaterThan(0);
    expect(broken).toMatchObject({
      status: 'error',
      error_code: 'unsupported_codec',
      spectral_flux_mean: '',
    });
    const errors = readTable(out, 'errors.csv');
    expect(errors).toMatchObject([{ file: './broken.wav', error_code: 'unsupported_codec' }]);
    expect(errors[0]).not.toHaveProperty('spectral_flux_mean');
    const other = await undertone(['features', folder, '--set', 'undertone-descriptors', '--out', out]);
    expect(other.code).toBe(64);
    expect(other.stderr).toContain('set (was undertone-functionals, now undertone-descriptors)');
  });

  it('lists every set with the number of its values and its rate', async () => {
    const { code, stdout } = await undertone(['features', '--list']);
    expect(code).toBe(0);
    const [head, ...lines] = stdout.trim().split('\n');
    expect(head).toMatch(/^set +values +rate +what *$/);
    expect(lines.map((line) => line.split(' ')[0])).toEqual([...FEATURE_SETS.keys()]);
    expect(stdout).toMatch(/^undertone-logmel-64 +64 a frame +16000 Hz +natural-log mel energies/m);
    expect(stdout).toMatch(/^librosa-mfcc-40-stats +160 a file +22050 Hz /m);
  });
});

describe('models and doctor', () => {
  it('models: says how each was judged and under which terms', async () => {
    const { code, stdout } = await undertone(['models']);
    expect(code).toBe(0);
    expect(stdout).toMatch(/undertone-s@/);
    expect(stdout).toMatch(/judged +UAR [\d.]+ % .*(speaker-independent|reserve-speakers)/);
    expect(stdout).toMatch(/task +emotion: .*happy/);
    expect(stdout).toMatch(
      /input +stretch: 300 frames × 64 columns, 16 windows in one go \(undertone-logmel-64\) at 16,000 Hz/,
    );
    expect(stdout).toMatch(/licence +Non-commercial .*RAVDESS .*CC BY-NC-SA 4\.0.*TESS .*CC BY-NC-ND 4\.0/);
  });

  it('doctor: names instruction sets, codecs and the device that auto would choose', async () => {
    const { code, stdout } = await undertone(['doctor', '--json']);
    expect(code).toBe(0);
    const facts = JSON.parse(stdout);
    expect(facts.codecs).toEqual(expect.arrayContaining(['flac', 'mp3', 'opus']));
    expect(facts.instructionSets.length).toBeGreaterThan(0);
    expect(facts.deviceAuto).toMatch(/^(cpu|cuda:\d+(, cuda:\d+)*): \w+/);
  });
});

describe('standard input and quiet', () => {
  it('takes paths on standard input and prints nothing', async () => {
    const out = join(work, 'quiet');
    const { code, stdout, stderr } = await undertone(
      ['run', '-', '--out', out, '--quiet'],
      `${join(folder, name)}\n`,
    );
    expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: '', stderr: '' });
    expect(readTable(out, 'files.csv')[0]).toMatchObject({ file: `./${name}`, truth: 'angry', status: 'ok' });
  });
});

describe('the output folder', () => {
  it('that cannot be made is refused', async () => {
    const { code, stderr } = await undertone(['run', join(folder, name), '--out', '/proc/undertone']);
    expect(code).toBe(64);
    expect(stderr).toMatch(/^Expected a folder that can be made for --out but received /);
  });

  it('of another command is refused', async () => {
    const out = join(work, 'features');
    const { code, stderr } = await undertone(['run', join(folder, name), '--out', out]);
    expect(code).toBe(64);
    expect(stderr).toContain('other settings: command (was features, now run).');
  });
});

/** What `undertone run` hears: speech, segments and quality, on sounds made for the purpose. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeSamples } from '../fixtures/make-samples.mjs';
import * as sounds from '../fixtures/sounds.ts';
import { wav16 } from '../fixtures/wav.ts';
import { readTable, type TableRow, undertone } from './cli.ts';

const work = mkdtempSync(join(tmpdir(), 'undertone-listening-'));
const samples = join(work, 'samples');
const rate = 16000;
afterAll(() => rmSync(work, { recursive: true }));
beforeAll(async () => {
  await makeSamples(samples);
});

let runs = 0;
async function tables(
  inputs: string[],
  ...flags: string[]
): Promise<{ segments: TableRow[]; files: TableRow[] }> {
  const out = join(work, `out-${runs++}`);
  const { code, stderr } = await undertone(['run', ...inputs, '--out', out, '--quiet', ...flags]);
  expect(code, stderr).toBe(0);
  return { segments: readTable(out, 'segments.csv'), files: readTable(out, 'files.csv') };
}

describe('speech', () => {
  it('is measured in every window, and summed up in every file', async () => {
    const { segments, files } = await tables([join(samples, 'studio/bob_16k.flac')]);
    for (const row of segments) {
      expect(Number(row.speech_ratio)).toBeGreaterThan(0.5);
      expect(Number(row.snr_db)).toBeGreaterThan(20);
      expect(row.flags).not.toContain('low_snr');
    }
    const [file] = files;
    expect(Number(file?.speech_s)).toBeGreaterThan(0.6 * Number(file?.duration_s));
    expect(Number(file?.speech_s)).toBeLessThanOrEqual(Number(file?.duration_s));
  });

  it('is not found in noise, whose windows skip the model unless --min-speech is 0', async () => {
    const folder = join(work, 'noise');
    mkdirSync(folder);
    for (const [name, sound] of Object.entries(sounds)) {
      writeFileSync(join(folder, `${name}.wav`), wav16(sound(12, rate, 0.05), rate));
    }
    const { segments, files } = await tables([folder]);
    expect(files).toHaveLength(Object.keys(sounds).length);
    for (const row of files) {
      expect(row, row.file).toMatchObject({ status: 'no_speech', label: 'no_speech', error_code: '' });
      expect(Number(row.speech_s), row.file).toBeLessThan(0.15);
    }
    for (const row of segments) expect(row).toMatchObject({ label: 'no_speech', top_label: '' });
    const all = await tables([folder], '--min-speech', '0');
    expect(all.files.map((row) => row.status)).toEqual(all.files.map(() => 'ok'));
  });

  it('refuses a share that is none', async () => {
    const { code, stderr } = await undertone(['run', samples, '--out', join(work, 'x'), '--min-speech', '2']);
    expect(code).toBe(64);
    expect(stderr).toContain('Expected at most 1 for --min-speech but received 2 of type number');
  });
});

describe('segments', () => {
  const calls = (): string[] => [join(samples, 'calls/call-0001.wav')];

  it('of speech are where speech is, at most a window long, in order', async () => {
    const { segments, files } = await tables(calls(), '--segments', 'speech');
    expect(segments.length).toBeGreaterThan(4);
    let before = 0;
    segments.forEach((row, i) => {
      const [start, end] = [Number(row.start_s), Number(row.end_s)];
      expect(row.segment).toBe(String(i));
      expect(start).toBeGreaterThanOrEqual(before);
      expect(end - start).toBeLessThan(3.0005);
      expect(end - start).toBeGreaterThanOrEqual(0.25);
      expect(Number(row.speech_ratio)).toBeGreaterThan(0.5);
      before = end;
    });
    expect(files[0]).toMatchObject({ status: 'ok', segments: String(segments.length) });
  });

  it('of a file without speech are none', async () => {
    const { segments, files } = await tables([join(samples, 'odd/silence.wav')], '--segments', 'speech');
    expect(segments).toEqual([]);
    expect(files[0]).toMatchObject({
      status: 'no_speech',
      label: 'no_speech',
      segments: '0',
      speech_s: '0.000',
    });
  });

  it('of whole files are one row each, with the label of the file', async () => {
    const window = await tables(calls());
    const { segments, files } = await tables(calls(), '--segments', 'file');
    const { record_id, file, label, confidence, duration_s } = files[0] ?? {};
    expect(segments).toHaveLength(1);
    expect(segments[0]).toMatchObject({
      record_id,
      file,
      label,
      confidence,
      start_s: '0.000',
      end_s: duration_s,
    });
    expect({ label, confidence }).toEqual({
      label: window.files[0]?.label,
      confidence: window.files[0]?.confidence,
    });
  });

  it('are a setting that a run found in --out must agree with', async () => {
    const out = join(work, 'again');
    const run = ['run', join(samples, 'studio'), '--out', out, '--quiet'];
    expect((await undertone(run)).code).toBe(0);
    const { code, stderr } = await undertone([...run, '--segments', 'speech']);
    expect(code).toBe(64);
    expect(stderr).toContain('segments (was window, now speech)');
  });
});

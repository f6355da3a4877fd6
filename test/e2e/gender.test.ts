/** A model of genders, from its card to the tables and what is made of them. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { listModels } from '@undertone/inference';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { modelText } from '../../packages/batch-runner/src/command/models.ts';
import { genderCard, linearModel, removeRoot, root, writeModel } from '../conformance/inference-models.ts';
import { babble, wav16 } from '../fixtures/wav.ts';
import { readTable, undertone } from './cli.ts';

const folder = join(root, 'in');
const models = join(root, 'models');
const out = join(root, 'out');
const man = '03-01-05-01-01-01-07.wav';
const woman = '03-01-06-01-01-01-08.wav';
const nobody = 'interview.wav';

afterAll(removeRoot);
beforeAll(async () => {
  mkdirSync(folder);
  [man, woman, nobody].forEach((name, seed) => {
    writeFileSync(join(folder, name), wav16(babble(0.3, 16_000, seed), 16_000));
  });
  writeModel(genderCard({ name: 'gender' }), linearModel([5, 4], 2), join(models, 'gender'));
  const args = ['run', folder, '--out', out, '--model', join(models, 'gender'), '--min-speech', '0'];
  const { code, stderr } = await undertone(args);
  expect(code, stderr).toBe(0);
});

it('labels are genders, and truth is the gender of who speaks', () => {
  for (const table of ['segments.csv', 'files.csv']) {
    const rows = readTable(out, table);
    const truthOf = (name: string): string | undefined =>
      rows.find(({ file }) => file === `./${name}`)?.truth;
    expect([man, woman, nobody].map(truthOf), table).toEqual(['male', 'female', '']);
    for (const row of rows) {
      expect(['female', 'male', 'no_speech']).toContain(row.label);
      expect(row).toHaveProperty('p_female');
    }
    expect(
      rows.some(({ label }) => label !== 'no_speech'),
      table,
    ).toBe(true);
  }
});

it('there is no polarity', () => {
  expect(new Set(readTable(out, 'segments.csv').map(({ polarity }) => polarity))).toEqual(new Set(['']));
});

it('verify, summary and export take the run', async () => {
  expect((await undertone(['verify', out])).code).toBe(0);
  const summary = await undertone(['summary', out]);
  expect(summary.code, summary.stderr).toBe(0);
  expect(summary.stdout).toMatch(/\b(fe)?male\b/);
  const grids = join(root, 'grids');
  expect((await undertone(['export', out, '--to', 'textgrid', '--out', grids])).code).toBe(0);
});

it('undertone models says what it tells', async () => {
  const [listing] = await listModels(models);
  if (!listing) throw new Error('no model');
  expect(modelText(listing)).toMatch(
    /^ {2}task {5}gender: female, male\n {2}input {4}matrix: 5 frames × 4 columns at 16,000 Hz, windows of 0.06 s every 0.03 s\n/m,
  );
  expect(modelText(listing)).toContain('  licence  Apache-2.0: made up\n');
});

it('undertone eval judges it by gender', async () => {
  const labels = join(root, 'labels.csv');
  writeFileSync(labels, `file\n${[man, woman, nobody].map((name) => `in/${name}`).join('\n')}\n`);
  const judged = join(root, 'judged');
  const flags = ['--model', join(models, 'gender'), '--labels', labels, '--draws', '100'];
  const { code, stderr } = await undertone(['eval', ...flags, '--out', judged]);
  expect(code, stderr).toBe(0);
  expect(readTable(judged, 'predictions.csv').map(({ file, truth }) => [file, truth])).toEqual([
    [man, 'male'],
    [woman, 'female'],
  ]);
  const metrics = JSON.parse(readFileSync(join(judged, 'metrics.json'), 'utf8'));
  expect(metrics).toMatchObject({ task: 'gender', classes: ['female', 'male'], recordings: { judged: 2 } });
  expect(metrics.recordings.leftOut).toEqual({ no_truth: 1 });
});

/** Listing the models of a folder, and finding one by name or path. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { listModels, resolveModel } from '@undertone/inference';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  expectError,
  type Json,
  linearModel,
  matrixCard,
  removeRoot,
  root,
  writeModel,
} from './inference-models.ts';

const models = join(root, 'models');
const evaluation = (split: string, uar: number): Json => ({
  corpus: 'ravdess',
  split,
  folds: 6,
  rule: 'four actors a fold',
  unit: 'recording',
  classes: ['neutral', 'happy', 'sad'],
  n: 100,
  uar,
  uarCi95: [0.4, 0.6],
  accuracy: 0.5,
  accuracyCi95: [0.4, 0.6],
  seeds: [1],
});

beforeAll(() => {
  const graph = linearModel([5, 4]);
  const records = [evaluation('random-files', 0.9), evaluation('speaker-independent', 0.5)];
  writeModel(matrixCard({ name: 'good', evaluation: records }), graph, join(models, 'good'));
  writeModel(matrixCard({ name: 'renamed' }), graph, join(models, 'folder'));
  writeModel(
    matrixCard({ name: 'swapped', model: { sha256: 'ab'.repeat(32) } }),
    graph,
    join(models, 'swapped'),
  );
  mkdirSync(join(models, 'broken'));
  writeFileSync(join(models, 'broken', 'card.json'), '{}');
  mkdirSync(join(models, 'training'));
  writeFileSync(join(models, 'README.md'), '# models');
  writeModel(matrixCard({ name: 'elsewhere' }), graph, join(root, 'elsewhere'));
});
afterAll(removeRoot);

describe('listModels', () => {
  it('lists cards by folder, a broken one with its error', async () => {
    const listed = await listModels(models);
    const shown = listed.map((entry) => ('error' in entry ? entry.error.code : entry.name));
    expect(shown).toEqual(
      ['invalid_card', 'renamed', 'good', 'digest_mismatch'].sort((a, b) => order(a) - order(b)),
    );
    const good = listed.find((entry) => 'name' in entry && entry.name === 'good');
    if (!good || 'error' in good) throw new Error('good is missing');
    expect(good).toMatchObject({
      version: '1.0.0',
      task: 'emotion',
      family: 'matrix',
      classes: ['neutral', 'happy', 'sad'],
      licence: { weights: 'Apache-2.0', because: 'made up' },
      directory: join(models, 'good'),
    });
    // New voices before the flattering split, wherever it stands.
    expect(good.headline).toMatchObject({ split: 'speaker-independent', uar: 0.5 });
    const broken = listed[0];
    if (!broken || !('error' in broken)) throw new Error('broken is missing');
    expect(broken.error.message).toBe('Expected "undertone-card/1" for card.schema but received nothing');
  });

  it('has nothing to list without a folder', async () => {
    expect(await listModels(join(root, 'nowhere'))).toEqual([]);
  });
});

/** Folder order: broken, folder (renamed), good, swapped. */
const order = (shown: string): number =>
  ['invalid_card', 'renamed', 'good', 'digest_mismatch'].indexOf(shown);

describe('resolveModel', () => {
  it('finds a card name, a folder name, a broken folder, and a path', async () => {
    expect(await resolveModel('good', [models])).toBe(join(models, 'good'));
    expect(await resolveModel('renamed', [join(root, 'nowhere'), models])).toBe(join(models, 'folder'));
    expect(await resolveModel('folder', [models])).toBe(join(models, 'folder'));
    expect(await resolveModel('broken', [models])).toBe(join(models, 'broken'));
    expect(await resolveModel(join(root, 'elsewhere'), [models])).toBe(join(root, 'elsewhere'));
  });

  it('lists the names for an unknown one', async () => {
    await expectError(
      () => resolveModel('nope', [models]),
      'usage',
      'Expected one of the models broken, renamed, good, swapped or a directory with a card.json for model but received "nope" of type string',
    );
    await expectError(
      () => resolveModel('', []),
      'usage',
      'Expected a directory with a card.json for model but received "" of type string',
    );
  });
});

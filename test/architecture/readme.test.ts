/** The README says what the cards say, and names only what exists. */
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { featureSettings } from '@undertone/shared';
import { expect, it } from 'vitest';
import { pageWithSets } from '../../docs/feature-sets.mjs';
import { claims, outdated } from '../../models/claims.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
it('cards, models/README.md and README.md claim what the evaluations found (node models/claims.mjs --write brings it in)', () => {
  expect(claims().size).toBeGreaterThan(2);
  expect(outdated()).toEqual([]);
});

const features = readFileSync(`${root}/docs/features.md`, 'utf8');

it('docs/features.md lists the sets as they are registered (node docs/feature-sets.mjs --write brings them in)', () => {
  expect(pageWithSets()).toBe(features);
});

it('docs/features.md has a row for every kind of feature and names its settings', () => {
  for (const { shape } of featureSettings.options) {
    const { kind, ...settings } = shape;
    const row = features.split('\n').find((line) => line.startsWith(`| \`${kind.value}\` |`));
    expect(row, kind.value).toBeDefined();
    for (const name of Object.keys(settings).filter((key) => !key.endsWith('Threshold')))
      expect(row, kind.value).toMatch(new RegExp(`\\| [^|]*\`?${name}\\b[^|]*\\|$`));
  }
});

it.each([
  'README.md',
  'ARCHITECTURE.md',
  'docs/features.md',
  'docs/labels.md',
  'docs/tables.md',
  'docs/model-card.md',
  'docs/performance.md',
  'docs/bench.md',
  'docs/export.md',
  'docs/analysts.md',
  'docs/evaluation.md',
  'examples/README.md',
])('%s links only to files that exist', (page) => {
  const text = readFileSync(`${root}/${page}`, 'utf8');
  const folder = page.includes('/') ? `${root}/${page.slice(0, page.lastIndexOf('/'))}` : root;
  for (const [, target = ''] of text.matchAll(/\]\(([^)#:]+)(?:#[^)]*)?\)/g)) {
    expect(existsSync(`${folder}/${target}`), `${page} links to ${target}`).toBe(true);
  }
});

it('both commands of the README are scripts of package.json', () => {
  const { scripts } = JSON.parse(readFileSync(`${root}/package.json`, 'utf8'));
  expect(scripts).toMatchObject({ demo: expect.any(String), test: expect.any(String) });
});

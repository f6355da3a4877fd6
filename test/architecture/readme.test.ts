/** The README says what the cards say, and names only what exists. */
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { readmeWithClaims } from '../../models/claims.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const readme = readFileSync(`${root}/README.md`, 'utf8');

it('claims what the cards claim (node models/claims.mjs --write brings them in)', () => {
  expect(readmeWithClaims()).toBe(readme);
});

it.each([
  'README.md',
  'ARCHITECTURE.md',
  'docs/tables.md',
  'docs/model-card.md',
  'docs/performance.md',
  'docs/bench.md',
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

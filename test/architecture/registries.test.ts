/** Each registry is complete: a plug-in that lies in its folder but is not registered would never run. */
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const inPackages = (path: string): string =>
  fileURLToPath(new URL(`../../packages/${path}`, import.meta.url));

const registries = [
  { folder: 'batch-runner/src/label', beside: ['corpus.ts', 'registry.ts'] },
  {
    folder: 'batch-runner/src/sink',
    beside: [
      'errors.ts',
      'npy.ts',
      'part.ts',
      'registry.ts',
      'rows.ts',
      'sink.ts',
      'table.ts',
      'text-file.ts',
    ],
  },
  {
    folder: 'batch-runner/src/export',
    beside: ['export.ts', 'format.ts', 'intervals.ts', 'mirror.ts', 'registry.ts'],
  },
  { folder: 'inference/src/family', beside: ['family.ts', 'layout.ts', 'registry.ts'] },
];

describe.each(registries)('$folder', ({ folder, beside }) => {
  const registry = readFileSync(inPackages(`${folder}/registry.ts`), 'utf8');
  const plugins = readdirSync(inPackages(folder)).filter((name) => !beside.includes(name));

  it('has plug-ins', () => expect(plugins.length).toBeGreaterThan(1));

  it.each(plugins)('%s is registered', (name) => {
    expect(registry).toContain(`'./${name.replace(/\.ts$/, '.js')}'`);
  });
});

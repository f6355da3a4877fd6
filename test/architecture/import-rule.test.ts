/** Nothing imports upward or sideways: the table below is the rule of ARCHITECTURE.md. */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const packages = fileURLToPath(new URL('../../packages', import.meta.url));

/** What a folder may import besides itself and node builtins. Folders are relative to packages/. */
const mayImport: Record<string, readonly string[]> = {
  'shared/src': ['zod'],
  'dsp-native/lib': ['@undertone/shared'],
  'inference/src': ['@undertone/shared', 'zod', 'inference/src/family'],
  'inference/src/family': ['@undertone/shared', 'inference/src'],
  'batch-runner/src': [
    '@undertone/shared',
    '@undertone/dsp-native',
    '@undertone/inference',
    'zod',
    'batch-runner/src/command',
    'batch-runner/src/supervisor',
  ],
  'batch-runner/src/label': ['@undertone/shared'],
  'batch-runner/src/manifest': ['@undertone/shared', 'csv-parse', 'picomatch', 'batch-runner/src/label'],
  'batch-runner/src/dataset': [
    '@undertone/shared',
    ...['commit', 'label', 'manifest', 'pool', 'sink'].map((f) => `batch-runner/src/${f}`),
  ],
  'batch-runner/src/explore': [
    '@undertone/shared',
    'batch-runner/src',
    ...['commit', 'dataset', 'manifest', 'pool', 'sink', 'worker'].map((f) => `batch-runner/src/${f}`),
  ],
  'batch-runner/src/shard': ['@undertone/shared'],
  'batch-runner/src/sink': ['@undertone/shared', 'csv-parse', '@duckdb/node-api'],
  'batch-runner/src/stage': ['@undertone/shared', '@undertone/dsp-native', '@undertone/inference'],
  'batch-runner/src/commit': [
    '@undertone/shared',
    'batch-runner/src/manifest',
    'batch-runner/src/shard',
    'batch-runner/src/sink',
    // Rows of recordings in pieces: what the worker makes of a whole one, the merge makes of all its pieces.
    'batch-runner/src/stage',
  ],
  'batch-runner/src/flight': [],
  'batch-runner/src/worker': [
    '@undertone/shared',
    '@undertone/dsp-native',
    '@undertone/inference',
    'batch-runner/src/commit',
    'batch-runner/src/flight',
    'batch-runner/src/sink',
    'batch-runner/src/stage',
  ],
  'batch-runner/src/evaluate': [
    '@undertone/shared',
    '@undertone/inference',
    'pure-rand',
    'zod',
    'batch-runner/src',
    ...['commit', 'label', 'manifest', 'read', 'sink'].map((f) => `batch-runner/src/${f}`),
  ],
  'batch-runner/src/bench': [
    '@undertone/shared',
    '@undertone/dsp-native',
    'zod',
    'batch-runner/src',
    'batch-runner/src/commit',
    'batch-runner/src/read',
  ],
  'batch-runner/src/pool': ['@undertone/shared', 'piscina', 'batch-runner/src/worker'],
  'batch-runner/src/report': [
    'batch-runner/src/flight',
    '@undertone/shared',
    '@undertone/dsp-native',
    'batch-runner/src',
    'batch-runner/src/commit',
  ],
  'batch-runner/src/runner': [
    '@undertone/shared',
    '@undertone/dsp-native',
    '@undertone/inference',
    '@undertone/inference/shared-libraries',
    'batch-runner/src',
    ...['commit', 'flight', 'manifest', 'pool', 'report', 'shard', 'sink', 'worker'].map(
      (f) => `batch-runner/src/${f}`,
    ),
  ],
  // It imports no native code: it is what stays when native code crashes.
  'batch-runner/src/supervisor': [
    '@undertone/shared',
    'batch-runner/src',
    'batch-runner/src/flight',
    'batch-runner/src/report',
    'batch-runner/src/runner',
  ],
  'batch-runner/src/read': ['@undertone/shared', '@duckdb/node-api', 'batch-runner/src/commit'],
  'batch-runner/src/export': [
    '@undertone/shared',
    'batch-runner/src/commit',
    'batch-runner/src/read',
    'batch-runner/src/sink',
  ],
  'batch-runner/src/summary': ['@undertone/shared', 'batch-runner/src/commit', 'batch-runner/src/read'],
  'batch-runner/src/command': [
    '@undertone/shared',
    '@undertone/dsp-native',
    '@undertone/inference',
    'commander',
    'zod',
    'batch-runner/src',
    ...[
      'bench',
      'commit',
      'dataset',
      'evaluate',
      'explore',
      'export',
      'label',
      'manifest',
      'read',
      'report',
      'sink',
      'summary',
      'supervisor',
    ].map((f) => `batch-runner/src/${f}`),
  ],
};

/** Only this file may know the runtime that runs the models. */
const onlyIn: Record<string, string> = { 'onnxruntime-node': 'inference/src/session.ts' };

/** Entries of a package that load nothing else of it. */
const lightEntries = ['@undertone/inference/shared-libraries'];

/** C++: what a folder of dsp-native/src may include besides itself and system headers. */
const mayInclude: Record<string, readonly string[]> = {
  core: [],
  codec: ['core'],
  signal: ['core'],
  // A feature is written once over an abstract lane type; each backend compiles it.
  feature: ['core', 'signal'],
  backend: ['core', 'signal', 'feature'],
  plan: ['core', 'signal', 'codec', 'backend', 'feature'],
  napi: ['core', 'signal', 'codec', 'backend', 'feature', 'plan'],
};

function sources(folder: string, pattern: RegExp): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => pattern.test(name) && !name.includes('node_modules'))
    .map((name) => join(folder, name));
}

function importsOf(file: string): string[] {
  const text = readFileSync(file, 'utf8');
  return [
    ...text.matchAll(/^\s*(?:import|export)\b[^;]*?from\s+'([^']+)'|^import '([^']+)'|import\('([^']+)'\)/gm),
  ].map((match) => match[1] ?? match[2] ?? match[3] ?? '');
}

/** The package or the folder under packages/ that an import leads to. */
function target(file: string, specifier: string): string {
  if (specifier.startsWith('.')) return relative(packages, dirname(resolve(dirname(file), specifier)));
  if (lightEntries.includes(specifier)) return specifier;
  const parts = specifier.split('/');
  return specifier.startsWith('@') ? parts.slice(0, 2).join('/') : (parts[0] ?? '');
}

function violations(file: string, specifiers: readonly string[]): string[] {
  const folder = relative(packages, dirname(file));
  const allowed = mayImport[folder];
  if (!allowed) return [`${folder} is not in the table of who may import whom`];
  return specifiers
    .filter((specifier) => !specifier.startsWith('node:'))
    .map((specifier) => target(file, specifier))
    .filter((to) => to !== folder && !allowed.includes(to) && onlyIn[to] !== relative(packages, file))
    .map((to) => `${relative(packages, file)} imports ${to}`);
}

const typescript = ['shared/src', 'dsp-native/lib', 'inference/src', 'batch-runner/src'].flatMap((folder) =>
  sources(join(packages, folder), /\.ts$/),
);
const native = sources(join(packages, 'dsp-native/src'), /\.(h|cc|cu|cuh)$/);

describe('import rule', () => {
  it('finds the sources it judges', () => {
    expect(typescript.length).toBeGreaterThan(50);
    expect(native.length).toBeGreaterThan(20);
  });

  it('holds for every TypeScript file', () => {
    expect(typescript.flatMap((file) => violations(file, importsOf(file)))).toEqual([]);
  });

  it('would catch a stage that knows the pool', () => {
    const file = join(packages, 'batch-runner/src/stage/score.ts');
    expect(violations(file, ['../pool/pool.js'])).toEqual([
      'batch-runner/src/stage/score.ts imports batch-runner/src/pool',
    ]);
    expect(violations(file, ['piscina'])).toHaveLength(1);
  });

  it('keeps the model runtime in one file', () => {
    expect(violations(join(packages, 'inference/src/model.ts'), ['onnxruntime-node'])).toHaveLength(1);
    expect(violations(join(packages, 'inference/src/session.ts'), ['onnxruntime-node'])).toEqual([]);
  });

  it('holds for every C++ file, and only src/napi includes napi.h', () => {
    const found = native.flatMap((file) => {
      const [folder = ''] = relative(join(packages, 'dsp-native/src'), file).split('/');
      const text = readFileSync(file, 'utf8');
      const quoted = [...text.matchAll(/#include "([^"]+)"/g)].map(
        (match) => (match[1] ?? '').split('/')[0] ?? '',
      );
      const bad = quoted
        .filter((to) => to in mayInclude && to !== folder && !(mayInclude[folder] ?? []).includes(to))
        .map((to) => `${folder} includes ${to} in ${file}`);
      return /<(napi|node_api)\.h>/.test(text) && folder !== 'napi'
        ? [...bad, `${file} includes napi.h`]
        : bad;
    });
    expect(found).toEqual([]);
  });

  it('has no cycle among the folders of the table', () => {
    const visit = (folder: string, path: readonly string[]): void => {
      expect(path, `cycle ${[...path, folder].join(' → ')}`).not.toContain(folder);
      for (const next of mayImport[folder] ?? []) {
        // A package's root and its plug-in folder are one layer: registries name their entries.
        if (next in mayImport && !folder.startsWith(`${next}/`) && !next.startsWith(`${folder}/`)) {
          visit(next, [...path, folder]);
        }
      }
    };
    for (const folder of Object.keys(mayImport)) visit(folder, []);
  });
});

/** Inputs → Manifest: ordered, with stable ids and labels by name. */
import { statSync } from 'node:fs';
import { dirname, relative, sep } from 'node:path';
import { type Manifest, type ManifestRecord, shortId, toErrorData, UndertoneError } from '@undertone/shared';
import { labelByName } from '../label/registry.js';
import type { InputEntry } from './inputs.js';

/**
 * Orders by the path the tables show, byte by byte, so that no locale or file system changes the tables.
 * A recording named twice counts once.
 * @throws UndertoneError usage when there is nothing to do
 */
export function buildManifest(entries: readonly InputEntry[]): Manifest {
  if (entries.length === 0) {
    throw new UndertoneError('usage', 'inputs', 'The inputs hold no recording');
  }
  const root = commonFolder(entries.map((entry) => entry.root));
  const byFile = new Map<string, ManifestRecord>();
  for (const entry of entries) {
    const file = `./${relative(root, entry.path).split(sep).join('/')}`;
    if (!byFile.has(file)) byFile.set(file, toRecord(entry, file));
  }
  const records = [...byFile.values()].sort((a, b) =>
    Buffer.compare(Buffer.from(a.file), Buffer.from(b.file)),
  );
  return { root, records };
}

function toRecord(entry: InputEntry, file: string): ManifestRecord {
  const label = labelByName(file);
  const base = {
    file,
    path: entry.path,
    estimatedSeconds: 0,
    truth: entry.truth ?? label?.emotion ?? null,
    speaker: label?.speaker ?? null,
    corpus: label?.corpus ?? null,
  };
  const unopenable = (error: NonNullable<ManifestRecord['scanError']>): ManifestRecord => ({
    ...base,
    id: shortId(file, '0'),
    bytes: 0,
    mtimeMs: 0,
    scanError: error,
  });
  if (entry.error) return unopenable(entry.error);
  try {
    const stat = statSync(entry.path);
    return {
      ...base,
      id: shortId(file, String(stat.size)),
      bytes: stat.size,
      mtimeMs: Math.trunc(stat.mtimeMs),
      scanError: null,
    };
  } catch (thrown) {
    const { code } = toErrorData(thrown, file);
    return code === 'not_found'
      ? unopenable({ code, message: 'File does not exist' })
      : unopenable({ code: 'unreadable', message: `File cannot be read: ${(thrown as Error).message}` });
  }
}

/** The deepest folder that holds all of them. */
export function commonFolder(folders: readonly string[]): string {
  const [first = '/', ...rest] = folders;
  let common = first;
  for (const folder of rest) {
    while (folder !== common && !folder.startsWith(common === '/' ? '/' : common + sep))
      common = dirname(common);
  }
  return common;
}

/**
 * Turns what the user named (files, folders, globs, a manifest, `-`) into a list of paths.
 * Nothing is dropped silently: what a scan passes over is counted, what cannot be read becomes an entry with an error.
 */
import { readdirSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { dirname, join, resolve, sep } from 'node:path';
import { EMOTIONS, type Emotion, expectation, type RecordErrorCode, UndertoneError } from '@undertone/shared';
import { parse } from 'csv-parse/sync';
import { glob, isDynamicPattern } from 'tinyglobby';
import { looksLikeRecording } from './audio-names.js';

export interface InputEntry {
  /** Absolute path. */
  readonly path: string;
  /** The folder this entry was found under; for a file named by itself, the folder it lies in. */
  readonly root: string;
  /** Truth from a manifest; undefined leaves it to the file name. */
  readonly truth?: Emotion | null;
  readonly error?: { readonly code: RecordErrorCode; readonly message: string };
}

export interface Inputs {
  readonly entries: InputEntry[];
  /** Files that a folder scan passed over because their name is not a recording's. */
  readonly passedOver: number;
}

/**
 * @param inputs as on the command line
 * @param readStdin called for `-`: the text on standard input
 * @throws UndertoneError usage when an input does not exist, or a glob or folder holds no recording
 */
export async function collectInputs(inputs: readonly string[], readStdin: () => string): Promise<Inputs> {
  const entries: InputEntry[] = [];
  let passedOver = 0;
  for (const input of inputs) {
    if (input === '-') {
      entries.push(...parseList(readStdin(), process.cwd(), 'standard input'));
      continue;
    }
    const path = resolve(input);
    const kind = kindOf(path);
    if (kind === 'folder') {
      const scan = scanFolder(path);
      entries.push(...scan.entries);
      passedOver += scan.passedOver;
    } else if (kind === 'file') {
      if (/\.(csv|jsonl)$/i.test(path)) entries.push(...readManifest(path));
      else entries.push({ path, root: dirname(path) });
    } else if (isDynamicPattern(input)) {
      entries.push(...(await expandGlob(input)));
    } else {
      throw new UndertoneError(
        'usage',
        input,
        `Input "${input}" does not exist (a file, folder, glob, manifest or -)`,
      );
    }
  }
  return { entries, passedOver };
}

function kindOf(path: string): 'file' | 'folder' | 'none' {
  try {
    return statSync(path).isDirectory() ? 'folder' : 'file';
  } catch {
    return 'none';
  }
}

async function expandGlob(pattern: string): Promise<InputEntry[]> {
  const paths = await glob(pattern, { absolute: true, onlyFiles: true, followSymbolicLinks: false });
  if (paths.length === 0) {
    throw new UndertoneError('usage', pattern, `Input "${pattern}" is a pattern that matches no file`);
  }
  const parts = pattern.split('/');
  const fixed = parts
    .slice(
      0,
      parts.findIndex((part) => isDynamicPattern(part)),
    )
    .join('/');
  const root = resolve(fixed === '' && pattern.startsWith('/') ? '/' : fixed);
  return paths.map((path) => ({ path, root }));
}

/** Depth-first, following links to folders once each; a link to a folder that holds the link is a loop and is left. */
function scanFolder(root: string): Inputs {
  const entries: InputEntry[] = [];
  const seen = new Set<string>();
  let passedOver = 0;
  const visit = (folder: string): void => {
    let names: { name: string; folder: boolean }[];
    try {
      const real = realpathSync(folder);
      if (seen.has(real)) return;
      seen.add(real);
      names = readdirSync(folder, { withFileTypes: true }).map((entry) => ({
        name: entry.name,
        folder:
          entry.isDirectory() || (entry.isSymbolicLink() && kindOf(join(folder, entry.name)) === 'folder'),
      }));
    } catch (thrown) {
      const message = `Folder cannot be read: ${(thrown as Error).message}`;
      entries.push({ path: folder, root, error: { code: 'unreadable', message } });
      return;
    }
    for (const { name, folder: isFolder } of names) {
      if (name.startsWith('.')) continue;
      const path = join(folder, name);
      if (!isFolder && looksLikeRecording(name)) entries.push({ path, root });
      else if (!isFolder) passedOver += 1;
      else if (!holds(realpathOr(path), folder)) visit(path);
    }
  };
  visit(root);
  return { entries, passedOver };
}

const realpathOr = (path: string): string => {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
};

/** Whether `folder`, links resolved, lies in `outer` or is it. */
const holds = (outer: string, folder: string): boolean =>
  `${realpathOr(folder)}${sep}`.startsWith(`${outer}${sep}`);

/** A manifest: CSV with a `file` column, or JSON lines with a `file` key; optional `truth`. Paths are relative to it. */
function readManifest(path: string): InputEntry[] {
  const text = readFileSync(path, 'utf8');
  if (/\.jsonl$/i.test(path)) return parseList(text, dirname(path), path);
  let rows: Record<string, string>[];
  try {
    rows = parse(text, { columns: true, bom: true, skip_empty_lines: true });
  } catch (thrown) {
    throw new UndertoneError('usage', path, `Manifest "${path}" is not CSV: ${(thrown as Error).message}`);
  }
  return rows.map((row, i) => {
    if (!row.file) {
      throw new UndertoneError(
        'usage',
        path,
        expectation('a path', `column file of "${path}", row ${i + 1}`, row.file),
      );
    }
    return manifestEntry(row.file, row.truth || undefined, dirname(path), `"${path}", row ${i + 1}`);
  });
}

/** Lines: each a path, or a JSON object with `file` and optional `truth`. */
function parseList(text: string, base: string, where: string): InputEntry[] {
  const entries: InputEntry[] = [];
  text.split(/\r?\n/).forEach((line, i) => {
    if (line === '') return;
    if (!line.startsWith('{')) {
      entries.push(manifestEntry(line, undefined, base, where));
      return;
    }
    const place = `${where}, line ${i + 1}`;
    let value: { file?: unknown; truth?: unknown };
    try {
      value = JSON.parse(line) as typeof value;
    } catch {
      throw new UndertoneError('usage', where, `Expected JSON in ${place} but received ${line.slice(0, 80)}`);
    }
    if (typeof value.file !== 'string') {
      throw new UndertoneError('usage', where, expectation('a path', `file in ${place}`, value.file));
    }
    entries.push(manifestEntry(value.file, value.truth ?? undefined, base, place));
  });
  return entries;
}

function manifestEntry(file: string, truth: unknown, base: string, place: string): InputEntry {
  const path = resolve(base, file);
  const root = path.startsWith(base === sep ? sep : base + sep) ? base : dirname(path);
  if (truth === undefined) return { path, root };
  if (!EMOTIONS.includes(truth as Emotion)) {
    throw new UndertoneError(
      'usage',
      'truth',
      expectation(`one of ${EMOTIONS.join(', ')}`, `truth in ${place}`, truth),
    );
  }
  return { path, root, truth: truth as Emotion };
}

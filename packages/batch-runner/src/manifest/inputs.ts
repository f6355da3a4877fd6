/**
 * Turns what the user named (files, folders, globs, a manifest, `-`) into a list of paths.
 * Nothing is dropped silently: what a scan passes over is counted, what cannot be read becomes an entry with an error.
 */
import { createReadStream, readdirSync, realpathSync, statSync } from 'node:fs';
import { dirname, join, resolve, sep } from 'node:path';
import { type Emotion, type RecordErrorCode, UndertoneError } from '@undertone/shared';
import { glob, isDynamicPattern } from 'tinyglobby';
import { looksLikeRecording } from './audio-names.js';
import { readCsv, readList } from './list-file.js';

export interface InputEntry {
  /** Absolute path: text, or bytes where it is not UTF-8. */
  readonly path: string | Uint8Array;
  /** The folder this entry was found under; for a file named by itself, the folder it lies in. */
  readonly root: string | Uint8Array;
  /** Truth from a manifest; undefined leaves it to the file name. */
  readonly truth?: Emotion | null;
  readonly error?: { readonly code: RecordErrorCode; readonly message: string };
}

/** Called once for each entry, so that a million of them are never a list. */
export type TakeEntry = (entry: InputEntry) => void;

export interface Inputs {
  /** Files that a folder scan passed over because their name is not a recording's. */
  readonly passedOver: number;
}

/**
 * @param inputs as on the command line
 * @param stdin called for `-`: the bytes on standard input
 * @throws UndertoneError usage when an input does not exist, or a glob or folder holds no recording
 */
export async function collectInputs(
  inputs: readonly string[],
  stdin: () => AsyncIterable<Uint8Array>,
  take: TakeEntry,
): Promise<Inputs> {
  let passedOver = 0;
  for (const input of inputs) {
    if (input === '-') {
      await readList(stdin(), process.cwd(), 'standard input', take);
      continue;
    }
    const path = resolve(input);
    const kind = kindOf(path);
    if (kind === 'folder') {
      passedOver += scanFolder(path, take).passedOver;
    } else if (kind === 'file') {
      if (/\.jsonl$/i.test(path)) await readList(createReadStream(path), dirname(path), path, take);
      else if (/\.csv$/i.test(path)) await readCsv(path, take);
      else take({ path, root: dirname(path) });
    } else if (isDynamicPattern(input)) {
      for (const entry of await expandGlob(input)) take(entry);
    } else {
      throw new UndertoneError(
        'usage',
        input,
        `Input "${input}" does not exist (a file, folder, glob, manifest or -)`,
      );
    }
  }
  return { passedOver };
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
function scanFolder(root: string, take: TakeEntry): Inputs {
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
      take({ path: folder, root, error: { code: 'unreadable', message } });
      return;
    }
    for (const { name, folder: isFolder } of names) {
      if (name.startsWith('.')) continue;
      const path = join(folder, name);
      if (!isFolder && looksLikeRecording(name)) take({ path, root });
      else if (!isFolder) passedOver += 1;
      else if (!holds(realpathOr(path), folder)) visit(path);
    }
  };
  visit(root);
  return { passedOver };
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

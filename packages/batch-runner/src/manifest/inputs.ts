/**
 * Turns what the user named (files, folders, globs, a manifest, `-`) into entries, one at a time.
 * Nothing is dropped silently: what a scan passes over is counted, what cannot be read becomes an entry with an error.
 */
import { realpathSync } from 'node:fs';
import { dirname } from 'node:path';
import { shownName, systemPath, UndertoneError } from '@undertone/shared';
import { looksLikeRecording } from './audio-names.js';
import type { InputEntry, TakeEntry } from './entry.js';
import { expandGlob, isGlob } from './glob.js';
import { namedPath, readList, readManifest } from './list-file.js';
import { scanFolder } from './scan-folder.js';
import { statOrNull, systemReason } from './system-call.js';

export interface Inputs {
  /** Files that a folder scan passed over because their name is not a recording's, or hidden. */
  readonly passedOver: number;
}

/**
 * @param inputs as on the command line
 * @param stdin called for `-`: the bytes on standard input
 * @param give gets every entry; a recording may come twice
 * @throws UndertoneError usage when an input does not exist, or a glob matches nothing
 */
export async function collectInputs(
  inputs: readonly string[],
  stdin: () => AsyncIterable<Uint8Array>,
  give: (entry: InputEntry) => void,
): Promise<Inputs> {
  // As bytes: the working folder's name need not be UTF-8.
  const cwd = shownName(realpathSync.native('.', { encoding: 'buffer' }));
  const take: TakeEntry = ({ path, root, ...rest }) =>
    give({ path: systemPath(path), root: systemPath(root), ...rest });
  let passedOver = 0;
  for (const input of inputs) {
    if (input === '-') {
      await readList(stdin(), cwd, 'standard input', take);
      continue;
    }
    const path = namedPath(input, cwd);
    const stat = statOrNull(path);
    if (stat?.isDirectory()) passedOver += scanNamed(path, take);
    else if (stat && /\.(csv|jsonl)$/i.test(path)) await readManifest(path, take);
    else if (stat) take({ path, root: dirname(path) });
    else if (!isGlob(input)) refuse(input, 'does not exist (a file, folder, glob, manifest or -)');
    else if (expandGlob(input, cwd, take) === 0) refuse(input, 'is a pattern that matches no file');
  }
  return { passedOver };
}

function scanNamed(path: string, take: TakeEntry): number {
  const wanted = (relative: string): boolean => looksLikeRecording(relative);
  try {
    return scanFolder(path, { wanted, maxDepth: Number.POSITIVE_INFINITY }, take);
  } catch (thrown) {
    return refuse(path, `cannot be read: ${systemReason(thrown)}`);
  }
}

function refuse(input: string, why: string): never {
  throw new UndertoneError('usage', input, `Input "${input}" ${why}`);
}

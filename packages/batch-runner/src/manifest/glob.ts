/** A glob as the shell writes it, for lists too long for the shell. Hidden files are matched only when named. */
import { resolve } from 'node:path';
import picomatch from 'picomatch';
import type { TakeEntry } from './entry.js';
import { scanFolder } from './scan-folder.js';
import { statOrNull } from './system-call.js';

export const isGlob = (input: string): boolean => picomatch.scan(input).isGlob === true;

/**
 * @param cwd what a relative pattern starts from
 * @returns files that matched
 */
export function expandGlob(pattern: string, cwd: string, take: TakeEntry): number {
  const { base, glob } = picomatch.scan(pattern) as { base: string; glob: string };
  const root = resolve(cwd, base);
  if (!statOrNull(root)?.isDirectory()) return 0;
  let matched = 0;
  // s: a dot of the compiled pattern matches every character of a name, line feeds too.
  const wanted = picomatch(glob, { flags: 's' });
  const maxDepth = /\*\*|\(/.test(glob) ? Number.POSITIVE_INFINITY : glob.split('/').length - 1;
  scanFolder(root, { wanted, maxDepth }, (entry) => {
    matched += 1;
    take(entry);
  });
  return matched;
}

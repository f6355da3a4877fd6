/** Where the file about a recording goes: the recording's own path and name, so that a person finds it. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { sha256Hex } from '@undertone/shared';

/** Longest name of a file or folder, in bytes of UTF-8: Linux, macOS and Windows allow that much. */
const MAX_NAME_BYTES = 255;

/**
 * The whole name of the recording stays, ending included: `a.wav` and `a.mp3` do not meet. A name that becomes too long
 * is cut, with a digest of the whole in its place.
 * @param file as in the tables @param ending with its dot
 * @returns a path relative to the export's folder
 */
export function mirrorPath(file: string, ending: string): string {
  const parts = file.split('/').filter((part) => part !== '' && part !== '.' && part !== '..');
  return parts.map((part, i) => fitted(part, i === parts.length - 1 ? ending : '')).join('/');
}

function fitted(name: string, ending: string): string {
  if (Buffer.byteLength(name + ending) <= MAX_NAME_BYTES) return name + ending;
  const rest = `~${sha256Hex(name).slice(0, 12)}${ending}`;
  const room = MAX_NAME_BYTES - Buffer.byteLength(rest);
  // A character that the cut would halve goes whole.
  const head = Buffer.from(name)
    .subarray(0, room)
    .toString('utf8')
    .replace(/\uFFFD+$/, '');
  return head + rest;
}

export function writeMirrored(folder: string, path: string, text: string): void {
  const target = join(folder, path);
  mkdirSync(dirname(target), { recursive: true });
  writeFileSync(target, text, { flag: 'wx' });
}

/**
 * File names are bytes; tables, manifests and messages are text. Between the two stands a form that can be turned back.
 *
 * A name that is UTF-8 is shown as it is. A byte that is not part of UTF-8 becomes `\xNN` (hex); so that this cannot be
 * mistaken, a backslash that stands before `xNN` in a real name becomes `\x5C`. Two different names never look the same.
 */
import { Buffer, isUtf8 } from 'node:buffer';

/** @param name a name or a path, as the system gave it */
export function shownName(name: Uint8Array | string): string {
  if (typeof name === 'string') return withoutEscapes(name);
  const bytes = Buffer.from(name.buffer, name.byteOffset, name.byteLength);
  if (isUtf8(bytes)) return withoutEscapes(bytes.toString('utf8'));
  let shown = '';
  let from = 0;
  for (let at = 0; at < bytes.length; ) {
    const length = characterLength(bytes, at);
    if (length === 0) {
      shown += withoutEscapes(bytes.toString('utf8', from, at));
      shown += `\\x${bytes.toString('hex', at, at + 1).toUpperCase()}`;
      from = at + 1;
    }
    at += length || 1;
  }
  return shown + withoutEscapes(bytes.toString('utf8', from));
}

/** What the system is asked for: the text itself, or bytes when the shown form holds escapes. */
export function systemPath(shown: string): string | Buffer {
  if (!holdsEscapes(shown)) return shown;
  const parts = shown.split(/\\x([0-9A-Fa-f]{2})/);
  return Buffer.concat(parts.map((part, i) => Buffer.from(part, i % 2 === 1 ? 'hex' : 'utf8')));
}

export const holdsEscapes = (shown: string): boolean => /\\x[0-9A-Fa-f]{2}/.test(shown);

const withoutEscapes = (text: string): string =>
  text.includes('\\x') ? text.replace(/\\(?=x[0-9A-Fa-f]{2})/g, '\\x5C') : text;

/** Bytes of the UTF-8 character that begins at `at`; 0 when none does. */
function characterLength(bytes: Buffer, at: number): number {
  for (let length = 1; length <= 4 && at + length <= bytes.length; ++length) {
    if (isUtf8(bytes.subarray(at, at + length))) return length;
  }
  return 0;
}

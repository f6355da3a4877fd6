/** Paths as bytes, which is what a file system has, and as the text that tables show. */
import { isUtf8 } from 'node:buffer';
import { shownName } from '@undertone/shared';

/** Text where the bytes are UTF-8, else the bytes themselves: what file functions and the decoder take. */
export const openablePath = (path: Buffer): string | Buffer =>
  isUtf8(path) ? path.toString('utf8') : Buffer.from(path);

/** @param path relative to the input root, `/`-separated */
export const shownPath = (path: Buffer): string => `./${shownName(path)}`;

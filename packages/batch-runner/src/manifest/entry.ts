/** What the user named, one recording at a time, before anything of it is looked at. */
import type { RecordErrorCode } from '@undertone/shared';
import type { GivenLabels } from './given-labels.js';

interface Entry<Path> {
  /** Absolute. */
  readonly path: Path;
  /** The folder this entry was found under; for a file named by itself, the folder it lies in. */
  readonly root: Path;
  /** From a manifest. */
  readonly given?: GivenLabels;
  readonly error?: { readonly code: RecordErrorCode; readonly message: string };
}

/** As the manifest takes it: paths as text, or as bytes where they are not UTF-8. */
export type InputEntry = Entry<string | Uint8Array>;

/** While inputs are collected, paths are in the shown form (see shared/file-name.ts). */
export type ShownEntry = Entry<string>;

/** Called once for each entry, so that a million of them are never a list. */
export type TakeEntry = (entry: ShownEntry) => void;

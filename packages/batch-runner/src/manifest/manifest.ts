/** Inputs → Manifest: ordered, with stable ids and labels by name. */
import { type Stats, statSync } from 'node:fs';
import { dirname, sep } from 'node:path';
import {
  type Manifest,
  type ManifestRecord,
  type RecordErrorCode,
  shortId,
  shownName,
  toErrorData,
  UndertoneError,
} from '@undertone/shared';
import { labelByName } from '../label/registry.js';
import { ByteStrings, Interned, Numbers } from './compact-columns.js';
import type { InputEntry } from './entry.js';
import type { GivenLabels } from './given-labels.js';
import { openablePath, shownPath } from './shown-path.js';
import { systemReason } from './system-call.js';

/** Recordings as they come in, any order, any of them more than once. */
export class ManifestBuilder {
  readonly #columns = new RecordColumns();
  readonly #roots = new Set<string>();

  add(entry: InputEntry): void {
    this.#roots.add(binary(entry.root));
    this.#columns.push(entry);
  }

  /**
   * Orders by path, byte by byte, so that no locale or file system changes the tables.
   * A recording named twice counts once: as it was named first.
   * @throws UndertoneError usage when there is nothing to do
   */
  build(): CompactManifest {
    if (this.#columns.count === 0)
      throw new UndertoneError('usage', 'inputs', 'The inputs hold no recording');
    return new CompactManifest(commonFolder([...this.#roots]), this.#columns, ordered(this.#columns.paths));
  }
}

/** A record without what its path and size tell. */
export interface PlannedEntry {
  /** Relative to the root. */
  readonly path: Uint8Array;
  readonly bytes: number;
  readonly mtimeMs: number;
  readonly estimatedSeconds: number;
  /** From a manifest; null leaves all of it to the file name. */
  readonly given: GivenLabels | null;
  readonly error: ManifestRecord['scanError'];
}

export class CompactManifest implements Manifest {
  /** As text; bytes that are not UTF-8 are shown as the tables show them. */
  readonly root: string;
  readonly rootPath: Buffer;
  /** Bytes of a path that come before what is relative to the root. */
  readonly #rootBytes: number;
  readonly #seconds: Float64Array;

  /**
   * @param root one character a byte
   * @param order the records' places in the columns
   */
  constructor(
    root: string,
    readonly columns: RecordColumns,
    readonly order: Uint32Array,
  ) {
    this.rootPath = Buffer.from(root, 'latin1');
    this.root = shownName(this.rootPath);
    this.#rootBytes = root === sep ? 1 : root.length + 1;
    this.#seconds = new Float64Array(order.length);
  }

  get count(): number {
    return this.order.length;
  }

  /** What a plan file keeps of a record. */
  entry(index: number): PlannedEntry {
    const place = this.#place(index);
    const { paths, bytes, mtimes, given } = this.columns;
    return {
      path: paths.at(place).subarray(this.#rootBytes),
      bytes: bytes.at(place),
      mtimeMs: mtimes.at(place),
      estimatedSeconds: this.secondsOf(index),
      given: given.at(place),
      error: this.columns.scanError(place),
    };
  }

  /** Seconds by the headers of the records from `first` on. */
  setSeconds(first: number, seconds: Float64Array): void {
    this.#seconds.set(seconds, first);
  }

  secondsOf(index: number): number {
    return this.#seconds[index] ?? 0;
  }

  pathOf(index: number): string | Uint8Array {
    return openablePath(this.columns.paths.at(this.#place(index)));
  }

  record(index: number): ManifestRecord {
    const place = this.#place(index);
    const { paths, bytes, mtimes } = this.columns;
    const path = paths.at(place);
    const file = shownPath(path.subarray(this.#rootBytes));
    const label = labelByName(file);
    const given = this.columns.given.at(place);
    return {
      id: shortId(file, String(bytes.at(place))),
      file,
      path: openablePath(path),
      bytes: bytes.at(place),
      mtimeMs: mtimes.at(place),
      estimatedSeconds: this.secondsOf(index),
      truth: given?.truth ?? label?.emotion ?? null,
      role: given?.role ?? null,
      speaker: given?.speaker ?? label?.speaker ?? null,
      gender: given?.gender ?? label?.gender ?? null,
      corpus: given?.corpus ?? label?.corpus ?? null,
      scanError: this.columns.scanError(place),
    };
  }

  #place(index: number): number {
    const place = this.order[index];
    if (place === undefined) throw new RangeError(`No record ${index} in a manifest of ${this.count}`);
    return place;
  }
}

/** One value a record in each column, in the order they came. */
export class RecordColumns {
  readonly paths = new ByteStrings();
  readonly bytes = new Numbers();
  readonly mtimes = new Numbers();
  readonly given = new Interned<GivenLabels>();
  readonly #errors = new Interned<`${RecordErrorCode} ${string}`>();

  get count(): number {
    return this.paths.count;
  }

  push({ path, given: said = {}, error }: InputEntry): void {
    const stat = error ?? statOrError(path);
    const known = { path: Buffer.from(path), given: Object.keys(said).length > 0 ? said : null };
    if ('code' in stat) this.pushKnown({ ...known, bytes: 0, mtimeMs: 0, error: stat });
    else this.pushKnown({ ...known, bytes: stat.size, mtimeMs: Math.trunc(stat.mtimeMs), error: null });
  }

  /** @param entry with an absolute path */
  pushKnown({ path, bytes, mtimeMs, given, error }: Omit<PlannedEntry, 'estimatedSeconds'>): void {
    this.paths.push(path);
    this.bytes.push(bytes);
    this.mtimes.push(mtimeMs);
    this.given.push(given);
    this.#errors.push(error && `${error.code} ${error.message}`);
  }

  scanError(place: number): ManifestRecord['scanError'] {
    const error = this.#errors.at(place);
    if (error === null) return null;
    const space = error.indexOf(' ');
    return { code: error.slice(0, space) as RecordErrorCode, message: error.slice(space + 1) };
  }
}

/** Regular files alone are recordings: a pipe would be waited for, a device may never end. */
function statOrError(path: string | Uint8Array): Stats | NonNullable<ManifestRecord['scanError']> {
  try {
    // Without an exception for what is not there: a list may name a million such files.
    const stat = statSync(typeof path === 'string' ? path : Buffer.from(path), { throwIfNoEntry: false });
    if (!stat) return { code: 'not_found', message: 'File does not exist' };
    if (stat.isFile()) return stat;
    const found = stat.isDirectory() ? 'a folder' : 'a pipe, socket or device';
    return { code: 'unreadable', message: `Expected a file but found ${found}` };
  } catch (thrown) {
    const { code } = toErrorData(thrown, 'input');
    if (code === 'not_found') return { code, message: 'File does not exist' };
    // The path is left out: a message that many recordings share is kept once.
    return { code: 'unreadable', message: `File cannot be read: ${systemReason(thrown)}` };
  }
}

/** Places in path order without repetitions; of equal paths the first that came. */
function ordered(paths: ByteStrings): Uint32Array {
  const order = Uint32Array.from({ length: paths.count }, (_, i) => i);
  order.sort((a, b) => Buffer.compare(paths.at(a), paths.at(b)) || a - b);
  let count = 0;
  for (const place of order) {
    const previous = count > 0 ? order[count - 1] : undefined;
    if (previous !== undefined && paths.at(previous).equals(paths.at(place))) continue;
    order[count++] = place;
  }
  return order.slice(0, count);
}

/** One character a byte, so that text functions work on names that are not UTF-8. */
const binary = (path: string | Uint8Array): string => Buffer.from(path).toString('latin1');

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

/**
 * A folder and everything under it, in memory that does not grow with the number of files or the depth.
 *
 * Links to files are recordings of their own. A link to a folder is followed when its target is not scanned anyway and
 * does not hold the link (a loop). Which links are followed depends on names alone, not on the order in which the file
 * system lists them. Hidden entries (a leading dot) are left.
 */
import { type Dirent, opendirSync } from 'node:fs';
import { dirname } from 'node:path';
import { shownName, systemPath } from '@undertone/shared';
import type { TakeEntry } from './entry.js';
import { realPath, statOrNull, systemReason } from './system-call.js';

/** Entries asked of the system at once. */
const LIST_BUFFER = 512;

export interface ScanRules {
  /** @param relative path under the root, without a leading `./` */
  readonly wanted: (relative: string) => boolean;
  /** Folders deeper than this are not opened; those in the root have depth 1. */
  readonly maxDepth: number;
}

interface Tree {
  /** Where the tables see it. */
  readonly path: string;
  /** The same with links resolved. */
  readonly real: string;
  readonly depth: number;
}

/**
 * @param root absolute, in the shown form
 * @returns files passed over because their names are not wanted
 * @throws the system's error when the root itself cannot be opened
 */
export function scanFolder(root: string, rules: ScanRules, take: TakeEntry): number {
  const scan = new Scan(root, rules, take);
  scan.walk({ path: root, real: realPath(root), depth: 0 });
  for (let wave = scan.takeLinks(); wave.length > 0; wave = scan.takeLinks()) {
    for (const link of wave) scan.follow(link);
  }
  return scan.passedOver;
}

class Scan {
  passedOver = 0;
  readonly #trees: string[] = [];
  #links: { path: string; depth: number }[] = [];

  constructor(
    readonly root: string,
    readonly rules: ScanRules,
    readonly take: TakeEntry,
  ) {}

  /** Links to folders met since the last call, in the order of their bytes. */
  takeLinks(): { path: string; depth: number }[] {
    const wave = this.#links.sort((a, b) => Buffer.compare(Buffer.from(a.path), Buffer.from(b.path)));
    this.#links = [];
    return wave;
  }

  follow({ path, depth }: { path: string; depth: number }): void {
    try {
      const real = realPath(path);
      const isLoop = isUnder(realPath(dirname(path)), real);
      if (!isLoop && !this.#trees.some((tree) => isScannedIn(tree, real))) this.walk({ path, real, depth });
    } catch (thrown) {
      this.#unreadable(path, thrown);
    }
  }

  walk(tree: Tree): void {
    this.#trees.push(tree.real);
    const folders = [{ path: tree.path, depth: tree.depth }];
    for (let folder = folders.pop(); folder; folder = folders.pop()) {
      const { path, depth } = folder;
      // A tree that was reached through an earlier link may lie inside this one.
      if (path !== tree.path && this.#trees.includes(tree.real + path.slice(tree.path.length))) continue;
      try {
        this.#list(path, depth, (child) => folders.push({ path: child, depth: depth + 1 }));
      } catch (thrown) {
        if (path === this.root) throw thrown;
        this.#unreadable(path, thrown);
      }
    }
  }

  #list(folder: string, depth: number, enter: (child: string) => void): void {
    const listing = opendirSync(systemPath(folder) as string, {
      // Node's types know text only.
      encoding: 'buffer' as BufferEncoding,
      bufferSize: LIST_BUFFER,
    });
    try {
      for (let entry = listing.readSync(); entry; entry = listing.readSync()) {
        const name = shownName(entry.name as unknown as Uint8Array);
        const path = folder === '/' ? `/${name}` : `${folder}/${name}`;
        const isFolder = entry.isDirectory();
        if (name.startsWith('.')) this.passedOver += isFolder || !this.#isWanted(path) ? 0 : 1;
        else if (!isFolder && !isLinkToFolder(entry, path)) this.#file(path);
        else if (depth >= this.rules.maxDepth) continue;
        else if (isFolder) enter(path);
        else this.#links.push({ path, depth: depth + 1 });
      }
    } finally {
      listing.closeSync();
    }
  }

  #file(path: string): void {
    if (this.#isWanted(path)) this.take({ path, root: this.root });
    else this.passedOver += 1;
  }

  #isWanted(path: string): boolean {
    return this.rules.wanted(path.slice(this.root === '/' ? 1 : this.root.length + 1));
  }

  #unreadable(path: string, thrown: unknown): void {
    const message = `Folder cannot be read: ${systemReason(thrown)}`;
    this.take({ path, root: this.root, error: { code: 'unreadable', message } });
  }
}

const isLinkToFolder = (entry: Dirent, path: string): boolean =>
  entry.isSymbolicLink() && statOrNull(path)?.isDirectory() === true;

/** Whether `inner` is `outer` or lies in it. */
const isUnder = (inner: string, outer: string): boolean =>
  inner === outer || outer === '/' || inner.startsWith(`${outer}/`);

/** Whether a walk of `tree` comes by `folder`: it lies inside, and not in something hidden. */
const isScannedIn = (tree: string, folder: string): boolean =>
  isUnder(folder, tree) && !folder.slice(tree.length).includes('/.');

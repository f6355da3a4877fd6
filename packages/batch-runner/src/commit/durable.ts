/**
 * Files that are whole or not there, after a crash and after a power cut: content is synced before it gets its name,
 * and the folder is synced after, because a name is durable only once its folder is.
 */
import { randomUUID } from 'node:crypto';
import {
  closeSync,
  constants,
  copyFileSync,
  existsSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { dirname, join } from 'node:path';

export function syncFolder(folder: string): void {
  const descriptor = openSync(folder, 'r');
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

export function syncFile(path: string): void {
  const descriptor = openSync(path, 'r+');
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

/**
 * Like mkdir -p, every new folder's name synced. Node's own recursive form never returns on file systems that answer
 * "no such file", such as /proc.
 */
export function makeFolder(folder: string): void {
  if (existsSync(folder)) return;
  makeFolder(dirname(folder));
  makeSubfolder(folder);
}

/**
 * Not its parents: an output folder that went away, as disks and network folders do, must not come back in another place.
 */
export function makeSubfolder(folder: string): void {
  try {
    mkdirSync(folder);
  } catch (thrown) {
    // Another run may have made it in between.
    if ((thrown as NodeJS.ErrnoException).code !== 'EEXIST') throw thrown;
  }
  syncFolder(dirname(folder));
}

/**
 * Writes `name` so that a reader sees the old or the new content, never a part of it.
 * @param write writes the temporary file and syncs it
 */
export async function replaceFile(
  folder: string,
  name: string,
  write: (temporary: string) => Promise<void> | void,
): Promise<void> {
  const temporary = join(folder, `.${name}.${randomUUID()}`);
  try {
    await write(temporary);
    renameSync(temporary, join(folder, name));
  } catch (thrown) {
    rmSync(temporary, { force: true });
    throw thrown;
  }
  syncFolder(folder);
}

/**
 * Gives a synced draft its name only if nothing has that name yet, and takes the draft away.
 * @param draft in the same file system as `target`
 * @returns false when another was first
 */
export function nameIfAbsent(draft: string, target: string): boolean {
  const first = linked(draft, target);
  unlinkSync(draft);
  if (first) syncFolder(dirname(target));
  return first;
}

/** What file systems without hard links answer: FAT and exFAT, many network mounts. */
const NO_LINKS: ReadonlySet<string> = new Set(['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK']);

function linked(draft: string, target: string): boolean {
  try {
    linkSync(draft, target);
    return true;
  } catch (thrown) {
    const { code = '' } = thrown as NodeJS.ErrnoException;
    if (code === 'EEXIST') return false;
    if (!NO_LINKS.has(code)) throw thrown;
    return copied(draft, target);
  }
}

/**
 * The fall-back for file systems without hard links: the name is taken by exclusive creation, then filled. A crash in
 * between leaves a name without its content; readers see that by its form or digest, and set it aside.
 */
function copied(draft: string, target: string): boolean {
  try {
    copyFileSync(draft, target, constants.COPYFILE_EXCL);
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw thrown;
  }
  syncFile(target);
  return true;
}

/** @throws EEXIST */
export function writeSynced(path: string, text: string): void {
  const descriptor = openSync(path, 'wx');
  try {
    const bytes = Buffer.from(text, 'utf8');
    for (let done = 0; done < bytes.length; ) done += writeSync(descriptor, bytes, done);
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

/** Temporary files of writers that were killed: whoever is at work on one has touched it lately. */
const STALE_MS = 10 * 60 * 1000;

/** Takes away what killed writers of `replaceFile` left in a folder. */
export function removeStaleTemporaries(folder: string): void {
  for (const name of readdirSync(folder)) {
    if (!/^\..+\.[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(name)) continue;
    const path = join(folder, name);
    const age = Date.now() - (statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? Date.now());
    if (age > STALE_MS) rmSync(path, { force: true });
  }
}

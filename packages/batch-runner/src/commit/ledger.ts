/** What is already committed in an output folder, and whether this run may go on there. */

import { randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type Commit, type PlannedShard, UndertoneError } from '@undertone/shared';
import { differences, type FingerprintParts } from '../shard/fingerprint.js';
import { writeTextFile } from '../sink/text-file.js';
import { syncFolder } from './attempt.js';
import { commitFile, runFile, shardFolder } from './layout.js';

/** The part of run.json that decides whether a run may be continued. */
export interface RunIdentity {
  readonly fingerprint: string;
  readonly fingerprintParts: FingerprintParts;
}

/**
 * Makes the folder, or finds a run to continue in it.
 * @throws UndertoneError fingerprint_mismatch naming every setting that differs; usage or output_unwritable when it
 * cannot be made
 */
export function claimOutput(out: string, identity: RunIdentity): void {
  try {
    makeFolder(join(out, 'shards'));
  } catch (thrown) {
    throw unmakeable(out, thrown as NodeJS.ErrnoException);
  }
  const before = readRunIdentity(out);
  if (!before) {
    if (readdirSync(join(out, 'shards')).length > 0) {
      throw new UndertoneError(
        'corrupt_output',
        out,
        `"${out}" holds shards but no run.json: use another --out folder`,
      );
    }
    return;
  }
  if (before.fingerprint !== identity.fingerprint) {
    const named = differences(before.fingerprintParts, identity.fingerprintParts).join(', ');
    throw new UndertoneError(
      'fingerprint_mismatch',
      out,
      `"${out}" holds a run made with other settings: ${named}. Use those settings to continue it, or another --out folder`,
    );
  }
}

/** Like mkdir -p. Node's own recursive form never returns on file systems that answer "no such file", such as /proc. */
function makeFolder(folder: string): void {
  if (existsSync(folder)) return;
  makeFolder(dirname(folder));
  try {
    mkdirSync(folder);
  } catch (thrown) {
    // Another run may have made it in between.
    if ((thrown as NodeJS.ErrnoException).code !== 'EEXIST') throw thrown;
  }
}

function readRunIdentity(out: string): RunIdentity | null {
  if (!existsSync(runFile(out))) return null;
  try {
    const { fingerprint, fingerprintParts } = JSON.parse(readFileSync(runFile(out), 'utf8')) as RunIdentity;
    if (typeof fingerprint === 'string' && fingerprintParts) return { fingerprint, fingerprintParts };
  } catch {
    // falls through to the one message below
  }
  throw new UndertoneError(
    'corrupt_output',
    out,
    `"${runFile(out)}" is not a run record: use another --out folder`,
  );
}

/** The commit of a shard, or null when there is none. */
export function readCommit(out: string, shard: PlannedShard, fingerprint: string): Commit | null {
  const file = commitFile(out, shard.id);
  if (!existsSync(file)) return null;
  let commit: Commit;
  try {
    commit = JSON.parse(readFileSync(file, 'utf8')) as Commit;
  } catch (thrown) {
    throw new UndertoneError(
      'corrupt_output',
      file,
      `"${file}" cannot be read: ${(thrown as Error).message}`,
    );
  }
  if (commit.fingerprint !== fingerprint || commit.records !== shard.end - shard.first) {
    throw new UndertoneError('corrupt_output', file, `"${file}" does not belong to this run`);
  }
  return commit;
}

/** Once a shard is committed, what killed attempts left beside the winner is of no use. */
export function removeAbandonedAttempts(out: string, commit: Commit): void {
  const folder = shardFolder(out, commit.shard);
  for (const name of readdirSync(folder)) {
    if (name.startsWith('.attempt-') && name !== `.attempt-${commit.attempt}`) {
      rmSync(join(folder, name), { recursive: true, force: true });
    }
  }
}

/** Writes `path` so that a reader sees the old or the new content, never a part of it. */
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

export async function writeRunFile(out: string, run: object): Promise<void> {
  await replaceFile(out, 'run.json', (temporary) =>
    writeTextFile(temporary, [`${JSON.stringify(run, null, 2)}\n`]),
  );
}

/** A full disk may have room later; anything else is not going to become a folder by itself. */
function unmakeable(out: string, { code = '', message }: NodeJS.ErrnoException): UndertoneError {
  if (['ENOSPC', 'EDQUOT', 'EIO', 'ESTALE'].includes(code))
    return new UndertoneError('output_unwritable', out, message);
  const sentence = `Expected a folder that can be made for --out but received "${out}": ${message}`;
  return new UndertoneError('usage', '--out', sentence);
}

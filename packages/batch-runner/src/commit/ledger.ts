/** What is already committed in an output folder, and whether this run may go on there. */
import { randomUUID } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { type Commit, type PlannedShard, UndertoneError } from '@undertone/shared';
import { differences, type FingerprintParts } from '../shard/fingerprint.js';
import { writeTextFile } from '../sink/text-file.js';
import { makeFolder, nameIfAbsent, replaceFile, writeSynced } from './durable.js';
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
    // run.json is gone: each commit still says which run it is of, and none of another run is taken.
    refuseOtherCommits(out, identity.fingerprint);
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

function refuseOtherCommits(out: string, fingerprint: string): void {
  for (const shard of readdirSync(join(out, 'shards'))) {
    const file = commitFile(out, shard);
    const commit = existsSync(file) ? wholeCommit(out, shard, file) : null;
    if (commit && commit.fingerprint !== fingerprint) {
      throw new UndertoneError(
        'fingerprint_mismatch',
        out,
        `"${out}" holds shards of a run with other settings, and no run.json that names them: use another --out folder`,
      );
    }
  }
}

/** null when there is none, or only what a power cut left of one: shards name their run themselves. */
function readRunIdentity(out: string): RunIdentity | null {
  if (!existsSync(runFile(out))) return null;
  let run: Partial<RunIdentity> | null;
  try {
    run = JSON.parse(readFileSync(runFile(out), 'utf8')) as Partial<RunIdentity> | null;
  } catch {
    return null;
  }
  const { fingerprint, fingerprintParts } = run ?? {};
  if (typeof fingerprint === 'string' && fingerprintParts) return { fingerprint, fingerprintParts };
  throw new UndertoneError(
    'corrupt_output',
    out,
    `"${runFile(out)}" is not a run record: use another --out folder`,
  );
}

/** What run.json says of runners that died, in this invocation and in those before. */
export function readIncidents(out: string): readonly object[] {
  try {
    const run = JSON.parse(readFileSync(runFile(out), 'utf8')) as { incidents?: readonly object[] } | null;
    return run?.incidents ?? [];
  } catch {
    // None yet, or only what a power cut left of one.
    return [];
  }
}

/**
 * The commit of a shard, or null when there is none. One that is damaged, as by a power cut on a disk that does not keep
 * its promises, is set aside and counts as none: the shard is done again, nothing is deleted.
 * @throws UndertoneError corrupt_output for the commit of another run
 */
export function readCommit(out: string, shard: PlannedShard, fingerprint: string): Commit | null {
  const file = commitFile(out, shard.id);
  if (!existsSync(file)) return null;
  const commit = wholeCommit(out, shard.id, file) ?? setAside(out, shard.id);
  if (!commit) return null;
  if (commit.fingerprint !== fingerprint || commit.records !== shard.end - shard.first) {
    throw new UndertoneError('corrupt_output', file, `"${file}" does not belong to this run`);
  }
  return commit;
}

/** null unless it is JSON and every part that it names is there with the bytes it had. */
export function wholeCommit(out: string, shard: string, file: string): Commit | null {
  try {
    const commit = JSON.parse(readFileSync(file, 'utf8')) as Commit;
    const size = (part: string): number => statSync(join(shardFolder(out, shard), part)).size;
    return commit.parts.every(({ file: part, bytes }) => size(part) === bytes) ? commit : null;
  } catch {
    return null;
  }
}

/**
 * Takes the name COMMIT.json away from a damaged commit, so that another attempt may have it.
 * @returns the commit when it turns out whole after all
 * @param sameLength its parts have the length they had, but not the bytes
 */
export function setAside(out: string, shard: string, sameLength = false): Commit | null {
  const file = commitFile(out, shard);
  const aside = join(shardFolder(out, shard), `COMMIT.damaged-${randomUUID()}.json`);
  try {
    renameSync(file, aside);
  } catch (thrown) {
    // Another run on this folder has done so.
    if ((thrown as NodeJS.ErrnoException).code !== 'ENOENT') throw thrown;
    return null;
  }
  // Between the look and the renaming another run may have committed the shard anew.
  const commit = sameLength ? null : wholeCommit(out, shard, aside);
  if (commit) nameIfAbsent(aside, file);
  return commit;
}

/** Once a shard is committed, what killed attempts left beside the winner is of no use. */
export function removeAbandonedAttempts(out: string, commit: Commit): void {
  const folder = shardFolder(out, commit.shard);
  const names = readdirSync(folder);
  if (!names.includes(`.attempt-${commit.attempt}`)) return;
  for (const name of names) {
    const abandoned = name.startsWith('.attempt-') && name !== `.attempt-${commit.attempt}`;
    if (abandoned || name.startsWith('COMMIT.damaged-'))
      rmSync(join(folder, name), { recursive: true, force: true });
  }
}

export async function writeRunFile(out: string, run: object): Promise<void> {
  await replaceFile(out, 'run.json', (temporary) => writeTextFile(temporary, [runText(run)]));
}

/** A full disk may have room later; anything else is not going to become a folder by itself. */
function unmakeable(out: string, { code = '', message }: NodeJS.ErrnoException): UndertoneError {
  if (['ENOSPC', 'EDQUOT', 'EIO', 'ESTALE'].includes(code))
    return new UndertoneError('output_unwritable', out, message);
  const sentence = `Expected a folder that can be made for --out but received "${out}": ${message}`;
  return new UndertoneError('usage', '--out', sentence);
}

/** Of many runs that start at once on one folder, the first writes run.json. */
export function writeRunFileIfAbsent(out: string, run: object): void {
  if (existsSync(runFile(out))) return;
  const draft = join(out, `.run.json.${randomUUID()}`);
  writeSynced(draft, runText(run));
  nameIfAbsent(draft, runFile(out));
}

const runText = (run: object): string => `${JSON.stringify(run, null, 2)}\n`;

/** The shards of several output folders → one folder, as if one machine had done them all. */
import { constants, copyFileSync, existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { type Commit, type CommittedPart, type PlannedShard, UndertoneError } from '@undertone/shared';
import { differences } from '../shard/fingerprint.js';
import { partRows } from '../sink/rows.js';
import { writeTextFile } from '../sink/text-file.js';
import { AttemptFolder } from './attempt.js';
import { makeFolder, replaceFile, syncFile, syncFolder } from './durable.js';
import { commitFile, PLAN_NAME, planFile, shardFolder } from './layout.js';
import { claimOutput, readCommit, wholeCommit, writeRunFile } from './ledger.js';
import { firstBroken, type MergeSpec, partPaths } from './merge.js';
import { type Plan, planEntries, planLines, readPlan, readPlanShards } from './plan-file.js';
import { type RunFile, readRunFile } from './run-file.js';

export interface Joined {
  readonly run: RunFile;
  readonly plan: Plan;
}

/**
 * Brings every shard that one of `folders` has committed into `out`. The folders must hold runs of the same recordings
 * with the same settings and program; roots and times of change may differ from machine to machine.
 * @throws UndertoneError fingerprint_mismatch, usage when the recordings differ, corrupt_output
 */
export async function joinRuns(folders: readonly string[], out: string): Promise<Joined> {
  const sources = folders.filter((folder) => resolve(folder) !== resolve(out));
  const first = existsSync(planFile(out)) ? out : (sources[0] ?? out);
  const run = readRunFile(first);
  const plan = requirePlan(first);
  for (const source of sources) refuseOtherSettings(first, run, source);
  if (sources.length === 0) return { run, plan };
  claimOutput(out, run);
  if (first !== out) {
    await replaceFile(out, PLAN_NAME, (temporary) => writeTextFile(temporary, planLines(plan)));
    await writeRunFile(out, { ...run, state: 'running', finishedAt: null, totals: null });
  }
  for (const source of sources) await takeShards(source, out, first, plan, run.merge);
  return { run, plan };
}

function requirePlan(out: string): Plan {
  const plan = readPlan(out);
  if (plan) return plan;
  throw new UndertoneError('usage', out, `"${out}" holds no plan: there is no ${PLAN_NAME} in it`);
}

function refuseOtherSettings(first: string, run: RunFile, source: string): void {
  const other = readRunFile(source);
  if (other.fingerprint === run.fingerprint) return;
  const named = differences(run.fingerprintParts, other.fingerprintParts).join(', ');
  throw new UndertoneError(
    'fingerprint_mismatch',
    source,
    `"${source}" holds a run with other settings than "${first}": ${named}. Only parts of one run can be joined`,
  );
}

async function takeShards(
  source: string,
  out: string,
  first: string,
  plan: Plan,
  spec: MergeSpec,
): Promise<void> {
  const theirs = readPlanShards(source);
  if (theirs.digest !== plan.digest) throw otherRecordings(first, source);
  for (const shard of plan.shards) {
    const their = theirs.shards[shard.index];
    if (!their || readCommit(out, shard, plan.fingerprint)) continue;
    const commit = wholeCommit(source, their.id, commitFile(source, their.id));
    // A damaged part is as if the shard were not there: another folder may have it, or it is named as missing.
    if (commit && (await firstBroken(partPaths(source, commit, tableNames(spec)))) === null)
      copyShard(source, out, commit, shard, spec);
  }
}

const tableNames = (spec: MergeSpec): string[] => spec.tables.map(({ table }) => table.name);

function copyShard(source: string, out: string, commit: Commit, shard: PlannedShard, spec: MergeSpec): void {
  const folder = new AttemptFolder(out, shard.id);
  try {
    copyMatrices(source, out, commit, spec);
    const parts = commit.parts.map((part): CommittedPart => {
      const name = `part.${part.table}.csv`;
      copySynced(join(shardFolder(source, commit.shard), part.file), join(folder.path, name));
      return { ...part, file: `${folder.name}/${name}` };
    });
    const { shard: _shard, attempt: _attempt, parts: _parts, ...summary } = commit;
    folder.commit(parts, summary);
  } catch (thrown) {
    folder.remove();
    throw thrown;
  }
}

/** The npy files that a part's rows name. */
function copyMatrices(source: string, out: string, commit: Commit, spec: MergeSpec): void {
  for (const { table } of spec.tables) {
    const column = table.columns.findIndex(({ name }) => name === 'npy');
    if (column < 0) continue;
    const paths = partPaths(source, commit, [table.name]).map(({ path }) => path);
    const folders = new Set<string>();
    for (const cells of partRows(table, paths)) {
      const file = cells[column];
      if (!file) continue;
      const target = join(out, file);
      makeFolder(dirname(target));
      copySynced(join(source, file), target);
      folders.add(dirname(target));
    }
    for (const folder of folders) syncFolder(folder);
  }
}

function copySynced(from: string, to: string): void {
  // A clone where the file system can.
  copyFileSync(from, to, constants.COPYFILE_FICLONE);
  syncFile(to);
}

function otherRecordings(first: string, source: string): UndertoneError {
  const [ours, theirs] = [planEntries(first), planEntries(source)];
  let example = '';
  for (let done = false; !done && ours && theirs; ) {
    const [a, b] = [ours.next(), theirs.next()];
    done = a.done === true || b.done === true;
    const [x, y] = [a.done ? null : a.value, b.done ? null : b.value];
    if (x && y && Buffer.compare(x.path, y.path) === 0 && x.bytes === y.bytes) continue;
    const named = x ?? y;
    if (named) example = `, e.g. "./${Buffer.from(named.path).toString('utf8')}"`;
    break;
  }
  return new UndertoneError(
    'usage',
    source,
    `"${source}" holds other recordings than "${first}"${example}: only parts of one run can be joined`,
  );
}

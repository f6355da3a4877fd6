/** The rows of recordings that were labelled in pieces: made and committed once every piece is, wherever it was done. */
import { type Commit, type PlannedShard, UndertoneError } from '@undertone/shared';
import type { PieceTally } from '../stage/piece-tally.js';
import { Attempt } from './attempt.js';
import { commitFile } from './layout.js';
import { readCommit } from './ledger.js';
import type { MergeSpec } from './merge.js';
import type { Plan } from './plan-file.js';

/** Leaves out what lacks a piece: the merge then names the missing shards. */
export async function commitJoints(out: string, plan: Plan, spec: MergeSpec): Promise<void> {
  for (const shard of plan.shards) {
    if (shard.joins === undefined || readCommit(out, shard, plan.fingerprint)) continue;
    const pieces = plan.shards.slice(shard.index - shard.joins, shard.index);
    const commits = pieces.flatMap((piece) => readCommit(out, piece, plan.fingerprint) ?? []);
    if (commits.length < pieces.length) continue;
    await commitJoint(
      out,
      plan,
      spec,
      shard,
      commits.map((commit) => tallyOf(out, commit)),
    );
  }
}

async function commitJoint(
  out: string,
  plan: Plan,
  spec: MergeSpec,
  shard: PlannedShard,
  tallies: readonly PieceTally[],
): Promise<void> {
  // It brings the model runtime with it, which a merge without long recordings does not need.
  const { joinedFileRow } = await import('../stage/piece-tally.js');
  const row = joinedFileRow(tallies);
  const attempt = new Attempt(
    out,
    shard.id,
    spec.tables.map(({ table }) => table),
  );
  attempt.write(spec.recordTable, row);
  attempt.commit({
    fingerprint: plan.fingerprint,
    records: 1,
    audioSeconds: 0,
    stageSeconds: {},
    slowest: [],
    errors: row.status === 'error' ? 1 : 0,
  });
}

function tallyOf(out: string, { shard, tally }: Commit): PieceTally {
  if (tally) return tally as PieceTally;
  const file = commitFile(out, shard);
  throw new UndertoneError('corrupt_output', file, `"${file}" does not belong to this run`);
}

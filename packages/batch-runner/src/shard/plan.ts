/** Manifest → shards. The plan depends on the manifest and the fingerprint alone, never on the workers. */
import {
  type Manifest,
  type ManifestRecord,
  type PlannedShard,
  type Shard,
  shortId,
} from '@undertone/shared';

/** A shard holds minutes to an hour of audio: small corpora still feed every worker, terabytes stay in thousands. */
const MIN_SHARD_SECONDS = 60;
const MAX_SHARD_SECONDS = 3600;
/** What a corpus of middling size is cut into. */
const WANTED_SHARDS = 64;
/** Bounds what one shard holds in memory and what an interrupt throws away, however short the recordings are. */
const MAX_SHARD_RECORDS = 2000;
/** A recording costs at least this much, however short or broken. */
const RECORD_OVERHEAD_SECONDS = 0.2;

/** What the plan needs to know of a manifest. */
export interface PlannedManifest extends Manifest {
  secondsOf(index: number): number;
}

export function planShards(manifest: PlannedManifest, fingerprint: string): PlannedShard[] {
  let total = 0;
  for (let i = 0; i < manifest.count; ++i) total += manifest.secondsOf(i) + RECORD_OVERHEAD_SECONDS;
  const target = Math.min(MAX_SHARD_SECONDS, Math.max(MIN_SHARD_SECONDS, total / WANTED_SHARDS));
  const shards: PlannedShard[] = [];
  for (let first = 0; first < manifest.count; ) {
    let end = first;
    let seconds = 0;
    let cost = 0;
    while (end < manifest.count && cost < target && end - first < MAX_SHARD_RECORDS) {
      seconds += manifest.secondsOf(end);
      cost += manifest.secondsOf(end++) + RECORD_OVERHEAD_SECONDS;
    }
    const id = shardId(fingerprint, recordsOf(manifest, { first, end }));
    shards.push({ id, index: shards.length, first, end, estimatedSeconds: seconds });
    first = end;
  }
  return shards;
}

/** A planned shard as a worker gets it. */
export const shardOf = (manifest: Manifest, planned: PlannedShard): Shard => ({
  id: planned.id,
  index: planned.index,
  records: recordsOf(manifest, planned),
});

function recordsOf(manifest: Manifest, { first, end }: { first: number; end: number }): ManifestRecord[] {
  return Array.from({ length: end - first }, (_, i) => manifest.record(first + i));
}

/** The time of change is part of the id, so a recording that changed under its name is labelled again. */
function shardId(fingerprint: string, records: readonly ManifestRecord[]): string {
  return shortId(
    fingerprint,
    ...records.flatMap((r) => [r.id, String(r.mtimeMs), r.truth ?? '', r.scanError?.code ?? '']),
  );
}

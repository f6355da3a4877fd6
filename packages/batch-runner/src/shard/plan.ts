/** Manifest → shards. The plan depends on the manifest and the fingerprint alone, never on the workers. */
import { type Manifest, type ManifestRecord, type Shard, shortId } from '@undertone/shared';

/** A shard holds minutes to an hour of audio: small corpora still feed every worker, terabytes stay in thousands. */
const MIN_SHARD_SECONDS = 60;
const MAX_SHARD_SECONDS = 3600;
/** What a corpus of middling size is cut into. */
const WANTED_SHARDS = 64;
/** Bounds the rows in memory at merge and what an interrupt throws away, however short the recordings are. */
const MAX_SHARD_RECORDS = 2000;
/** A recording costs at least this much, however short or broken. */
const RECORD_OVERHEAD_SECONDS = 0.2;

export function planShards(manifest: Manifest, fingerprint: string): Shard[] {
  const cost = (record: ManifestRecord): number => record.estimatedSeconds + RECORD_OVERHEAD_SECONDS;
  const total = manifest.records.reduce((sum, record) => sum + cost(record), 0);
  const target = Math.min(MAX_SHARD_SECONDS, Math.max(MIN_SHARD_SECONDS, total / WANTED_SHARDS));
  const slices: ManifestRecord[][] = [];
  let slice: ManifestRecord[] = [];
  let seconds = 0;
  for (const record of manifest.records) {
    slice.push(record);
    seconds += cost(record);
    if (seconds >= target || slice.length >= MAX_SHARD_RECORDS) {
      slices.push(slice);
      slice = [];
      seconds = 0;
    }
  }
  if (slice.length > 0) slices.push(slice);
  return slices.map((records, index) => ({ id: shardId(fingerprint, records), index, records }));
}

/** The time of change is part of the id, so a recording that changed under its name is labelled again. */
function shardId(fingerprint: string, records: readonly ManifestRecord[]): string {
  return shortId(
    fingerprint,
    ...records.flatMap((r) => [r.id, String(r.mtimeMs), r.truth ?? '', r.scanError?.code ?? '']),
  );
}

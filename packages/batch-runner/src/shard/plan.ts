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
/** What a corpus of middling size is cut into: some shards for each of many workers, so that all end together. */
const WANTED_SHARDS = 256;
/** Bounds what one shard holds in memory and what an interrupt throws away, however short the recordings are. */
const MAX_SHARD_RECORDS = 2000;
/** A recording costs at least this much, however short or broken. */
const RECORD_OVERHEAD_SECONDS = 0.2;

/** What the plan needs to know of a manifest. */
export interface PlannedManifest extends Manifest {
  secondsOf(index: number): number;
}

/**
 * Where a shard ends is decided by the recordings in it, not by what lies before: between half the wanted length and
 * one and a half times it, a recording's id says whether it is the last. A recording that comes or goes
 * therefore moves the borders next to it, and the shards further on keep their ids and their work.
 */
export function planShards(manifest: PlannedManifest, fingerprint: string): PlannedShard[] {
  const wanted = wantedSeconds(manifest);
  const shards: PlannedShard[] = [];
  let records: ManifestRecord[] = [];
  let cost = 0;
  let seconds = 0;
  const close = (end: number): void => {
    const id = shardId(fingerprint, records);
    shards.push({ id, index: shards.length, first: end - records.length, end, estimatedSeconds: seconds });
    records = [];
    cost = 0;
    seconds = 0;
  };
  for (let i = 0; i < manifest.count; ++i) {
    const record = manifest.record(i);
    const own = record.estimatedSeconds + RECORD_OVERHEAD_SECONDS;
    records.push(record);
    seconds += record.estimatedSeconds;
    cost += own;
    const full = cost >= 1.5 * wanted || records.length >= MAX_SHARD_RECORDS;
    const border = cost >= wanted / 2 && chance(record.id) < own / (wanted / 2);
    if (full || border) close(i + 1);
  }
  if (records.length > 0) close(manifest.count);
  return shards;
}

/** In powers of two, so that a few recordings more or less do not move every border. */
function wantedSeconds(manifest: PlannedManifest): number {
  let total = 0;
  for (let i = 0; i < manifest.count; ++i) total += manifest.secondsOf(i) + RECORD_OVERHEAD_SECONDS;
  let wanted = MIN_SHARD_SECONDS;
  while (wanted < total / WANTED_SHARDS && 2 * wanted <= MAX_SHARD_SECONDS) wanted *= 2;
  return wanted;
}

/** The same number from 0 to 1 for the same recording, whatever surrounds it: an id is a digest. */
const chance = (id: string): number => Number.parseInt(id.slice(0, 8), 16) / 2 ** 32;

/** A planned shard as a worker gets it. */
export const shardOf = (manifest: Manifest, { id, index, first, end }: PlannedShard): Shard => ({
  id,
  index,
  records: Array.from({ length: end - first }, (_, i) => manifest.record(first + i)),
});

/** A shard this many times longer than the usual one holds a recording that keeps a worker busy by itself. */
const LONG_SHARD = 2;

/**
 * The order to work in: that of the manifest, so that disks are read in order, except that very long shards come
 * first: begun last, they would keep one worker busy while the others are done.
 */
export function workOrder(shards: readonly PlannedShard[]): PlannedShard[] {
  const usual = shards.reduce((sum, shard) => sum + shard.estimatedSeconds, 0) / Math.max(1, shards.length);
  const isLong = (shard: PlannedShard): boolean => shard.estimatedSeconds > LONG_SHARD * usual;
  const long = shards
    .filter(isLong)
    .sort((a, b) => b.estimatedSeconds - a.estimatedSeconds || a.index - b.index);
  return [...long, ...shards.filter((shard) => !isLong(shard))];
}

/** Part `index` of `count` (from 1): every `count`-th shard, so that the parts hold about as much audio each. */
export const partOf = (
  shards: readonly PlannedShard[],
  { index, count }: { index: number; count: number },
): PlannedShard[] => shards.filter((shard) => shard.index % count === index - 1);

/** The time of change is part of the id, so a recording that changed under its name is labelled again. */
function shardId(fingerprint: string, records: readonly ManifestRecord[]): string {
  return shortId(
    fingerprint,
    ...records.flatMap((r) => [
      r.id,
      String(r.mtimeMs),
      r.truth ?? '',
      r.role ?? '',
      r.scanError?.code ?? '',
    ]),
  );
}

/** Manifest → shards. The plan depends on the manifest and the fingerprint alone, never on the workers. */
import {
  type Manifest,
  type ManifestRecord,
  type Piece,
  type PlannedShard,
  type Shard,
  shortId,
} from '@undertone/shared';
import { type CuttingRule, piecesOf } from './pieces.js';

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
export function planShards(
  manifest: PlannedManifest,
  fingerprint: string,
  cutting: CuttingRule | null = null,
): PlannedShard[] {
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
    const pieces = cutting?.isSeekable(i) ? piecesOf(record.estimatedSeconds, cutting) : null;
    if (pieces) {
      if (records.length > 0) close(i);
      shards.push(...pieceShards(fingerprint, record, i, pieces, shards.length));
      continue;
    }
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

/** A shard for each piece, and behind them the one that accounts for the recording. */
function pieceShards(
  fingerprint: string,
  record: ManifestRecord,
  place: number,
  pieces: readonly Piece[],
  index: number,
): PlannedShard[] {
  const id = (...more: readonly (string | number)[]): string => shardId(fingerprint, [record], ...more);
  const estimatedSeconds = record.estimatedSeconds / pieces.length;
  return [
    ...pieces.map(({ firstWindow, endWindow }, i) => ({
      id: id('piece', firstWindow, endWindow ?? 'end'),
      index: index + i,
      first: place,
      end: place,
      estimatedSeconds,
      piece: { firstWindow, endWindow, record: place },
    })),
    {
      id: id('joins', pieces.length),
      index: index + pieces.length,
      first: place,
      end: place + 1,
      estimatedSeconds: 0,
      joins: pieces.length,
    },
  ];
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
export function shardOf(manifest: Manifest, { id, index, first, end, ...planned }: PlannedShard): Shard {
  if (!planned.piece) {
    const records = Array.from({ length: end - first }, (_, i) => manifest.record(first + i));
    return { id, index, first, records };
  }
  const { record, ...piece } = planned.piece;
  const own = { ...manifest.record(record), estimatedSeconds: planned.estimatedSeconds };
  return { id, index, first: record, records: [own], piece };
}

/** Joining is left to the merge: it takes the pieces of all machines, and no time. */
const isWork = ({ joins }: PlannedShard): boolean => joins === undefined;

/** A shard this many times longer than the usual one holds a recording that keeps a worker busy by itself. */
const LONG_SHARD = 2;

/**
 * The order to work in: that of the manifest, so that disks are read in order, except that very long shards come
 * first: begun last, they would keep one worker busy while the others are done.
 */
export function workOrder(all: readonly PlannedShard[]): PlannedShard[] {
  const shards = all.filter(isWork);
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
): PlannedShard[] => shards.filter((shard) => shard.index % count === index - 1 && isWork(shard));

/** The time of change is part of the id, so a recording that changed under its name is labelled again. */
function shardId(
  fingerprint: string,
  records: readonly ManifestRecord[],
  ...more: readonly (string | number)[]
): string {
  return shortId(
    fingerprint,
    ...records.flatMap((r) => [
      r.id,
      String(r.mtimeMs),
      r.truth ?? '',
      r.role ?? '',
      r.speaker ?? '',
      r.gender ?? '',
      r.corpus ?? '',
      r.scanError?.code ?? '',
    ]),
    ...more.map(String),
  );
}

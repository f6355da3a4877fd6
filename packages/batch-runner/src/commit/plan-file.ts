/**
 * plan.jsonl: the plan of a run, for whoever has only the output folder. One JSON value a line: the header, a list for
 * each recording in the order of the tables, an object for each shard, and at the end the digest of all lines before.
 */
import { createHash } from 'node:crypto';
import { closeSync, existsSync, openSync, readSync } from 'node:fs';
import { sep } from 'node:path';
import {
  type PlannedShard,
  type RecordErrorCode,
  shownName,
  systemPath,
  UndertoneError,
} from '@undertone/shared';
import type { GivenLabels } from '../manifest/given-labels.js';
import { CompactManifest, type PlannedEntry, RecordColumns } from '../manifest/manifest.js';
import { planFile } from './layout.js';

const SCHEMA = 'undertone-plan/2';

export interface PlanHeader {
  readonly fingerprint: string;
  /** As on the command line. */
  readonly inputs: readonly string[];
  /** Files that the scan passed over because their name is not a recording's. */
  readonly passedOver: number;
}

export interface Plan extends PlanHeader {
  readonly manifest: CompactManifest;
  readonly shards: readonly PlannedShard[];
  /** Of the recordings and the borders of the shards, without what differs from machine to machine: root and times. */
  readonly digest: string;
}

/** Path (in the shown form), bytes, time of change, seconds by the header, what a manifest says, error code and message. */
type RecordLine = [string, number, number, number, GivenLabels | null, RecordErrorCode | null, string | null];

export function planDigest(manifest: CompactManifest, shards: readonly PlannedShard[]): string {
  const hash = createHash('sha256');
  for (let i = 0; i < manifest.count; ++i) {
    const { path, bytes, given, error } = manifest.entry(i);
    hash
      .update(`${path.length}:`)
      .update(path)
      .update(`${bytes} ${JSON.stringify(given)} ${error?.code ?? ''};`);
  }
  for (const { id: _id, estimatedSeconds: _seconds, ...borders } of shards)
    hash.update(JSON.stringify(borders));
  return hash.digest('hex');
}

/** The file's text, in pieces. */
export function* planLines({ manifest, shards, ...header }: Plan): Generator<string> {
  const hash = createHash('sha256');
  function line(value: object): string {
    const text = `${JSON.stringify(value)}\n`;
    hash.update(text);
    return text;
  }
  yield line({
    schema: SCHEMA,
    root: shownName(manifest.rootPath),
    records: manifest.count,
    shards: shards.length,
    ...header,
  });
  for (let i = 0; i < manifest.count; ++i) yield line(recordLine(manifest.entry(i)));
  for (const shard of shards) yield line(shard);
  yield `${JSON.stringify({ sha256: hash.digest('hex') })}\n`;
}

const recordLine = ({ path, bytes, mtimeMs, estimatedSeconds, given, error }: PlannedEntry): RecordLine => [
  shownName(path),
  bytes,
  mtimeMs,
  estimatedSeconds,
  given,
  error?.code ?? null,
  error?.message ?? null,
];

const pathBytes = (shown: string): Buffer => Buffer.from(systemPath(shown));

/**
 * The plan in an output folder, or null when there is none.
 * @throws UndertoneError corrupt_output when it is not what was written
 */
export function readPlan(out: string): Plan | null {
  const path = planFile(out);
  if (!existsSync(path)) return null;
  try {
    return parsePlan(path);
  } catch (thrown) {
    throw damaged(path, thrown);
  }
}

const damaged = (path: string, thrown: unknown): UndertoneError =>
  new UndertoneError(
    'corrupt_output',
    path,
    `"${path}" is missing or damaged (${(thrown as Error).message}): delete it and give the command of the run again, which makes it anew`,
  );

function parsePlan(path: string): Plan {
  const lines = checkedLines(path);
  const header = readHeader(lines);
  const root = pathBytes(header.root);
  const before = Buffer.concat([root, Buffer.from(root.toString('latin1') === sep ? '' : sep)]);
  const columns = new RecordColumns();
  const seconds = new Float64Array(header.records);
  for (let i = 0; i < header.records; ++i) {
    const entry = entryOf(lines.next().value as RecordLine);
    columns.pushKnown({ ...entry, path: Buffer.concat([before, entry.path]) });
    seconds[i] = entry.estimatedSeconds;
  }
  const shards: PlannedShard[] = [];
  for (const line of lines) shards.push(line as PlannedShard);
  if (shards.length !== header.shards) throw new Error(`${shards.length} of ${header.shards} shards`);
  const order = Uint32Array.from({ length: header.records }, (_, i) => i);
  const manifest = new CompactManifest(root.toString('latin1'), columns, order);
  manifest.setSeconds(0, seconds);
  const { fingerprint, inputs, passedOver, digest } = header;
  return { fingerprint, inputs, passedOver, digest, manifest, shards };
}

/**
 * The recordings of the plan in an output folder in path order, one in memory; null when there is no plan.
 * @throws Error, at the latest after the last of them, when the file is not what was written
 */
export function planEntries(out: string): Generator<PlannedEntry> | null {
  const path = planFile(out);
  return existsSync(path) ? entriesOf(path) : null;
}

function* entriesOf(path: string): Generator<PlannedEntry> {
  const lines = checkedLines(path);
  const { records } = readHeader(lines);
  let count = 0;
  // To the last line, whose digest speaks for all of them.
  for (const line of lines) if (count++ < records) yield entryOf(line as RecordLine);
}

/**
 * The shards of the plan in an output folder and the digest of the whole, without its recordings in memory.
 * @throws UndertoneError corrupt_output when there is none or it is not what was written
 */
export function readPlanShards(out: string): { readonly digest: string; readonly shards: PlannedShard[] } {
  try {
    const lines = checkedLines(planFile(out));
    const { digest, records } = readHeader(lines);
    const shards: PlannedShard[] = [];
    let count = 0;
    for (const line of lines) if (count++ >= records) shards.push(line as PlannedShard);
    return { digest, shards };
  } catch (thrown) {
    throw damaged(planFile(out), thrown);
  }
}

interface HeaderLine extends PlanHeader {
  readonly schema: string;
  readonly root: string;
  readonly records: number;
  readonly shards: number;
  readonly digest: string;
}

function readHeader(lines: Generator<unknown>): HeaderLine {
  const header = lines.next().value as HeaderLine | undefined;
  if (header?.schema !== SCHEMA) throw new Error(`no ${SCHEMA}`);
  return header;
}

function entryOf([path, bytes, mtimeMs, estimatedSeconds, given, code, message]: RecordLine): PlannedEntry {
  const error = code === null ? null : { code, message: message ?? '' };
  return { path: pathBytes(path), bytes, mtimeMs, estimatedSeconds, given, error };
}

/** Every line's value but the last, whose digest is checked. */
function* checkedLines(path: string): Generator<unknown> {
  const hash = createHash('sha256');
  let last: Buffer | null = null;
  for (const line of linesOf(path)) {
    if (last) {
      hash.update(last);
      yield JSON.parse(last.toString('utf8'));
    }
    last = line;
  }
  const { sha256 } = JSON.parse(last?.toString('utf8') ?? '') as { sha256?: string };
  if (sha256 !== hash.digest('hex')) throw new Error('its digest is another one');
}

/** Lines with their ends. */
function* linesOf(path: string): Generator<Buffer> {
  const descriptor = openSync(path, 'r');
  try {
    const chunk = Buffer.allocUnsafe(1 << 20);
    let rest = Buffer.alloc(0);
    for (let read = readSync(descriptor, chunk); read > 0; read = readSync(descriptor, chunk)) {
      const bytes = Buffer.concat([rest, chunk.subarray(0, read)]);
      let start = 0;
      for (let end = bytes.indexOf(10); end >= 0; end = bytes.indexOf(10, start)) {
        yield bytes.subarray(start, end + 1);
        start = end + 1;
      }
      rest = bytes.subarray(start);
    }
    if (rest.length > 0) yield rest;
  } finally {
    closeSync(descriptor);
  }
}

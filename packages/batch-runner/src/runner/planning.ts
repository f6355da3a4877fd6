/** Inputs → plan: found, compared with the plan of an earlier call, measured by headers, cut into shards, written down. */
import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { UndertoneError } from '@undertone/shared';
import { nameIfAbsent, replaceFile } from '../commit/durable.js';
import { type Changes, compareWithEarlier, refuseOtherRecordings } from '../commit/earlier-plan.js';
import { PLAN_NAME, planFile } from '../commit/layout.js';
import { type Plan, planDigest, planLines, readPlan } from '../commit/plan-file.js';
import { collectInputs } from '../manifest/inputs.js';
import { type CompactManifest, ManifestBuilder } from '../manifest/manifest.js';
import type { WorkerPool } from '../pool/pool.js';
import type { Part } from '../settings.js';
import { type CuttingRule, isLong } from '../shard/pieces.js';
import { planShards } from '../shard/plan.js';
import { writeTextFile } from '../sink/text-file.js';

export interface PlanRequest {
  readonly out: string;
  readonly fingerprint: string;
  readonly inputs: readonly string[];
  readonly stdin: () => AsyncIterable<Uint8Array>;
  /** Set when this process does a part of the plan, maybe beside others on the same folder. */
  readonly part: Part | null;
  /** null where no recording is cut. */
  readonly cutting: Omit<CuttingRule, 'isSeekable'> | null;
  /** Marks those whose headers must not be read; asked before any is. */
  readonly leaveUnread: (manifest: CompactManifest, known: Uint8Array) => Promise<void>;
}

export interface Planned {
  readonly plan: Plan;
  /** Against the plan of an earlier call; null when there is none. */
  readonly changes: Changes | null;
}

/** Files probed in one worker task: long enough to hide the message, short enough to spread. */
const PROBE_SLICE = 64;

/**
 * A whole run looks at its inputs every time, so that its tables say what the inputs hold now. Parts of a run have to
 * agree: the first to finish planning writes plan.jsonl, and every part works by that one, whatever comes or goes.
 * @throws UndertoneError usage, corrupt_output
 */
export async function makePlan(pool: WorkerPool, request: PlanRequest): Promise<Planned> {
  if (request.part && existsSync(planFile(request.out))) return { plan: sharedPlan(request), changes: null };
  const builder = new ManifestBuilder();
  const { passedOver } = await collectInputs(request.inputs, request.stdin, (entry) => builder.add(entry));
  const manifest = builder.build();
  const earlier = compareWithEarlier(request.out, manifest);
  if (earlier) refuseOtherRecordings(request.out, earlier.changes);
  const known = earlier?.known ?? new Uint8Array(manifest.count);
  await request.leaveUnread(manifest, known);
  const { cutting } = request;
  const seekable = await probe(pool, manifest, known, cutting);
  const rule = cutting && { ...cutting, isSeekable: (index: number) => seekable.has(index) };
  const shards = planShards(manifest, request.fingerprint, rule);
  const plan: Plan = {
    fingerprint: request.fingerprint,
    inputs: request.inputs,
    passedOver,
    digest: planDigest(manifest, shards),
    manifest,
    shards,
  };
  if (pool.counters.stopRequested) return { plan, changes: earlier?.changes ?? null };
  if (request.part) return { plan: agreedPlan(request, plan), changes: null };
  await replaceFile(request.out, PLAN_NAME, (temporary) => writeTextFile(temporary, planLines(plan)));
  return { plan, changes: earlier?.changes ?? null };
}

/** Writes the plan unless another part was first, whose plan then holds. */
function agreedPlan(request: PlanRequest, plan: Plan): Plan {
  const draft = join(request.out, `.${PLAN_NAME}.${randomUUID()}`);
  writeTextFile(draft, planLines(plan));
  return nameIfAbsent(draft, planFile(request.out)) ? plan : sharedPlan(request);
}

function sharedPlan({ out, fingerprint, inputs }: PlanRequest): Plan {
  const plan = readPlan(out);
  if (!plan) throw new UndertoneError('corrupt_output', out, `"${planFile(out)}" has gone`);
  if (plan.fingerprint !== fingerprint || JSON.stringify(plan.inputs) !== JSON.stringify(inputs)) {
    throw new UndertoneError(
      'usage',
      '--shard',
      `"${out}" was planned for the inputs ${plan.inputs.join(' ')}: every part of a run needs the same inputs and settings`,
    );
  }
  return plan;
}

/**
 * Fills in the seconds that the headers tell, of those that are not known yet.
 * @returns the long recordings that can be cut: few, so that each header is read again rather than kept
 */
async function probe(
  pool: WorkerPool,
  manifest: CompactManifest,
  known: Uint8Array,
  cutting: PlanRequest['cutting'],
): Promise<ReadonlySet<number>> {
  const seekable = new Set<number>();
  const mayBeCut = (index: number): boolean => cutting !== null && isLong(manifest.secondsOf(index), cutting);
  function* slices(): Generator<{ kind: 'probe'; paths: (string | Uint8Array)[]; places: number[] }> {
    let places: number[] = [];
    for (let i = 0; i < manifest.count; ++i) {
      if (!known[i] || mayBeCut(i)) places.push(i);
      if (places.length === PROBE_SLICE || (i === manifest.count - 1 && places.length > 0)) {
        yield { kind: 'probe', paths: places.map((place) => manifest.pathOf(place)), places };
        places = [];
      }
    }
  }
  await pool.runAll(slices(), (probed: Float64Array, { places }) => {
    places.forEach((place, i) => {
      manifest.setSeconds(place, probed.subarray(2 * i, 2 * i + 1));
      if (mayBeCut(place) && probed[2 * i + 1] === 1) seekable.add(place);
    });
  });
  return seekable;
}

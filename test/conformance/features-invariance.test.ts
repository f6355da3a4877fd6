/** A frame's features do not depend on the batch, the span, the thread or the tile that they are computed in. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FEATURE_SETS, FeaturePlan } from '@undertone/dsp-native';
import { columnNames, type FrontEnd } from '@undertone/shared';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { describeEachInstructionSet, runUnder } from '../fixtures/instruction-sets.ts';
import { seeded } from '../fixtures/random.ts';
import { randomFrontEnds } from '../fixtures/random-front-end.ts';
import { rowsOf } from '../fixtures/result-shape.ts';

const frontEnds = [
  ...[...FEATURE_SETS.values()].map((set) => set.frontEnd),
  ...randomFrontEnds(220, 20261121),
];
const hasResult = (samples: number, frontEnd: FrontEnd): boolean => rowsOf(samples, frontEnd) !== null;
const scratch = mkdtempSync(join(tmpdir(), 'undertone-invariance-'));
const jobs = join(scratch, 'jobs.json');

beforeAll(() => {
  const random = seeded(7);
  const list = frontEnds.map((frontEnd, i) => ({
    frontEnd,
    // One sample, shorter than the padding, exactly one frame, many tiles.
    lengths: [
      1,
      2,
      1 + random.below(60),
      frontEnd.frame.lengthSamples,
      1 + random.below(4000),
      8000,
      0,
      777,
    ].filter((length) => hasResult(length, frontEnd)),
    seed: i + 1,
  }));
  writeFileSync(jobs, JSON.stringify(list));
});
afterAll(() => rmSync(scratch, { recursive: true }));

describeEachInstructionSet((instructionSet) => {
  it('gives the same bits in a batch, alone, asynchronously and in random spans', () => {
    const printed = runUnder(instructionSet, new URL('invariance.mjs', import.meta.url), [jobs]);
    const report = JSON.parse(printed) as { instructionSet: string; compared: number; failures: unknown[] };
    expect(report.instructionSet).toBe(instructionSet);
    expect(report.failures).toEqual([]);
    expect(report.compared).toBeGreaterThan(1_000_000);
  });
});

describe('shapes', () => {
  it('agree with the frame count and the column names of the shared package', () => {
    const random = seeded(11);
    for (const frontEnd of frontEnds) {
      const plan = new FeaturePlan(frontEnd);
      expect(plan.columns).toBe(columnNames(frontEnd).length);
      const lengths = [0, 1, frontEnd.frame.lengthSamples - 1, random.below(5000), random.below(5000)].filter(
        (n) => hasResult(n, frontEnd),
      );
      const frames = plan.extract(lengths.map((n) => new Float32Array(n).fill(0.1))).map((m) => m.frames);
      expect(frames).toEqual(lengths.map((n) => rowsOf(n, frontEnd)));
    }
  });
});

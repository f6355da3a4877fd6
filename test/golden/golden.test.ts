/** Features against the float64 references of make_goldens.py, under every instruction set. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FEATURE_SETS, featureSet } from '@undertone/dsp-native';
import { columnNames, type FrontEnd, type FrontEndInput, frontEndSettings } from '@undertone/shared';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { describeEachInstructionSet, runUnder } from '../fixtures/instruction-sets.ts';
import { type Matrix, readNpy } from './npy.ts';
import { RESOLUTION, sequenceScales, statisticScales, TOLERANCES, worstError } from './tolerances.ts';

interface GoldenCase {
  readonly name: string;
  readonly group: string;
  readonly fixture: string;
  readonly cut: [number, number] | null;
  readonly offset: number;
  /** The golden holds every frameStep-th frame. */
  readonly frameStep: number;
  readonly peerFile: string | null;
  /** What to measure each value of a row of means against: the RMS of its column. */
  readonly scaleFile?: string;
  readonly set?: string;
  readonly frontEnd?: FrontEndInput;
}

const here = (path: string): string => new URL(path, import.meta.url).pathname;
const cases = JSON.parse(readFileSync(here('cases.json'), 'utf8')) as GoldenCase[];
const golden = (file: string): Matrix => readNpy(here(`data/${file}`));

const frontEndOf = (c: GoldenCase): FrontEnd =>
  c.set ? featureSet(c.set).frontEnd : frontEndSettings.parse(c.frontEnd);

const scratch = mkdtempSync(join(tmpdir(), 'undertone-golden-'));
const jobs = join(scratch, 'jobs.json');
beforeAll(() => {
  const list = cases.map((c) => ({
    fixture: c.fixture,
    cut: c.cut,
    offset: c.offset,
    frontEnd: frontEndOf(c),
  }));
  writeFileSync(jobs, JSON.stringify(list));
});
afterAll(() => rmSync(scratch, { recursive: true }));

function resolutionOf(c: GoldenCase): number {
  const { log, spectrum, features } = frontEndOf(c);
  // A row of many features has no largest value that says anything about the others.
  return log || features.length > 0 ? RESOLUTION.log : RESOLUTION[spectrum.kind];
}

function scalesOf(c: GoldenCase, reference: Matrix): number[] {
  const { statistics, deltas, sequence } = frontEndOf(c);
  if (c.scaleFile) return [...golden(c.scaleFile).values];
  if (sequence) return sequenceScales(columnNames(frontEndOf(c)), reference.values);
  return statistics.length > 0 ? statisticScales(statistics, 1 + (deltas?.order ?? 0), reference.values) : [];
}

function toleranceOf(c: GoldenCase): number {
  const contrast = frontEndOf(c).features.some(({ kind }) => kind === 'spectral-contrast');
  return contrast ? TOLERANCES.contrast : TOLERANCES.reference;
}

/** Every case's features as computed under one instruction set. */
function compute(instructionSet: string): Matrix[] {
  const out = join(scratch, `${instructionSet}.bin`);
  const printed = runUnder(instructionSet, new URL('compute.mjs', import.meta.url), [jobs, out]);
  const report = JSON.parse(printed) as { instructionSet: string; shapes: [number, number][] };
  expect(report.instructionSet).toBe(instructionSet);
  const all = new Float32Array(new Uint8Array(readFileSync(out)).buffer);
  let at = 0;
  return report.shapes.map(([rows, columns]) => {
    at += rows * columns;
    return { values: all.subarray(at - rows * columns, at), rows, columns };
  });
}

function everyFrame({ values, rows, columns }: Matrix, step: number): Float32Array {
  const kept = Array.from({ length: Math.ceil(rows / step) }, (_, i) => i * step * columns);
  return Float32Array.from(kept.flatMap((at) => [...values.subarray(at, at + columns)]));
}

describeEachInstructionSet((instructionSet) => {
  let computed: Matrix[] = [];
  beforeAll(() => {
    computed = compute(instructionSet);
  });

  it.each(cases.map((c, i) => [c.group, c.name, c, i] as const))('%s: %s', (_group, _name, c, i) => {
    const ours = computed[i] as Matrix;
    const reference = golden(`${c.name}.npy`);
    expect(ours.columns).toBe(reference.columns);
    const kept = everyFrame(ours, c.frameStep);
    const error = worstError(
      kept,
      reference.values,
      reference.columns,
      resolutionOf(c),
      scalesOf(c, reference),
    );
    expect(error).toBeLessThanOrEqual(toleranceOf(c));
    if (c.peerFile) {
      const peer = golden(c.peerFile);
      expect(worstError(ours.values, peer.values, peer.columns)).toBeLessThanOrEqual(
        TOLERANCES.kaldiNativeFbank,
      );
    }
  });

  it('rejects a golden with one value off by three tolerances', () => {
    const i = cases.findIndex((c) => c.name === 'kaldi-mfcc-13');
    const reference = golden('kaldi-mfcc-13.npy');
    const values = Float32Array.from(reference.values);
    // The loudest frame's log energy: its own size is the scale of its error.
    const loudest = values.reduce((best, x, at) => (at % 13 === 0 && x > (values[best] ?? 0) ? at : best), 0);
    values[loudest] = (values[loudest] ?? 0) * (1 + 3 * TOLERANCES.reference);
    expect(worstError((computed[i] as Matrix).values, values, 13)).toBeGreaterThan(TOLERANCES.reference);
  });
});

describe('the gate', () => {
  const reference = Float32Array.of(1, 100, -1, 100);
  it('rejects NaN and a missing row', () => {
    expect(worstError(Float32Array.of(1, Number.NaN, -1, 100), reference, 2)).toBe(Number.POSITIVE_INFINITY);
    expect(worstError(Float32Array.of(1, 100), reference, 2)).toBe(Number.POSITIVE_INFINITY);
  });
  it('measures against the value or its column, whichever is larger', () => {
    expect(worstError(Float32Array.of(1.5, 100, -1, 100), reference, 2)).toBeCloseTo(0.5);
    expect(worstError(Float32Array.of(1, 101, -1, 100), reference, 2)).toBeCloseTo(0.01);
  });
  it('has a golden for every registered feature set', () => {
    const covered = cases.flatMap((c) => (c.set ? [c.set] : []));
    expect(covered.sort()).toEqual([...FEATURE_SETS.keys()].sort());
  });
});

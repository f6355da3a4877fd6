/**
 * Features against the float64 references of make_goldens.py, under every instruction set, and by the CUDA backend's
 * kernels: compiled for the host and run by a driver that is no GPU, and on the first GPU where there is one.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describeCuda, FEATURE_SETS, featureSet } from '@undertone/dsp-native';
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
const cudaJobs = join(scratch, 'cuda-jobs.json');
const jobOf = (c: GoldenCase) => ({
  fixture: c.fixture,
  cut: c.cut,
  offset: c.offset,
  frontEnd: frontEndOf(c),
});
/** Those that rest on the tuning of the whole recording, which CUDA refuses. */
const TONAL = new Set(['chroma', 'chroma-cqt', 'tonnetz']);
const cudaCases = cases.filter((c) => !frontEndOf(c).features.some(({ kind }) => TONAL.has(kind)));
beforeAll(() => {
  writeFileSync(jobs, JSON.stringify(cases.map(jobOf)));
  writeFileSync(cudaJobs, JSON.stringify(cudaCases.map(jobOf)));
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

interface Report {
  readonly instructionSet: string;
  readonly shapes: [number, number][];
}

/** Every case's features as computed under one instruction set. */
function compute(instructionSet: string): Matrix[] {
  const out = join(scratch, `${instructionSet}.bin`);
  const printed = runUnder(instructionSet, new URL('compute.mjs', import.meta.url), [jobs, out]);
  const report = JSON.parse(printed) as Report;
  expect(report.instructionSet).toBe(instructionSet);
  return matrices(report, out);
}

/** The computable cases' features as computed by the CUDA backend of a library; the build's own where none is named. */
function computeByCuda(library: string | undefined): Matrix[] {
  const out = join(scratch, 'cuda.bin');
  const env = library === undefined ? process.env : { ...process.env, UNDERTONE_CUDA_LIBRARY: library };
  const args = [here('compute.mjs'), cudaJobs, out, 'cuda'];
  const printed = execFileSync(process.execPath, args, { env, encoding: 'utf8', maxBuffer: 1 << 28 });
  return matrices(JSON.parse(printed) as Report, out);
}

function matrices(report: Report, out: string): Matrix[] {
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

function check(c: GoldenCase, ours: Matrix): void {
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
}

describeEachInstructionSet((instructionSet) => {
  let computed: Matrix[] = [];
  beforeAll(() => {
    computed = compute(instructionSet);
  });

  it.each(cases.map((c, i) => [c.group, c.name, c, i] as const))('%s: %s', (_group, _name, c, i) => {
    check(c, computed[i] as Matrix);
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

const cudaSuite = (library: string | undefined) => (): void => {
  let computed: Matrix[] = [];
  beforeAll(() => {
    computed = computeByCuda(library);
  }, 60_000);

  it.each(cudaCases.map((c, i) => [c.group, c.name, c, i] as const))('%s: %s', (_group, _name, c, i) => {
    check(c, computed[i] as Matrix);
  });
};
const emulated = here('../../packages/dsp-native/build/Release/undertone_cuda_emulated.so');
describe('the CUDA kernels on the host', cudaSuite(emulated));
if (describeCuda().reason === null) describe('cuda:0', cudaSuite(undefined));
else describe.skip('cuda:0 (no CUDA device)', cudaSuite(undefined));

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

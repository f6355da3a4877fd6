/** F0, voicing and harmonic-to-noise ratio: settings, tones, inputs that no speaker makes, and what a frame depends on. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FeaturePlan, featureSet } from '@undertone/dsp-native';
import { type FrontEndInput, frontEndSettings, parseSettings } from '@undertone/shared';
import { afterAll, describe, expect, it } from 'vitest';
import { describeEachInstructionSet, runUnder } from '../fixtures/instruction-sets.ts';
import { seeded } from '../fixtures/random.ts';

const { frontEnd } = featureSet('undertone-pitch');
const RATE = frontEnd.sampleRateHz;
const FRAME_SAMPLES = 512;

const fill = (length: number, value: (i: number) => number): Float32Array =>
  Float32Array.from({ length }, (_, i) => value(i));

interface PitchRow {
  readonly f0: number;
  readonly voicing: number;
  readonly voiced: number;
  readonly hnr: number;
}

function rowsOf(samples: Float32Array, settings: FrontEndInput = frontEnd): PitchRow[] {
  const [features] = new FeaturePlan(settings).extract([samples]);
  const { values, frames } = features ?? { values: new Float32Array(), frames: 0 };
  return Array.from({ length: frames }, (_, t) => {
    const [f0 = Number.NaN, voicing = Number.NaN, voiced = Number.NaN, hnr = Number.NaN] = values.subarray(
      4 * t,
      4 * t + 4,
    );
    return { f0, voicing, voiced, hnr };
  });
}

/** Frames whose samples all lie inside the recording. */
const inner = (rows: PitchRow[]): PitchRow[] => rows.slice(2, -2);

const withPitch = (pitch: object): FrontEndInput =>
  ({ ...frontEnd, features: [{ kind: 'pitch', frameSamples: FRAME_SAMPLES, ...pitch }] }) as FrontEndInput;

describe('settings of pitch', () => {
  it('have these defaults', () => {
    expect(frontEnd.features).toEqual([
      {
        kind: 'pitch',
        fMinHz: 65,
        fMaxHz: 500,
        frameSamples: 512,
        troughThreshold: 0.1,
        voicedThreshold: 0.45,
      },
    ]);
  });

  const bad: [what: string, change: object, message: string][] = [
    [
      'a frame shorter than two periods',
      { frameSamples: 493 },
      'Expected at least two periods of fMinHz (494 samples) for frontEnd.features.0.frameSamples but received 493 of type number',
    ],
    [
      'a highest F0 above a quarter of the rate',
      { fMaxHz: 4001 },
      'Expected at most a quarter of sampleRateHz (4000) for frontEnd.features.0.fMaxHz but received 4001 of type number',
    ],
    [
      'a lowest F0 that is not below the highest',
      { fMinHz: 500 },
      'Expected less than fMaxHz (500) for frontEnd.features.0.fMinHz but received 500 of type number',
    ],
    [
      'a threshold above 1',
      { voicedThreshold: 1.5 },
      'Expected at most 1 for frontEnd.features.0.voicedThreshold but received 1.5 of type number',
    ],
    [
      'a trough threshold of 0',
      { troughThreshold: 0 },
      'Expected at least 0.01 for frontEnd.features.0.troughThreshold but received 0 of type number',
    ],
  ];
  it.each(bad)('refuse %s', (_what, change, message) => {
    expect(() => parseSettings(frontEndSettings, withPitch(change), 'frontEnd', 'usage')).toThrow(message);
  });

  it('take the edges', () => {
    const speech = fill(4000, (i) => Math.sin(i / 20));
    for (const edge of [{ frameSamples: 494 }, { fMaxHz: 4000 }, { fMinHz: 499, fMaxHz: 500 }]) {
      expect(rowsOf(speech, withPitch(edge)).every(({ hnr }) => Number.isFinite(hnr))).toBe(true);
    }
  });
});

describe('a voice', () => {
  // Ten falling harmonics. The range ends where d(k), which grows with the lag in librosa's form, still has its
  // trough within 3 % of the period.
  it.each([80, 110, 147.3, 200, 261.6, 333, 480])('of %d Hz is found', (hz) => {
    const rows = inner(
      rowsOf(
        fill(RATE, (i) => {
          let x = 0;
          for (let h = 1; h <= 10; h++) x += Math.sin((2 * Math.PI * hz * h * i) / RATE) / h;
          return x / 4;
        }),
      ),
    );
    for (const { f0, voicing, voiced, hnr } of rows) {
      expect(voiced).toBe(1);
      expect(Math.abs(f0 / hz - 1)).toBeLessThan(0.03);
      expect(voicing).toBeGreaterThan(0.55);
      expect(hnr).toBeGreaterThan(20);
    }
  });

  it('in noise has the ratio of its energy to that of the noise', () => {
    const random = seeded(5);
    const noise = (): number => Math.sqrt(3) * (2 * random.next() - 1);
    for (const db of [5, 10, 20]) {
      const amplitude = 10 ** (-db / 20);
      const rows = inner(
        rowsOf(
          fill(4 * RATE, (i) => Math.SQRT2 * Math.sin((2 * Math.PI * 160 * i) / RATE) + amplitude * noise()),
        ),
      );
      const sorted = rows.map(({ hnr }) => hnr).sort((a, b) => a - b);
      expect(Math.abs((sorted[Math.floor(sorted.length / 2)] ?? Number.NaN) - db)).toBeLessThan(1);
    }
  });
});

describe('inputs that no speaker makes', () => {
  const nothing: PitchRow = { f0: 0, voicing: 0, voiced: 0, hnr: -20 };

  it('silence is unvoiced, at the lowest ratio', () => {
    for (const row of rowsOf(new Float32Array(5000))) expect(row).toEqual(nothing);
    for (const row of rowsOf(fill(5000, (i) => (i % 2 ? 1e-42 : -1e-42)))) expect(row).toEqual(nothing);
  });

  it.each([0.25, 0.1, -1])('so is a constant of %d', (level) => {
    for (const row of inner(rowsOf(fill(5000, () => level)))) expect(row).toEqual(nothing);
  });

  it('a full-scale square wave is a voice without noise', () => {
    for (const { f0, voiced, hnr } of inner(rowsOf(fill(8000, (i) => (i % 80 < 40 ? 1 : -1))))) {
      expect([voiced, hnr]).toEqual([1, 40]);
      expect(Math.abs(f0 / 200 - 1)).toBeLessThan(0.01);
    }
  });

  it('a lone sample, and recordings shorter than the frame, have a row each hop', () => {
    expect(rowsOf(Float32Array.of(0.5))).toEqual([nothing]);
    for (const length of [2, 159, 160, 400, 511]) {
      const rows = rowsOf(fill(length, (i) => Math.sin(i / 10)));
      expect(rows.length).toBe(1 + Math.floor(length / 160));
      for (const row of rows) {
        expect(Object.values(row).every(Number.isFinite)).toBe(true);
        expect(row.voicing).toBeGreaterThanOrEqual(0);
        expect(row.voicing).toBeLessThanOrEqual(1);
      }
    }
  });

  it('white noise is mostly unvoiced', () => {
    const random = seeded(6);
    const rows = inner(rowsOf(fill(5 * RATE, () => random.next() - 0.5)));
    expect(rows.filter(({ voiced }) => voiced === 1).length / rows.length).toBeLessThan(0.01);
  });
});

/** Pitch settings and frames of every relation: hops far below, and beyond, the frame; odd sizes. */
function randomFrontEnd(random: ReturnType<typeof seeded>): FrontEndInput {
  const fMinHz = 40 + random.below(100);
  const shortest = 2 * Math.ceil(RATE / fMinHz);
  const lengthSamples = 2 + random.below(500);
  return {
    sampleRateHz: RATE,
    frame: {
      lengthSamples,
      hopSamples: 1 + random.below([20, 200, 1500][random.below(3)] ?? 1),
      fftSize: 512,
      placement: (['snip', 'centre', 'kaldi-centre'] as const)[random.below(3)],
    },
    features: [
      {
        kind: 'pitch',
        fMinHz,
        fMaxHz: fMinHz + 1 + random.below(800),
        frameSamples: shortest + random.below(600),
        troughThreshold: 0.05 + random.next() * 0.5,
        voicedThreshold: 0.05 + random.next() * 0.9,
      },
    ],
  };
}

describe('a frame', () => {
  it('depends on its own samples only, bit for bit', () => {
    const random = seeded(7);
    const recording = fill(20000, (i) => Math.sin(i / 17) * Math.sin(i / 3000) + 0.2 * (random.next() - 0.5));
    for (let i = 0; i < 40; i++) {
      const settings = randomFrontEnd(random);
      const [feature] = settings.features ?? [];
      const size = feature?.kind === 'pitch' ? feature.frameSamples : 0;
      const hop = settings.frame.hopSamples ?? 1;
      const frame = { ...settings.frame, lengthSamples: size, fftSize: 8192, placement: 'snip' } as const;
      const whole = rowsOf(recording, { ...settings, frame });
      for (let k = 0; k < 5; k++) {
        const t = random.below(whole.length);
        const [alone] = rowsOf(recording.slice(t * hop, t * hop + size), { ...settings, frame });
        expect(alone, JSON.stringify(settings)).toEqual(whole[t]);
      }
    }
  });
});

const scratch = mkdtempSync(join(tmpdir(), 'undertone-pitch-'));
afterAll(() => rmSync(scratch, { recursive: true }));

describeEachInstructionSet((instructionSet) => {
  it('gives the same bits in a batch, alone and asynchronously', () => {
    const random = seeded(8);
    const jobs = Array.from({ length: 30 }, (_, seed) => ({
      frontEnd: frontEndSettings.parse(randomFrontEnd(random)),
      lengths: [0, 1, 700, 3000 + random.below(4000)],
      seed,
    }));
    const path = join(scratch, `${instructionSet}.json`);
    writeFileSync(path, JSON.stringify(jobs));
    const printed = runUnder(instructionSet, new URL('invariance.mjs', import.meta.url), [path]);
    const report = JSON.parse(printed) as {
      instructionSet: string;
      compared: number;
      failures: unknown[];
    };
    expect(report.instructionSet).toBe(instructionSet);
    expect(report.compared).toBeGreaterThan(1000);
    expect(report.failures).toEqual([]);
  });
});

/** What benchmarks ask of the add-on: output into given memory, counted work, limits, the resampler by itself. */
import {
  type DecodeSettings,
  FeaturePlan,
  featureSet,
  measureLimits,
  openAudio,
  resample,
} from '@undertone/dsp-native';
import { describe, expect, it } from 'vitest';
import { babble } from '../fixtures/wav.ts';

const speech = babble(2, 16000, 3);

describe('extract into given memory', () => {
  const plan = new FeaturePlan(featureSet('kaldi-mfcc-13').frontEnd);
  const [fresh] = plan.extract([speech]);

  it('writes there, from the start on, what a new array would hold', () => {
    const out = new Float32Array((fresh?.values.length ?? 0) + 5).fill(7);
    const [matrix] = plan.extract([speech], out);
    expect(matrix?.values.buffer).toBe(out.buffer);
    expect(matrix?.values).toEqual(fresh?.values);
    expect([...out.subarray(-5)]).toEqual([7, 7, 7, 7, 7]);
  });

  it('minds where a view begins', () => {
    const memory = new Float32Array((fresh?.values.length ?? 0) + 3).fill(7);
    const [matrix] = plan.extract([speech], memory.subarray(3));
    expect(matrix?.values).toEqual(fresh?.values);
    expect([...memory.subarray(0, 3)]).toEqual([7, 7, 7]);
  });

  it('refuses what is too short or no array', () => {
    const needed = fresh?.values.length ?? 0;
    expect(() => plan.extract([speech], new Float32Array(needed - 1))).toThrow(
      `Expected room for ${needed} values for out but received ${needed - 1}`,
    );
    expect(() => plan.extract([speech], [] as unknown as Float32Array)).toThrow(
      'Expected a Float32Array for out',
    );
  });
});

describe('counted work', () => {
  const fft = (points: number): number => 2.5 * points * Math.log2(points);

  it('is that of the definition', () => {
    const { frontEnd } = featureSet('librosa-mfcc-40');
    const spectrum = new FeaturePlan({ ...frontEnd, mel: null, log: null, cepstrum: null });
    expect(spectrum.work).toEqual({
      operations: 2048 + fft(2048) + 3 * 1025,
      bytes: 4 * (512 + 1025),
    });
    const mel = new FeaturePlan({ ...frontEnd, log: null, cepstrum: null });
    // Two triangles over nearly every bin.
    const weights = ((mel.work?.operations ?? 0) - (spectrum.work?.operations ?? 0)) / 2;
    expect(weights).toBeGreaterThan(1500);
    expect(weights).toBeLessThan(2050);
    const log = new FeaturePlan({ ...frontEnd, cepstrum: null });
    expect(log.work?.operations).toBeCloseTo((mel.work?.operations ?? 0) + 23 * 128);
    const cepstra = new FeaturePlan(frontEnd);
    expect(cepstra.work?.operations).toBeCloseTo((log.work?.operations ?? 0) + 2 * 40 * 128);
    expect(cepstra.work?.bytes).toBe(4 * (512 + 40));
    const statistics = new FeaturePlan(featureSet('librosa-mfcc-40-stats').frontEnd);
    expect(statistics.work?.operations).toBeCloseTo((cepstra.work?.operations ?? 0) + 6 * 40);
    expect(statistics.work?.bytes).toBe(4 * 512);
    const deltas = new FeaturePlan({ ...frontEnd, deltas: { order: 2 } });
    expect(deltas.work?.operations).toBeCloseTo((cepstra.work?.operations ?? 0) + 2 * 9 * 40 * 2);
    expect(deltas.work?.bytes).toBe(4 * (512 + 3 * 40));
    const percentile = new FeaturePlan({ ...frontEnd, statistics: ['median'] });
    expect(percentile.work).toBeNull();
  });

  it('asks for no spectrum where only samples are described', () => {
    const { frontEnd } = featureSet('librosa-mfcc-40');
    const bare = { ...frontEnd, mel: null, log: null, cepstrum: null };
    const plan = new FeaturePlan({ ...bare, features: [{ kind: 'zero-crossing-rate' }] });
    expect(plan.work).toEqual({ operations: 2 * 2048, bytes: 4 * (512 + 1) });
    const flatness = new FeaturePlan({ ...bare, features: [{ kind: 'spectral-flatness' }] });
    expect(flatness.work?.operations).toBeCloseTo(2048 + fft(2048) + 4 * 1025 + 23 * 1025);
  });
});

it('limits are rates that a machine can have', () => {
  const { multiplyAddsPerSecond, bytesPerSecond } = measureLimits();
  expect(multiplyAddsPerSecond).toBeGreaterThan(1e7);
  expect(multiplyAddsPerSecond).toBeLessThan(1e13);
  expect(bytesPerSecond).toBeGreaterThan(1e7);
  expect(bytesPerSecond).toBeLessThan(1e13);
});

describe('resample', () => {
  it('is what recordings go through', () => {
    const path = new URL('../fixtures/speech/librivox-16k.wav', import.meta.url).pathname;
    const decode = (settings: DecodeSettings): Float32Array => {
      const decoder = openAudio(path, settings);
      try {
        return decoder.read(16000 * 600)?.samples ?? new Float32Array(0);
      } finally {
        decoder.close();
      }
    };
    const source = decode({ channels: 'mix', sampleRateHz: 0 });
    const wanted = decode({ channels: 'mix', sampleRateHz: 22050 });
    const out = new Float32Array(Math.ceil((source.length * 22050) / 16000) + 4).fill(7);
    const written = resample(source, 16000, 22050, out);
    expect(written).toBe(wanted.length);
    expect(out.subarray(0, written)).toEqual(wanted);
    expect([...out.subarray(written)]).toEqual([7, 7, 7, 7]);
  });

  it('refuses rates out of range and too little room', () => {
    expect(() => resample(speech, 0, 16000, speech)).toThrow(
      'Expected at least 1000 for fromHz but received 0',
    );
    expect(() => resample(speech, 16000, 44100, new Float32Array(3))).toThrow(
      'Expected room for 88200 values for out but received 3',
    );
  });
});

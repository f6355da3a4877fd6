/** Chroma, constant-Q chroma, tonnetz and spectral contrast: what holds whatever the recording. */
import { FeaturePlan, featureSet } from '@undertone/dsp-native';
import type { FrontEndInput } from '@undertone/shared';
import { describe, expect, it } from 'vitest';
import { readSpeech } from '../fixtures/speech/pcm16.mjs';

const RATE = 22050;
const SETS = ['librosa-chroma', 'librosa-chroma-cqt', 'librosa-tonnetz', 'librosa-contrast'] as const;
const extract = (set: string, samples: Float32Array): Float32Array =>
  new FeaturePlan(featureSet(set).frontEnd).extract([samples])[0]?.values as Float32Array;
const tone = (hz: number, seconds = 1): Float32Array =>
  Float32Array.from(
    { length: RATE * seconds },
    (_, n) => 0.3 * Math.sin((2 * Math.PI * hz * n) / RATE) + 0.1 * Math.sin((4 * Math.PI * hz * n) / RATE),
  );
const middleRow = (values: Float32Array, columns: number): Float32Array => {
  const row = Math.floor(values.length / columns / 2);
  return values.subarray(row * columns, (row + 1) * columns);
};
const highest = (row: Float32Array): number => row.indexOf(Math.max(...row));

describe('silence', () => {
  it.each(SETS)('is 0 in %s', (set) => {
    expect(extract(set, new Float32Array(RATE)).every((x) => x === 0)).toBe(true);
  });
});

describe('a tone', () => {
  // C, then A a third of a semitone flat and sharp: the estimated tuning takes that back.
  it.each([
    [261.63, 0],
    [440, 9],
    [440 * 2 ** (-0.3 / 12), 9],
    [440 * 2 ** (0.3 / 12), 9],
    [587.33, 2],
  ])('of %f Hz is of pitch class %i', (hz, pitchClass) => {
    for (const set of ['librosa-chroma', 'librosa-chroma-cqt']) {
      const row = middleRow(extract(set, tone(hz)), 12);
      expect([set, highest(row)]).toEqual([set, pitchClass]);
      expect(Math.max(...row)).toBe(1);
    }
  });

  it('lies on the circle of fifths where its pitch class does', () => {
    const row = middleRow(extract('librosa-tonnetz', tone(440)), 6);
    const angle = (9 * 7 * Math.PI) / 6;
    expect(row[0]).toBeCloseTo(Math.sin(angle), 1);
    expect(row[1]).toBeCloseTo(Math.cos(angle), 1);
  });
});

describe('loudness', () => {
  it('changes nothing', () => {
    const speech = readSpeech('librivox-22k');
    const louder = speech.map((x) => 4 * x);
    for (const set of SETS) {
      const [quiet, loud] = [extract(set, speech), extract(set, louder)];
      const difference = quiet.reduce((worst, x, i) => Math.max(worst, Math.abs(x - (loud[i] ?? 0))), 0);
      expect(difference, set).toBeLessThan(1e-4);
    }
  });
});

describe('settings that cannot be computed', () => {
  const frame = { lengthSamples: 400, hopSamples: 160, fftSize: 512 } as const;
  const refusal = (frontEnd: FrontEndInput): string => {
    try {
      new FeaturePlan(frontEnd);
    } catch (thrown) {
      return (thrown as Error).message;
    }
    throw new Error('nothing was refused');
  };

  it('a constant-Q transform of frames that are not centred', () => {
    const frontEnd = { sampleRateHz: 16000, frame, features: [{ kind: 'tonnetz' }] } as const;
    expect(refusal(frontEnd)).toBe(
      'Expected "centre" for frame.placement, around which tonnetz is defined, but received "snip" of type string',
    );
  });

  it('a rate that does not hold the highest bin', () => {
    const centred = { ...frame, placement: 'centre' } as const;
    const frontEnd = { sampleRateHz: 8000, frame: centred, features: [{ kind: 'chroma-cqt' }] } as const;
    expect(refusal(frontEnd)).toBe(
      'Expected at least 8412 for sampleRateHz, which the highest bin of chroma-cqt needs, but received 8000 of type number',
    );
    expect(() => new FeaturePlan({ ...frontEnd, sampleRateHz: 8412 })).not.toThrow();
  });

  it('a band of the contrast without bins', () => {
    const contrast = { kind: 'spectral-contrast', fMinHz: 20, bands: 3 } as const;
    expect(refusal({ sampleRateHz: 16000, frame, features: [contrast] })).toBe(
      'Expected a larger size for frame.fftSize but received 512 of type number: no bin lies in the spectral-contrast ' +
        'band from 0.0 to 20.0 Hz',
    );
  });
});

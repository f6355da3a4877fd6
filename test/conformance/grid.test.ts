/** Frame and window counts against the definitions they follow. */

import { featureSet } from '@undertone/dsp-native';
import { frameCount, frameStart, windowCount, windowSpan } from '@undertone/shared';
import { describe, expect, it } from 'vitest';
import { seeded } from '../fixtures/random.ts';

const kaldi = featureSet('kaldi-fbank-80').frontEnd.frame;
const librosa = featureSet('librosa-mfcc-40').frontEnd.frame;

describe('frames', () => {
  it('snip: only whole frames', () => {
    expect(frameCount(399, kaldi)).toBe(0);
    expect(frameCount(400, kaldi)).toBe(1);
    expect(frameCount(559, kaldi)).toBe(1);
    expect(frameCount(560, kaldi)).toBe(2);
    expect(frameStart(3, kaldi)).toBe(480);
  });

  it('centre: 1 + floor(N/hop), as librosa', () => {
    expect(frameCount(0, librosa)).toBe(0);
    expect(frameCount(1, librosa)).toBe(1);
    expect(frameCount(511, librosa)).toBe(1);
    expect(frameCount(512, librosa)).toBe(2);
    expect(frameStart(0, librosa)).toBe(-1024);
  });

  it('kaldi-centre: rounds to whole hops', () => {
    const frame = { ...kaldi, placement: 'kaldi-centre' as const };
    expect(frameCount(79, frame)).toBe(0);
    expect(frameCount(80, frame)).toBe(1);
    expect(frameCount(240, frame)).toBe(2);
    expect(frameStart(0, frame)).toBe(80 - 200);
  });
});

describe('windows', () => {
  const grid = { lengthSamples: 300, hopSamples: 150, offsetSamples: 0, minSamples: 25 };

  it('one window for anything that fits, then enough to reach the end', () => {
    expect(windowCount(0, grid)).toBe(0);
    expect(windowCount(1, grid)).toBe(1);
    expect(windowCount(300, grid)).toBe(1);
    expect(windowCount(301, grid)).toBe(2);
    expect(windowCount(450, grid)).toBe(2);
    expect(windowCount(451, grid)).toBe(3);
  });

  it('leaves out a last window that is too short to judge', () => {
    const apart = { ...grid, hopSamples: 300 };
    expect(windowCount(324, apart)).toBe(1);
    expect(windowCount(325, apart)).toBe(2);
  });

  it('skips the offset', () => {
    expect(windowCount(100, { ...grid, offsetSamples: 100 })).toBe(0);
    expect(windowSpan(0, 500, { ...grid, offsetSamples: 100 })).toEqual({ start: 100, end: 400 });
  });

  it('covers every recording: no gap, no window outside, the last one ends the recording', () => {
    const random = seeded(7);
    for (let i = 0; i < 2000; ++i) {
      const lengthSamples = 1 + random.below(400);
      const hopSamples = 1 + random.below(lengthSamples);
      const samples = 1 + random.below(3000);
      const any = { lengthSamples, hopSamples, offsetSamples: 0, minSamples: 1 };
      const spans = Array.from({ length: windowCount(samples, any) }, (_, k) => windowSpan(k, samples, any));
      const sound = spans.every(
        ({ start, end }, k) => end > start && (k === 0 ? start === 0 : start <= (spans[k - 1]?.end ?? -1)),
      );
      expect({ sound, end: spans.at(-1)?.end }, JSON.stringify({ samples, any })).toEqual({
        sound: true,
        end: samples,
      });
    }
  });
});

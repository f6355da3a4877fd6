/**
 * The resampler against the mathematics: a sine that fits the output comes out as the same sine at the new rate,
 * without delay; one that does not fit disappears. Figures are in dB relative to the sine that goes in.
 */
import { afterAll, describe, expect, it } from 'vitest';
import { decodeAll, maxDifference, Scratch } from '../fixtures/audio-files.js';
import { seeded } from '../fixtures/random.js';
import { FLOAT, pack, wav } from '../fixtures/wav-bytes.js';

const scratch = new Scratch();
afterAll(() => scratch.remove());

const amplitude = 0.5;
const sine = (hz: number, rate: number, samples: number): Float64Array =>
  Float64Array.from({ length: samples }, (_, i) => amplitude * Math.sin((2 * Math.PI * hz * i) / rate + 0.3));

/** double WAV, so that the input's own rounding stays out of the figures as far as float32 lets it. */
function resample(samples: ArrayLike<number>, from: number, to: number): Float32Array {
  const path = scratch.write(
    'in.wav',
    wav({ tag: FLOAT, channels: 1, rate: from, bits: 64 }, pack('f64', samples)),
  );
  return decodeAll(path, { sampleRateHz: to }).channels[0] ?? new Float32Array(0);
}

/** dB of the RMS of a stretch relative to the sine's. */
function level(samples: ArrayLike<number>, skip: number): number {
  let power = 0;
  for (let i = skip; i < samples.length - skip; i += 1) power += (samples[i] ?? 0) ** 2;
  return 10 * Math.log10(power / (samples.length - 2 * skip) / (amplitude ** 2 / 2) + 1e-20);
}

// Exact tables: 48, 44.1, 32, 22.05, 11.025, 8 kHz, 16 → 22.05. Interpolated: 24,414 (TESS), 12,345, 15,999 Hz.
const pairs = [
  [48000, 16000],
  [44100, 16000],
  [32000, 16000],
  [96000, 16000],
  [24414, 16000],
  [22050, 16000],
  [11025, 16000],
  [8000, 16000],
  [12345, 16000],
  [15999, 16000],
  [16000, 22050],
  [16000, 8000],
  [44100, 48000],
] as const;

describe.each(pairs)('%d to %d Hz', (from, to) => {
  const nyquist = Math.min(from, to) / 2;
  /** The filter reaches over 91 samples of the lower rate. */
  const skip = Math.ceil((95 * to) / Math.min(from, to));

  it.each([0.01, 0.31, 0.73, 0.9])(
    'pass band: a sine at %d of the lower Nyquist is the same sine, within -118 dB',
    (share) => {
      const hz = share * nyquist;
      const out = resample(sine(hz, from, from), from, to);
      const wanted = sine(hz, to, to);
      expect(
        level(
          out.map((x, i) => x - (wanted[i] ?? 0)),
          skip,
        ),
      ).toBeLessThan(-118);
    },
  );

  it.runIf(from > to)('stop band: a sine from the lower Nyquist on is gone, below -127 dB', () => {
    for (const share of [1, 1.003, 1.01, 1.05, 1.3, 1.7, from / to - 0.1]) {
      if (share * nyquist >= from / 2) continue;
      expect(level(resample(sine(share * nyquist, from, from), from, to), skip), `at ${share}`).toBeLessThan(
        -127,
      );
    }
  });

  it('a constant stays that constant', () => {
    const out = resample(new Float64Array(from / 2).fill(0.25), from, to);
    const middle = out.subarray(skip, out.length - skip);
    expect(maxDifference(middle, new Float32Array(middle.length).fill(0.25))).toBeLessThan(1e-6);
  });
});

it('the length is ceil(N · out / in), from one sample on', () => {
  const random = seeded(4);
  const rates = [8000, 11025, 16000, 22050, 24414, 44100, 48000, 1000, 12345];
  for (let round = 0; round < 120; round += 1) {
    const from = rates[random.below(rates.length)] ?? 8000;
    const to = rates[random.below(rates.length)] ?? 8000;
    const samples = 1 + (round < 20 ? round : random.below(6000));
    const expected = Math.ceil((samples * to) / from);
    expect(
      resample(new Float64Array(samples).fill(0.1), from, to),
      `${samples} from ${from} to ${to}`,
    ).toHaveLength(expected);
  }
});

it('a click comes out where it was: symmetric, at its time', () => {
  const click = new Float64Array(48000);
  click[24000] = 1;
  const out = resample(click, 48000, 16000);
  expect(out.indexOf(Math.max(...out))).toBe(8000);
  for (let i = 1; i < 100; i += 1)
    expect(Math.abs((out[8000 + i] ?? 0) - (out[8000 - i] ?? 0))).toBeLessThan(1e-7);
});

it('the same samples give the same bits however they arrive', () => {
  // One channel of many arrives in shorter pieces than the only one.
  const random = seeded(9);
  const samples = Float32Array.from({ length: 40_000 }, () => random.next() - 0.5);
  for (const [from, to] of [
    [48000, 16000],
    [24414, 16000],
    [11025, 16000],
    [96000, 8000],
  ] as const) {
    const alone = resample(samples, from, to);
    for (const channels of [3, 64]) {
      const spread = new Float32Array(samples.length * channels);
      for (const [i, sample] of samples.entries()) spread[i * channels + 1] = sample;
      const path = scratch.write(
        'many.wav',
        wav({ tag: FLOAT, channels, rate: from, bits: 32 }, pack('f32', spread)),
      );
      const among = decodeAll(path, { channels: 1, sampleRateHz: to }).channels[0] ?? new Float32Array(0);
      expect(Buffer.compare(Buffer.from(among.buffer), Buffer.from(alone.buffer))).toBe(0);
    }
  }
});

it('extreme ratios stay bounded', () => {
  expect(resample(sine(100, 1000, 2000), 1000, 1_000_000)).toHaveLength(2_000_000);
  const out = resample(sine(100, 999_983, 999_983), 999_983, 1000);
  expect(out).toHaveLength(1000);
  expect(
    level(
      out.map((x, i) => x - amplitude * Math.sin((2 * Math.PI * 100 * i) / 1000 + 0.3)),
      150,
    ),
  ).toBeLessThan(-90);
});

/** Our own feature sets for analysts: descriptors of the frame with a name and a unit each. Registered in feature-table.ts. */
import type { NamedSettings } from './feature-table.js';

const frame = {
  lengthSamples: 400,
  hopSamples: 160,
  fftSize: 512,
  placement: 'snip',
  window: 'hann',
} as const;

const descriptors = [
  { kind: 'zero-crossing-rate' },
  { kind: 'rms' },
  { kind: 'energy-entropy' },
  { kind: 'spectral-centroid' },
  { kind: 'spectral-bandwidth' },
  { kind: 'spectral-skewness' },
  { kind: 'spectral-kurtosis' },
  { kind: 'spectral-entropy' },
  { kind: 'spectral-flux' },
  { kind: 'spectral-flatness' },
  { kind: 'spectral-roll-off', share: 0.5 },
  { kind: 'spectral-roll-off', share: 0.85 },
  { kind: 'spectral-roll-off', share: 0.95 },
  { kind: 'spectral-slope' },
] as const;

export const DESCRIPTOR_SETS: readonly NamedSettings[] = [
  [
    'undertone-descriptors',
    '14 descriptors a frame, 25 ms every 10 ms at 16 kHz: crossings, level, entropies, moments, flux, flatness, roll-off, slope',
    { sampleRateHz: 16000, frame, features: [...descriptors] },
  ],
  [
    'undertone-functionals',
    'undertone-descriptors and 13 MFCCs with their deltas under mean, std, p5, p50, p95 and slope: one row of 324 values a recording',
    {
      sampleRateHz: 16000,
      frame,
      mel: { bands: 64, fMinHz: 60, fMaxHz: 7600, scale: 'htk', slope: 'hz', norm: 'none' },
      log: { kind: 'ln', floor: 1e-7 },
      cepstrum: { coefficients: 13 },
      features: [...descriptors, { kind: 'cepstrum' }],
      deltas: { order: 1, width: 9, convention: 'kaldi' },
      statistics: ['mean', 'std', 'p5', 'p50', 'p95', 'slope'],
    },
  ],
];

/**
 * The feature sets of public speech-emotion systems, column for column in their order. Registered in feature-table.ts; what
 * each system computes stands in test/golden/reference_sets.py.
 */
import type { NamedSettings } from './feature-table.js';

/** What librosa computes when it is told nothing else. */
const librosa = {
  sampleRateHz: 22050,
  frame: {
    lengthSamples: 2048,
    hopSamples: 512,
    fftSize: 2048,
    placement: 'centre',
    padding: 'zero',
    window: 'hann',
    windowSymmetry: 'periodic',
  },
  mel: { bands: 128, fMinHz: 0, fMaxHz: 11025, scale: 'slaney', slope: 'hz', norm: 'slaney' },
  log: { kind: 'db', floor: 1e-10, topDb: 80 },
  cepstrum: { coefficients: 20 },
} as const;

/** chroma_stft(S=np.abs(stft(y))): of magnitudes where librosa's own default is powers. */
const chroma = { kind: 'chroma', spectrum: 'magnitude' } as const;

/** librosa.load(path, offset=0.6, duration=2.5), at the rate of the set. */
const excerpt = { offsetSamples: 13230, lengthSamples: 55125 } as const;

/** 2.220446049250313e-16 stands in for an empty band's power, which is divided by the FFT size of 512. */
const SVM_FLOOR = 512 * Number.EPSILON;

const svm = {
  sampleRateHz: 16000,
  samples: { fullScale: 32768 },
  frame: {
    lengthSamples: 400,
    hopSamples: 160,
    fftSize: 512,
    placement: 'snip',
    window: 'hamming',
    windowSymmetry: 'symmetric',
  },
  spectrum: { descriptorFftSize: 400 },
  mel: { bands: 40, fMinHz: 0, fMaxHz: 8000, scale: 'htk', slope: 'bin', norm: 'none' },
  log: { kind: 'db', floor: SVM_FLOOR, multiply: 2 },
  cepstrum: { coefficients: 13, c0: 'omit' },
  features: [
    { kind: 'zero-crossing-rate', convention: 'pyaudioanalysis' },
    { kind: 'energy', windowed: true },
    { kind: 'energy-entropy', windowed: true },
    { kind: 'spectral-centroid', convention: 'pyaudioanalysis' },
    { kind: 'spectral-bandwidth', convention: 'pyaudioanalysis' },
    { kind: 'spectral-entropy' },
    { kind: 'spectral-flux' },
    { kind: 'spectral-roll-off', share: 0.9, convention: 'pyaudioanalysis' },
    { kind: 'cepstrum' },
  ],
  statistics: ['mean', 'std', 'median', 'kurtosis', 'skewness', 'p1', 'p99', 'min', 'max', 'p1-p99'],
} satisfies NamedSettings[2];

export const REFERENCE_SETS: readonly NamedSettings[] = [
  [
    'reference-162',
    'means of zero-crossing rate, chroma, 20 MFCCs, RMS and 128 mel powers, whole clip (librosa): 162-value Conv1D system',
    {
      ...librosa,
      features: [
        { kind: 'zero-crossing-rate' },
        chroma,
        { kind: 'cepstrum' },
        { kind: 'rms' },
        { kind: 'mel' },
      ],
      statistics: ['mean'],
    },
  ],
  [
    'reference-178',
    'reference-162 of 2.5 s from 0.6 s on, then roll-off, centroid, contrast, bandwidth and tonnetz (librosa): 178-value ResNet system',
    {
      ...librosa,
      samples: { excerpt },
      features: [
        { kind: 'zero-crossing-rate' },
        chroma,
        { kind: 'cepstrum' },
        { kind: 'rms' },
        { kind: 'mel' },
        { kind: 'spectral-roll-off', share: 0.85 },
        { kind: 'spectral-centroid' },
        { kind: 'spectral-contrast' },
        { kind: 'spectral-bandwidth' },
        { kind: 'tonnetz' },
      ],
      statistics: ['mean'],
    },
  ],
  [
    'reference-180',
    'means of 40 MFCCs, chroma and 128 mel powers of what an envelope gate leaves, 16 kHz (librosa): 180-value MLP system',
    {
      ...librosa,
      sampleRateHz: 16000,
      samples: { gate: { windowSamples: 1600, threshold: 0.0005 } },
      mel: { ...librosa.mel, fMaxHz: 8000 },
      cepstrum: { coefficients: 40 },
      features: [{ kind: 'cepstrum' }, chroma, { kind: 'mel' }],
      statistics: ['mean'],
    },
  ],
  [
    'reference-200',
    '8 pyAudioAnalysis descriptors and 12 MFCCs under 10 statistics, 16 kHz: SVM system; its range is p99 − p1',
    svm,
  ],
  [
    'reference-400',
    'reference-200 and the same statistics of the first differences',
    { ...svm, deltas: { order: 1, convention: 'difference' } },
  ],
  [
    'reference-2376',
    '108 frames of zero-crossing rate, of RMS and of 20 MFCCs, of 2.5 s from 0.6 s on padded with zeros (librosa): 2376-value CNN system',
    {
      ...librosa,
      samples: { excerpt: { ...excerpt, pad: true } },
      features: [{ kind: 'zero-crossing-rate' }, { kind: 'rms' }, { kind: 'cepstrum' }],
      sequence: { frames: 108 },
    },
  ],
];

/**
 * ★ The named feature sets: one entry a set, the only place where a set is registered.
 * Each is a front-end's settings, spelt as the tool it follows would compute them.
 */
import { type FrontEnd, type FrontEndInput, frontEndSettings, UndertoneError } from '@undertone/shared';
import { DESCRIPTOR_SETS } from './descriptor-sets.js';
import { REFERENCE_SETS } from './reference-sets.js';

export interface FeatureSet {
  readonly name: string;
  readonly description: string;
  readonly frontEnd: FrontEnd;
}

/** A set as it is registered. */
export type NamedSettings = readonly [name: string, description: string, settings: FrontEndInput];

const librosaFrame = {
  lengthSamples: 2048,
  hopSamples: 512,
  fftSize: 2048,
  placement: 'centre',
  padding: 'zero',
  window: 'hann',
  windowSymmetry: 'periodic',
} as const;

const librosaMel = {
  bands: 128,
  fMinHz: 0,
  fMaxHz: 11025,
  scale: 'slaney',
  slope: 'hz',
  norm: 'slaney',
} as const;

const kaldiFrame = {
  lengthSamples: 400,
  hopSamples: 160,
  fftSize: 512,
  placement: 'snip',
  window: 'povey',
  windowSymmetry: 'symmetric',
  removeDc: true,
  preEmphasis: 0.97,
  preEmphasisScope: 'frame',
} as const;

const librosaLogmel128 = {
  sampleRateHz: 22050,
  frame: librosaFrame,
  mel: librosaMel,
  log: { kind: 'db', floor: 1e-10, topDb: 80 },
} as const;

const librosaMfcc40 = { ...librosaLogmel128, cepstrum: { coefficients: 40 } } as const;

/** One feature of librosa's, of whole frames at its own settings. */
const librosaFeature = (feature: NonNullable<FrontEndInput['features']>[number]): FrontEndInput => ({
  sampleRateHz: 22050,
  frame: librosaFrame,
  features: [feature],
});

/** Kaldi's floor is FLT_EPSILON. */
const kaldiLog = { kind: 'ln', floor: 1.1920928955078125e-7 } as const;

const kaldiMfcc13 = {
  sampleRateHz: 16000,
  samples: { fullScale: 32768 },
  frame: kaldiFrame,
  mel: { bands: 23, fMinHz: 20, fMaxHz: 8000, scale: 'htk', slope: 'mel', norm: 'none' },
  log: kaldiLog,
  cepstrum: { coefficients: 13, c0: 'log-energy', lifterLength: 22, lifterFirstIndex: 0 },
} as const;

const sets: readonly NamedSettings[] = [
  [
    'undertone-logmel-64',
    'natural-log mel energies, 64 HTK bands 60–7600 Hz, 25 ms every 10 ms at 16 kHz: the front-end of our own models',
    {
      sampleRateHz: 16000,
      frame: { lengthSamples: 400, hopSamples: 160, fftSize: 512, placement: 'snip', window: 'hann' },
      mel: { bands: 64, fMinHz: 60, fMaxHz: 7600, scale: 'htk', slope: 'hz', norm: 'none' },
      log: { kind: 'ln', floor: 1e-7 },
    },
  ],
  [
    'librosa-logmel-128',
    'librosa.power_to_db(librosa.feature.melspectrogram(y, sr=22050))',
    librosaLogmel128,
  ],
  [
    'librosa-spectrogram',
    'abs(librosa.stft(y)) at 22,050 Hz: 1025 bins of magnitude',
    { sampleRateHz: 22050, frame: librosaFrame, spectrum: { kind: 'magnitude' } },
  ],
  ['librosa-mfcc-40', 'librosa.feature.mfcc(y, sr=22050, n_mfcc=40)', librosaMfcc40],
  [
    'librosa-mfcc-40-stats',
    'mean, standard deviation, minimum and maximum over time of librosa-mfcc-40: one row a recording',
    { ...librosaMfcc40, statistics: ['mean', 'std', 'min', 'max'] },
  ],
  [
    'kaldi-fbank-80',
    'Kaldi compute-fbank-feats with 80 bins, dither 0, at 16 kHz',
    {
      sampleRateHz: 16000,
      samples: { fullScale: 32768 },
      frame: kaldiFrame,
      mel: { bands: 80, fMinHz: 20, fMaxHz: 8000, scale: 'htk', slope: 'mel', norm: 'none' },
      log: kaldiLog,
    },
  ],
  [
    'kaldi-mfcc-13',
    'Kaldi compute-mfcc-feats (23 bins, 13 cepstra, lifter 22, log energy for c0), dither 0, at 16 kHz',
    kaldiMfcc13,
  ],
  [
    'kaldi-mfcc-39',
    'kaldi-mfcc-13 with Δ and ΔΔ (Kaldi add-deltas: window 2, order 2)',
    { ...kaldiMfcc13, deltas: { order: 2, width: 5, convention: 'kaldi' } },
  ],
  [
    'kaldi-mfcc-13-cmvn',
    'kaldi-mfcc-13 less the mean of the recording (Kaldi apply-cmvn, a recording a speaker)',
    { ...kaldiMfcc13, cmvn: { scope: 'utterance' } },
  ],
  [
    'kaldi-mfcc-13-cmvn-sliding',
    'kaldi-mfcc-13 less the mean of the last 600 frames (Kaldi apply-cmvn-sliding)',
    { ...kaldiMfcc13, cmvn: { scope: 'sliding', windowFrames: 600, minWindowFrames: 100, centre: false } },
  ],
  [
    'whisper-logmel-80',
    'openai-whisper log_mel_spectrogram of the recording as it is: no padding or cutting to 30 s',
    {
      sampleRateHz: 16000,
      frame: {
        lengthSamples: 400,
        hopSamples: 160,
        fftSize: 400,
        placement: 'whisper-centre',
        padding: 'reflect',
        window: 'hann',
        windowSymmetry: 'periodic',
      },
      mel: { bands: 80, fMinHz: 0, fMaxHz: 8000, scale: 'slaney', slope: 'hz', norm: 'slaney' },
      log: { kind: 'log10', floor: 1e-10, topDb: 80, add: 4, multiply: 0.25 },
    },
  ],
  [
    'reference-logmel-128',
    'front-end of the CNN-LSTM reference system: 49100 samples from 0.5 s on (zeros where there are fewer), z-scored, 128 mel bands to 4 kHz in dB',
    {
      sampleRateHz: 16000,
      samples: {
        normalise: 'z-score',
        excerpt: { offsetSamples: 8000, lengthSamples: 49_100, pad: true },
      },
      frame: {
        lengthSamples: 256,
        hopSamples: 128,
        fftSize: 512,
        placement: 'centre',
        padding: 'zero',
        window: 'hamming',
        windowSymmetry: 'periodic',
      },
      mel: { bands: 128, fMinHz: 0, fMaxHz: 4000, scale: 'slaney', slope: 'hz', norm: 'slaney' },
      log: { kind: 'db', floor: 1e-10, reference: 'max', topDb: 80 },
    },
  ],
  [
    'undertone-pitch',
    'fundamental frequency (YIN), voicing and harmonic-to-noise ratio of speech at 16 kHz, every 10 ms',
    {
      sampleRateHz: 16000,
      frame: { lengthSamples: 512, hopSamples: 160, fftSize: 512, placement: 'centre' },
      features: [{ kind: 'pitch', frameSamples: 512 }],
    },
  ],
  ['librosa-chroma', 'librosa.feature.chroma_stft(y=y, sr=22050)', librosaFeature({ kind: 'chroma' })],
  ['librosa-chroma-cqt', 'librosa.feature.chroma_cqt(y=y, sr=22050)', librosaFeature({ kind: 'chroma-cqt' })],
  ['librosa-tonnetz', 'librosa.feature.tonnetz(y=y, sr=22050)', librosaFeature({ kind: 'tonnetz' })],
  [
    'librosa-contrast',
    'librosa.feature.spectral_contrast(y=y, sr=22050)',
    librosaFeature({ kind: 'spectral-contrast' }),
  ],
  ...REFERENCE_SETS,
  ...DESCRIPTOR_SETS,
];

export const FEATURE_SETS: ReadonlyMap<string, FeatureSet> = new Map(
  sets.map(([name, description, settings]) => [
    name,
    { name, description, frontEnd: frontEndSettings.parse(settings) },
  ]),
);

/** @throws UndertoneError usage for a name that is not registered */
export function featureSet(name: string): FeatureSet {
  const found = FEATURE_SETS.get(name);
  if (found) return found;
  throw new UndertoneError(
    'usage',
    'set',
    `Unknown feature set "${name}": the sets are ${[...FEATURE_SETS.keys()].join(', ')}`,
  );
}

/**
 * The audio front-end's settings: the one place where a name, unit, default, range and meaning stands.
 * Types, validation, help and the model card's `frontEnd` come from these schemas. The native add-on
 * receives the resolved object (every key present) and refuses a missing, unknown or mistyped key.
 *
 * Groups nest the way the signal flows: samples → frame → spectrum → mel → log → cepstrum → features (what makes up a row) →
 * cmvn → deltas → statistics or sequence.
 */
import { z } from 'zod';
import { expectation, UndertoneError } from './errors.js';
import { statisticSuffix, statisticsContradictions, statisticsSettings } from './statistics.js';
import {
  cmvnSettings,
  excerptSettings,
  gateSettings,
  sequenceSettings,
  utteranceContradictions,
} from './utterance.js';

/** Largest FFT: 2^16 points is 1.4 s at 48 kHz, far beyond any speech frame. */
const MAX_FFT_SIZE = 65_536;

export const samplesSettings = z.strictObject({
  fullScale: z
    .union([z.literal(1), z.literal(32768)])
    .default(1)
    .meta({ description: 'amplitude of a full-scale sample: 1 (librosa) or 32768 (Kaldi)' }),
  normalise: z.enum(['none', 'z-score', 'peak']).default('none').meta({
    description: 'per-utterance sample normalisation before framing, of what excerpt and gate leave',
  }),
  excerpt: excerptSettings
    .nullable()
    .default(null)
    .meta({ description: 'a stretch of the utterance to use' }),
  gate: gateSettings.nullable().default(null).meta({
    description: 'drops the quiet samples of the excerpt, so that what is left moves together',
  }),
});

export const frameSettings = z.strictObject({
  lengthSamples: z.int().min(2).max(MAX_FFT_SIZE).meta({ description: 'frame (window) length in samples' }),
  hopSamples: z.int().min(1).max(MAX_FFT_SIZE).meta({ description: 'hop length in samples' }),
  fftSize: z
    .int()
    .min(2)
    .max(MAX_FFT_SIZE)
    .meta({ description: 'FFT size, a product of 2s, 3s and 5s, at least frame.lengthSamples' }),
  placement: z.enum(['snip', 'centre', 'whisper-centre', 'kaldi-centre']).default('snip').meta({
    description:
      'snip: frame t starts at t·hop, only whole frames; centre: frame t is centred on t·hop (librosa); whisper-centre: the same without the last frame (⌊N/hop⌋ frames); kaldi-centre: centred on (t+½)·hop (Kaldi snip_edges=false)',
  }),
  padding: z.enum(['zero', 'reflect', 'symmetric']).default('zero').meta({
    description:
      'samples beyond the ends: zero, reflect (edge not repeated, librosa), symmetric (edge repeated, Kaldi)',
  }),
  window: z.enum(['hann', 'hamming', 'blackman', 'povey', 'rectangular']).default('hann'),
  windowSymmetry: z.enum(['periodic', 'symmetric']).default('periodic'),
  removeDc: z.boolean().default(false).meta({ description: "subtract each frame's mean (Kaldi)" }),
  preEmphasis: z.number().min(0).max(1).default(0).meta({ description: 'coefficient; 0 is off' }),
  preEmphasisScope: z.enum(['frame', 'signal']).default('frame').meta({
    description:
      'frame: x[0] −= c·x[0] inside each frame (Kaldi); signal: y[0] = x[0], y[n] = x[n] − c·x[n−1] along the recording',
  }),
});

export const spectrumSettings = z.strictObject({
  kind: z.enum(['power', 'magnitude']).default('power').meta({
    description: 'what mel bands, and rows of the spectrum itself, are made of; descriptors state their own',
  }),
  descriptorFftSize: z.int().min(2).max(MAX_FFT_SIZE).nullable().default(null).meta({
    description: 'FFT size of the spectral descriptors where it is not frame.fftSize',
  }),
});

export const melSettings = z.strictObject({
  bands: z.int().min(1).max(512).meta({ description: 'number of mel bands' }),
  fMinHz: z.number().min(0).default(0),
  fMaxHz: z.number().positive().meta({ description: 'upper edge, at most half the sample rate' }),
  scale: z.enum(['htk', 'slaney']).default('slaney'),
  slope: z.enum(['hz', 'mel', 'bin']).default('hz').meta({
    description:
      'triangles linear in Hz (librosa), in mel (Kaldi), or between whole bins, edges rounded down to ⌊(fftSize + 1)·f/rate⌋ (HTK-style Python tools)',
  }),
  norm: z
    .enum(['none', 'slaney'])
    .default('slaney')
    .meta({ description: 'slaney: each triangle has area 1' }),
});

export const logSettings = z.strictObject({
  kind: z.enum(['ln', 'log10', 'db']).meta({ description: 'db is 10·log10 of power, 20·log10 of magnitude' }),
  floor: z
    .number()
    .min(1e-37)
    .max(1e30)
    .default(1e-10)
    .meta({ description: 'smallest value before the logarithm; a normal float32' }),
  reference: z
    .union([z.number().positive(), z.literal('max')])
    .default(1)
    .meta({ description: "dB reference: a value, or 'max' of the utterance" }),
  topDb: z.number().positive().nullable().default(null).meta({
    description:
      'lift everything to at most this many dB below the maximum of the utterance; whatever the kind: 80 dB are 8 in log10 of power',
  }),
  add: z.number().min(-1e6).max(1e6).default(0).meta({
    description: 'the value is (log + add) · multiply; the frame log energy of cepstra stays as it is',
  }),
  multiply: z.number().min(1e-6).max(1e6).default(1),
});

export const cepstrumSettings = z.strictObject({
  coefficients: z.int().min(1).max(512).meta({ description: 'cepstra computed, c0 included' }),
  c0: z.enum(['cepstrum', 'omit', 'log-energy']).default('cepstrum').meta({
    description: 'cepstrum: keep c0; omit: drop it; log-energy: replace it by the frame log energy (Kaldi)',
  }),
  lifterLength: z.number().min(0).max(1e6).default(0).meta({ description: 'cepstral lifter L; 0 is off' }),
  lifterFirstIndex: z
    .union([z.literal(0), z.literal(1)])
    .default(0)
    .meta({ description: 'lifter 1 + L/2·sin(π(i+first)/L): 0 in Kaldi and HTK, 1 in librosa' }),
});

/** Whose definition a descriptor follows, where tools differ. */
const convention = z.enum(['librosa', 'pyaudioanalysis']).default('librosa');
const windowed = z
  .boolean()
  .default(false)
  .meta({ description: 'of the samples after the window instead of before it' });
const blocks = z.int().min(2).max(256).default(10).meta({ description: 'equal blocks of the frame' });

/**
 * The features that a row may be made of. The first four are stages of the chain; the others are descriptors of the frame.
 * Spectral descriptors are of the magnitude spectrum unless they say otherwise; under `pyaudioanalysis` of the bins below the
 * Nyquist frequency. Formulas stand with the kernels in packages/dsp-native/src/feature.
 */
export const featureSettings = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('spectrum') }),
  z.strictObject({ kind: z.literal('mel') }),
  z.strictObject({ kind: z.literal('log') }),
  z.strictObject({ kind: z.literal('cepstrum') }),
  z.strictObject({ kind: z.literal('zero-crossing-rate'), convention }),
  z.strictObject({ kind: z.literal('energy'), windowed }),
  z.strictObject({ kind: z.literal('rms'), windowed }),
  z.strictObject({ kind: z.literal('energy-entropy'), blocks, windowed }),
  z.strictObject({ kind: z.literal('spectral-centroid'), convention }),
  z.strictObject({ kind: z.literal('spectral-bandwidth'), convention }),
  z.strictObject({ kind: z.literal('spectral-skewness') }),
  z.strictObject({ kind: z.literal('spectral-kurtosis') }),
  z.strictObject({ kind: z.literal('spectral-entropy'), blocks }),
  z.strictObject({ kind: z.literal('spectral-flux') }),
  z.strictObject({ kind: z.literal('spectral-flatness') }),
  z.strictObject({
    kind: z.literal('spectral-roll-off'),
    share: z
      .number()
      .min(0.01)
      .max(0.99)
      .default(0.85)
      .meta({ description: 'share of the spectrum that lies below the roll-off' }),
    convention,
  }),
  z.strictObject({ kind: z.literal('spectral-slope') }),
  z.strictObject({
    kind: z.literal('spectral-contrast'),
    fMinHz: z.number().positive().default(200).meta({ description: 'upper edge of the lowest band' }),
    bands: z.int().min(1).max(16).default(6).meta({ description: 'octave bands above fMinHz' }),
    quantile: z.number().min(0.001).max(0.5).default(0.02).meta({
      description: 'share of the bins of a band that makes up its peak, and its valley',
    }),
  }),
  z.strictObject({
    kind: z.literal('chroma'),
    spectrum: z.enum(['power', 'magnitude']).default('power'),
  }),
  z.strictObject({ kind: z.literal('chroma-cqt') }),
  z.strictObject({ kind: z.literal('tonnetz') }),
  z.strictObject({
    kind: z.literal('pitch'),
    fMinHz: z.number().min(10).default(65).meta({ description: 'lowest fundamental frequency' }),
    fMaxHz: z.number().positive().default(500).meta({ description: 'highest fundamental frequency' }),
    frameSamples: z.int().min(16).max(MAX_FFT_SIZE).meta({
      description:
        'samples around the middle of the frame that are looked at; around two periods of fMinHz for speech',
    }),
    troughThreshold: z.number().min(0.01).max(1).default(0.1).meta({
      description: 'aperiodicity below which the first trough is taken as the period (YIN)',
    }),
    voicedThreshold: z
      .number()
      .min(0.01)
      .max(1)
      .default(0.45)
      .meta({ description: 'aperiodicity of the period below which a frame counts as voiced' }),
  }),
]);
export type FeatureSettings = z.output<typeof featureSettings>;

export const deltaSettings = z.strictObject({
  order: z.union([z.literal(1), z.literal(2)]).meta({ description: '1: Δ; 2: Δ and ΔΔ' }),
  width: z.int().min(3).max(101).default(9).meta({
    description: 'odd number of frames of the regression; without meaning under convention difference',
  }),
  convention: z.enum(['librosa', 'kaldi', 'difference']).default('librosa').meta({
    description:
      'librosa: Savitzky–Golay with polynomial edges; kaldi: regression applied once or twice, edge frames repeated; difference: x[t] − x[t−1], the first frame (under order 2 the first two of ΔΔ) 0 and left out of statistics',
  }),
});

export const frontEndSettings = z
  .strictObject({
    sampleRateHz: z.int().min(1000).max(768_000),
    samples: samplesSettings.prefault({}),
    frame: frameSettings,
    spectrum: spectrumSettings.prefault({}),
    mel: melSettings.nullable().default(null),
    log: logSettings.nullable().default(null),
    cepstrum: cepstrumSettings.nullable().default(null),
    features: z.array(featureSettings).default([]).meta({
      description: 'what makes up a row, in this order; empty: the last stage of the chain that is set',
    }),
    cmvn: cmvnSettings.nullable().default(null).meta({
      description: 'cepstral mean and variance normalisation of the features, before deltas',
    }),
    deltas: deltaSettings.nullable().default(null),
    statistics: statisticsSettings,
    sequence: sequenceSettings.nullable().default(null).meta({
      description: 'one row an utterance: feature after feature, each frame after frame',
    }),
  })
  .superRefine((frontEnd, context) => {
    for (const [path, what, value] of contradictions(frontEnd)) {
      context.addIssue({ code: 'custom', path: path.split('.'), message: expectation(what, path, value) });
    }
  });

export type FrontEndInput = z.input<typeof frontEndSettings>;
export type FrontEnd = z.output<typeof frontEndSettings>;

/** What decides which columns a row has. */
type RowSettings = Pick<FrontEnd, 'frame' | 'mel' | 'log' | 'cepstrum'> & {
  readonly features: readonly FeatureSettings[];
};

type Contradiction = [path: string, what: string, value: unknown];

/** Settings that are each in range but make no sense together. */
function contradictions(frontEnd: {
  sampleRateHz: number;
  samples: z.output<typeof samplesSettings>;
  frame: z.output<typeof frameSettings>;
  mel: z.output<typeof melSettings> | null;
  log: z.output<typeof logSettings> | null;
  cepstrum: z.output<typeof cepstrumSettings> | null;
  features: readonly FeatureSettings[];
  spectrum: z.output<typeof spectrumSettings>;
  cmvn: z.output<typeof cmvnSettings> | null;
  deltas: z.output<typeof deltaSettings> | null;
  statistics: readonly string[];
  sequence: z.output<typeof sequenceSettings> | null;
}): Contradiction[] {
  const { frame, mel, log, cepstrum, deltas } = frontEnd;
  const found: Contradiction[] = [];
  if (!isSmooth(frame.fftSize)) {
    found.push(['frame.fftSize', 'a product of 2s, 3s and 5s', frame.fftSize]);
  }
  if (frame.lengthSamples > frame.fftSize) {
    found.push(['frame.lengthSamples', `at most frame.fftSize (${frame.fftSize})`, frame.lengthSamples]);
  }
  if (mel) {
    const nyquist = frontEnd.sampleRateHz / 2;
    if (mel.fMaxHz > nyquist) {
      found.push(['mel.fMaxHz', `at most half of sampleRateHz (${nyquist})`, mel.fMaxHz]);
    }
    if (mel.fMinHz >= mel.fMaxHz) {
      found.push(['mel.fMinHz', `less than mel.fMaxHz (${mel.fMaxHz})`, mel.fMinHz]);
    }
  }
  if (log && log.kind !== 'db' && log.reference !== 1) {
    found.push(['log.reference', `1 unless log.kind is "db"`, log.reference]);
  }
  if (cepstrum) {
    if (!mel) found.push(['mel', 'mel settings, which cepstrum needs,', mel]);
    if (!log) found.push(['log', 'log settings, which cepstrum needs,', log]);
    if (mel && cepstrum.coefficients > mel.bands) {
      found.push(['cepstrum.coefficients', `at most mel.bands (${mel.bands})`, cepstrum.coefficients]);
    }
    if (cepstrum.c0 === 'omit' && cepstrum.coefficients < 2) {
      found.push(['cepstrum.coefficients', 'at least 2 when c0 is omitted', cepstrum.coefficients]);
    }
  }
  found.push(...featureContradictions(frontEnd));
  if (deltas && deltas.width % 2 === 0) {
    found.push(['deltas.width', 'an odd number', deltas.width]);
  }
  found.push(...statisticsContradictions(frontEnd.statistics), ...utteranceContradictions(frontEnd));
  return found;
}

function featureContradictions(
  frontEnd: RowSettings & Pick<FrontEnd, 'sampleRateHz' | 'spectrum'>,
): Contradiction[] {
  const { frame, mel, log, cepstrum, features } = frontEnd;
  const { descriptorFftSize } = frontEnd.spectrum;
  const found: Contradiction[] = [];
  if (descriptorFftSize !== null && !isSmooth(descriptorFftSize)) {
    found.push(['spectrum.descriptorFftSize', 'a product of 2s, 3s and 5s', descriptorFftSize]);
  }
  if (descriptorFftSize !== null && descriptorFftSize < frame.lengthSamples) {
    found.push([
      'spectrum.descriptorFftSize',
      `at least frame.lengthSamples (${frame.lengthSamples})`,
      descriptorFftSize,
    ]);
  }
  const names = new Set<string>();
  features.forEach((feature, i) => {
    const path = `features.${i}`;
    const needs = (group: string, settings: unknown): void => {
      if (!settings)
        found.push([group, `${group} settings, which ${path} (${feature.kind}) needs,`, settings]);
    };
    if (feature.kind === 'mel') needs('mel', mel);
    if (feature.kind === 'log') needs('log', log);
    if (feature.kind === 'cepstrum') needs('cepstrum', cepstrum);
    if (feature.kind === 'energy-entropy' && feature.blocks > frame.lengthSamples) {
      found.push([`${path}.blocks`, `at most frame.lengthSamples (${frame.lengthSamples})`, feature.blocks]);
    }
    const bins = Math.floor((descriptorFftSize ?? frame.fftSize) / 2);
    if (feature.kind === 'spectral-entropy' && feature.blocks > bins) {
      found.push([`${path}.blocks`, `at most the bins of the spectrum (${bins})`, feature.blocks]);
    }
    const nyquist = frontEnd.sampleRateHz / 2;
    if (feature.kind === 'spectral-contrast') {
      const highest = feature.fMinHz * 2 ** (feature.bands - 1);
      if (highest >= nyquist) {
        found.push([
          `${path}.bands`,
          `a highest band that begins below half of sampleRateHz (${nyquist} Hz, not at ${highest} Hz)`,
          feature.bands,
        ]);
      }
    }
    if (feature.kind === 'pitch') {
      if (feature.fMaxHz > nyquist / 2) {
        found.push([`${path}.fMaxHz`, `at most a quarter of sampleRateHz (${nyquist / 2})`, feature.fMaxHz]);
      }
      if (feature.fMinHz >= feature.fMaxHz) {
        found.push([`${path}.fMinHz`, `less than fMaxHz (${feature.fMaxHz})`, feature.fMinHz]);
      }
      const shortest = 2 * Math.ceil(frontEnd.sampleRateHz / feature.fMinHz);
      if (feature.frameSamples < shortest) {
        found.push([
          `${path}.frameSamples`,
          `at least two periods of fMinHz (${shortest} samples)`,
          feature.frameSamples,
        ]);
      }
    }
    const [name] = featureColumnNames(feature, frontEnd);
    if (name !== undefined && names.has(name)) found.push([path, 'each feature once', feature]);
    if (name !== undefined) names.add(name);
  });
  return found;
}

/** True when `n` has no prime factor above 5. */
export function isSmooth(n: number): boolean {
  let rest = n;
  for (const prime of [2, 3, 5]) {
    while (rest > 1 && rest % prime === 0) rest /= prime;
  }
  return rest === 1;
}

/** True when a frame's values depend on the whole utterance, so that frames cannot be computed along a stream. */
export function needsWholeUtterance(frontEnd: FrontEnd): boolean {
  return (
    frontEnd.samples.normalise !== 'none' ||
    frontEnd.samples.excerpt !== null ||
    frontEnd.samples.gate !== null ||
    frontEnd.log?.reference === 'max' ||
    (frontEnd.log !== null && frontEnd.log.topDb !== null) ||
    frontEnd.cmvn !== null ||
    frontEnd.deltas !== null ||
    oneRowPerUtterance(frontEnd) ||
    frontEnd.features.some(({ kind }) => WHOLE_UTTERANCE_FEATURES.has(kind))
  );
}

/** Tuning, decibels below a maximum, and what is computed along the recording outside the frames. */
const WHOLE_UTTERANCE_FEATURES: ReadonlySet<FeatureSettings['kind']> = new Set([
  'spectral-contrast',
  'chroma',
  'chroma-cqt',
  'tonnetz',
  'pitch',
]);

/** The features that a row is made of: those listed, or the last stage of the chain. */
export function rowFeatures(frontEnd: RowSettings): readonly FeatureSettings[] {
  if (frontEnd.features.length > 0) return frontEnd.features;
  if (frontEnd.cepstrum) return [{ kind: 'cepstrum' }];
  if (frontEnd.log) return [{ kind: 'log' }];
  return [{ kind: frontEnd.mel ? 'mel' : 'spectrum' }];
}

const numbered = (stem: string, from: number, to: number): string[] =>
  Array.from({ length: to - from }, (_, i) => `${stem}_${from + i}`);

/** Names of one feature's columns. */
function featureColumnNames(
  feature: FeatureSettings,
  { frame, mel, cepstrum, features }: RowSettings,
): string[] {
  const bins = Math.floor(frame.fftSize / 2) + 1;
  switch (feature.kind) {
    case 'spectrum':
      return numbered('bin', 0, bins);
    case 'mel':
      return numbered('mel', 0, mel?.bands ?? 0);
    case 'log': {
      // Beside the linear values the logarithm says so.
      const linear = features.some(({ kind }) => kind === (mel ? 'mel' : 'spectrum')) ? 'log_' : '';
      return mel ? numbered(`${linear}mel`, 0, mel.bands) : numbered(`${linear}bin`, 0, bins);
    }
    case 'cepstrum': {
      if (!cepstrum) return [];
      const rest = numbered('mfcc', cepstrum.c0 === 'cepstrum' ? 0 : 1, cepstrum.coefficients);
      return cepstrum.c0 === 'log-energy' ? ['log_energy', ...rest] : rest;
    }
    case 'spectral-roll-off':
      return [`spectral_roll_off_${Math.round(feature.share * 100)}`];
    case 'spectral-contrast':
      return numbered('spectral_contrast', 0, feature.bands + 1);
    case 'chroma':
      return numbered('chroma', 0, 12);
    case 'chroma-cqt':
      return numbered('chroma_cqt', 0, 12);
    case 'tonnetz':
      return numbered('tonnetz', 0, 6);
    case 'pitch':
      return ['f0_hz', 'voicing', 'voiced', 'hnr_db'];
    default:
      return [feature.kind.replaceAll('-', '_')];
  }
}

/** True when a recording becomes one row instead of one a frame. */
export function oneRowPerUtterance(frontEnd: FrontEnd): boolean {
  return frontEnd.statistics.length > 0 || frontEnd.sequence !== null;
}

/**
 * Names of the columns, in output order: base features, then Δ, then ΔΔ. With statistics each of the three is a block of
 * its own, in it statistic after statistic: a set with deltas begins with the columns of the set without. A sequence goes
 * feature after feature, each frame after frame.
 */
export function columnNames(frontEnd: FrontEnd): string[] {
  const { deltas, statistics, sequence } = frontEnd;
  const features = rowFeatures(frontEnd).map((feature) => featureColumnNames(feature, frontEnd));
  const blocks = ['', ...['delta_', 'delta2_'].slice(0, deltas?.order ?? 0)].map((prefix) =>
    features.map((names) => names.map((name) => prefix + name)),
  );
  if (sequence) {
    return blocks.flat().flatMap((names) => suffixed(names, frameSuffixes(sequence.frames)));
  }
  if (statistics.length === 0) return blocks.flat(2);
  return blocks.flatMap((block) => suffixed(block.flat(), statistics.map(statisticSuffix)));
}

const frameSuffixes = (frames: number): string[] => Array.from({ length: frames }, (_, t) => `t${t}`);

/** All names with the first suffix, then all with the second, … */
const suffixed = (names: readonly string[], suffixes: readonly string[]): string[] =>
  suffixes.flatMap((suffix) => names.map((name) => `${name}_${suffix}`));

/**
 * Validates `value` against `schema`, or throws one sentence that names the dotted path, the bad value and what is allowed.
 * @param root prefix of the dotted path, e.g. `card.frontEnd`
 * @throws UndertoneError with `code`
 */
export function parseSettings<S extends z.ZodType>(
  schema: S,
  value: unknown,
  root: string,
  code: 'usage' | 'invalid_card' = 'usage',
): z.output<S> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  if (!issue) throw new UndertoneError(code, root, `Invalid ${root}`);
  const path = [root, ...issue.path].join('.');
  throw new UndertoneError(code, path, sentence(issue, path, valueAt(value, issue.path)));
}

function sentence(issue: z.core.$ZodIssue, path: string, received: unknown): string {
  switch (issue.code) {
    case 'custom':
      return issue.message.startsWith('Expected ')
        ? issue.message.replace(/ for ([\w.]+) but /, () => ` for ${path} but `)
        : `${issue.message} (${path})`;
    case 'invalid_type':
      return expectation(withArticle(issue.expected), path, received);
    case 'too_small':
      return expectation(
        bound('at least', 'more than', issue.inclusive, issue.minimum, issue.origin),
        path,
        received,
      );
    case 'too_big':
      return expectation(
        bound('at most', 'less than', issue.inclusive, issue.maximum, issue.origin),
        path,
        received,
      );
    case 'invalid_value':
      return expectation(oneOf(issue.values), path, received);
    case 'invalid_union': {
      // A kind that is none: zod lists those there are.
      if ('options' in issue && Array.isArray(issue.options)) {
        return expectation(oneOf(issue.options), path, received);
      }
      const values = issue.errors.flatMap((branch) =>
        branch.flatMap((inner) =>
          inner.code === 'invalid_value'
            ? inner.values.map((v) => JSON.stringify(v))
            : inner.code === 'invalid_type'
              ? [withArticle(inner.expected)]
              : [inner.message],
        ),
      );
      return expectation(values.length ? values.join(' or ') : 'another value', path, received);
    }
    case 'unrecognized_keys':
      return `Expected no setting named ${issue.keys.map((k) => `"${k}"`).join(', ')} in ${path}`;
    case 'invalid_format':
      // A schema that gives its own words says what is allowed better than the pattern does.
      return expectation(
        issue.message.startsWith('Invalid')
          ? `text of the form ${issue.pattern ?? issue.format}`
          : issue.message,
        path,
        received,
      );
    default:
      return expectation(issue.message, path, received);
  }
}

function withArticle(type: string): string {
  // zod's word for a key that may hold anything but has to be there.
  if (type === 'nonoptional') return 'a value';
  return /^(int|array|object)/.test(type) ? `an ${type === 'int' ? 'integer' : type}` : `a ${type}`;
}

const oneOf = (values: readonly unknown[]): string =>
  values.length === 1
    ? JSON.stringify(values[0])
    : `one of ${values.map((v) => JSON.stringify(v)).join(', ')}`;

function bound(
  inclusiveWord: string,
  exclusiveWord: string,
  inclusive: boolean | undefined,
  limit: number | bigint,
  origin: string,
): string {
  const unit = origin === 'array' ? ' entries' : origin === 'string' ? ' characters' : '';
  return `${inclusive === false ? exclusiveWord : inclusiveWord} ${limit}${unit}`;
}

function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  let at: unknown = value;
  for (const key of path) {
    if (at === null || typeof at !== 'object') return undefined;
    at = (at as Record<PropertyKey, unknown>)[key];
  }
  return at;
}

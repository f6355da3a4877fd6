/**
 * The settings of every command: the only place where a flag's name, unit, default, range and meaning stands.
 * The flag is the key in kebab-case; parsing, validation, messages and --help are made from here (command/flags.ts).
 */
import { availableParallelism } from 'node:os';
import { expectation } from '@undertone/shared';
import { z } from 'zod';

export const DEFAULT_MODEL = 'undertone-s';
/** Each worker holds them all. */
const MOST_MODELS = 16;
export const FORMATS = ['csv', 'parquet', 'jsonl'] as const;
/** What becomes a row of the segments table. */
export const SEGMENTINGS = ['window', 'speech', 'file'] as const;
export const FEATURE_FORMATS = ['npy', 'csv', 'parquet'] as const;

const out = z
  .string()
  .min(1)
  .meta({ value: '<dir>', description: 'folder for the results; a run found there is continued' });
const workers = z
  .int()
  .min(1)
  .max(512)
  .default(availableParallelism())
  .meta({ value: '<n>', description: 'worker threads', defaultText: 'the cores of this machine' });
const channels = z
  .union([z.enum(['mix', 'split']), z.int().min(0).max(254)])
  .default('mix')
  .meta({
    value: '<mix|split|n>',
    description: 'mix all channels, label each by itself, or take channel n (from 0)',
  });
const verbose = z
  .boolean()
  .default(false)
  .meta({ short: '-v', description: 'show what each worker is at, and for how long' });
const json = z.boolean().default(false).meta({
  description:
    'print events on standard output, one JSON object a line (docs/events.md), instead of the progress line',
});
const memoryLimit = z.int().min(1).max(1e9).optional().meta({
  value: '<MB>',
  description: 'start the workers afresh, between shards, when they hold more memory than this together',
  defaultText: '400 and 150 a worker',
});
const quiet = z.boolean().default(false).meta({ description: 'print nothing but errors' });
const excelBom = z
  .boolean()
  .default(false)
  .meta({ description: 'start CSV files with a byte-order mark, for Excel' });
/** Part `index` of `count`, from 1. */
export interface Part {
  readonly index: number;
  readonly count: number;
}

/** @returns null for a text that names no part */
export function partOfText(text: string): Part | null {
  const [, index = '', count = ''] = /^(\d{1,9})\/(\d{1,9})$/.exec(text) ?? [];
  const part = { index: Number(index), count: Number(count) };
  return part.index >= 1 && part.index <= part.count ? part : null;
}

const shard = z
  .string()
  .refine((text) => partOfText(text) !== null, {
    error: ({ input }) => expectation('a part of the plan, 1/<n> to <n>/<n>,', 'shard', input),
  })
  .optional()
  .meta({
    value: '<i/n>',
    description:
      'do part i of n, from 1, and write no tables: `undertone merge` does when all parts are done',
    defaultText: 'all, and the tables',
  });
const recordTimeout = z.number().min(1).max(604_800).default(300).meta({
  value: '<seconds>',
  description:
    'give a recording up (error_code timeout) after so long without progress, plus a tenth of the audio read so far',
});
const maxErrorShare = z.number().min(0).max(1).default(0.05).meta({
  value: '<share>',
  description: 'exit 65 when more than this share of the rows in files.csv is an error',
});

const streams = z.int().min(1).max(64).optional().meta({
  value: '<n>',
  description: 'workers a GPU, each with a CUDA stream of its own; takes the place of --workers',
  defaultText: '--workers, shared out over the GPUs',
});

const gpuMemory = z.int().min(2).max(1_000_000).optional().meta({
  value: '<MiB>',
  description: 'most memory of a GPU that the features of each worker take',
  defaultText: '256',
});

export const runSettings = z.strictObject({
  out,
  model: z.array(z.string().min(1)).min(1).max(MOST_MODELS).default([DEFAULT_MODEL]).meta({
    repeatable: true,
    value: '<name|dir>',
    description:
      'a model of `undertone models`, or a folder with model.onnx and card.json; given several times, labels come from the mean of the probabilities',
  }),
  window: z
    .number()
    .positive()
    .max(600)
    .optional()
    .meta({ value: '<seconds>', description: 'window length', defaultText: "the model card's" }),
  hop: z.number().positive().max(600).optional().meta({
    value: '<seconds>',
    description: 'distance between window starts',
    defaultText: "the model card's",
  }),
  channels,
  device: z
    .string()
    .regex(/^(auto|cpu|cuda(:\d+(,\d+)*)?)$/, { error: 'auto, cpu, cuda or cuda:<index>[,<index>…]' })
    .default('auto')
    .meta({
      value: '<auto|cpu|cuda>',
      description:
        'where to compute; only auto chooses by itself. cuda takes every GPU, cuda:0,2 those two; workers share them out',
    }),
  workers,
  shard,
  streams,
  gpuMemory,
  formats: z
    .array(z.enum(FORMATS))
    .min(1)
    .default(['csv'])
    .meta({ value: '<list>', description: `tables to write, comma-separated: ${FORMATS.join(', ')}` }),
  roles: z
    .array(z.string().regex(/^\d{1,3}=[^=;,]{1,64}$/, { error: 'roles of the form <channel>=<role>' }))
    .default([])
    .meta({
      value: '<list>',
      description: 'who speaks on which channel, comma-separated, e.g. 0=agent,1=customer',
      defaultText: 'none',
    }),
  rolePattern: z.string().min(1).optional().meta({
    value: '<regex>',
    description:
      'takes the role from the file name, by a group (?<role>…); a group (?<direction>…) that begins with "out" swaps the roles of channels 0 and 1',
  }),
  segments: z
    .enum(SEGMENTINGS)
    .default('window')
    .meta({
      value: `<${SEGMENTINGS.join('|')}>`,
      description:
        'what one row is of: windows of equal length, stretches of speech (at most a window long), or the whole file',
    }),
  minSpeech: z.number().min(0).max(1).default(0.05).meta({
    value: '<share>',
    description:
      'windows with less speech than this share of them are no_speech and skip the model; 0 skips none',
  }),
  silenceDbfs: z.number().min(-200).max(0).default(-80).meta({
    value: '<dB>',
    description: 'windows below this level (RMS, dB re full scale) are no_speech and skip the model',
  }),
  abstainBelow: z.number().min(0).max(1).optional().meta({
    value: '<0–1>',
    description: 'windows and recordings whose label is less confident than this are labelled abstain',
    defaultText: "the model card's",
  }),
  piece: z
    .union([z.literal(0), z.number().min(10).max(86_400)])
    .default(1800)
    .meta({
      value: '<seconds>',
      description:
        'cut WAV and FLAC files more than twice as long into pieces of this length, for several workers; 0 cuts none',
    }),
  recordTimeout,
  memoryLimit,
  maxErrorShare,
  excelBom,
  quiet,
  verbose,
  json,
});
export type RunSettings = z.output<typeof runSettings>;

const featureDevice = z
  .string()
  .regex(/^(cpu|cuda(:\d+(,\d+)*)?)$/, { error: 'cpu, cuda or cuda:<index>[,<index>…]' })
  .default('cpu')
  .meta({
    value: '<cpu|cuda>',
    description: 'where to compute frames; cuda takes every GPU, cuda:0,2 those two',
  });

export const featuresSettings = z.strictObject({
  out,
  set: z
    .string()
    .min(1)
    .meta({ value: '<name>', description: 'feature set (see `undertone features --list`)' }),
  channels,
  device: featureDevice,
  workers,
  streams,
  gpuMemory,
  shard,
  formats: z
    .array(z.enum(FEATURE_FORMATS))
    .min(1)
    .default(['npy'])
    .meta({ value: '<list>', description: `comma-separated: ${FEATURE_FORMATS.join(', ')}` }),
  recordTimeout,
  memoryLimit,
  maxErrorShare,
  excelBom,
  quiet,
  verbose,
  json,
});
export type FeaturesSettings = z.output<typeof featuresSettings>;

/** `auto`, and the corpora of label/registry.ts. */
export const CORPUS_CHOICES = ['auto', 'ravdess', 'crema-d', 'tess', 'savee', 'emodb'] as const;

export const labelSettings = z.strictObject({
  out: z
    .string()
    .regex(/\.csv$/i, { error: 'a name that ends in .csv' })
    .meta({
      value: '<file.csv>',
      description: 'labels to write; what is refused is listed beside it, in <file>.refused.csv',
    }),
  corpus: z
    .enum(CORPUS_CHOICES)
    .default('auto')
    .meta({
      value: '<name>',
      description: `whose names they are: ${CORPUS_CHOICES.join(', ')}; with one named, names of others are refused`,
    }),
  duplicates: z.boolean().default(false).meta({
    description:
      'decode every recording and name in duplicate_of the first that holds the same samples; refuses what cannot be decoded',
  }),
  workers: workers.meta({ value: '<n>', description: 'worker threads that look for duplicates' }),
  maxErrorShare: maxErrorShare.meta({
    value: '<share>',
    description: 'exit 65 when more than this share of the recordings is refused',
  }),
  quiet,
});
export type LabelSettings = z.output<typeof labelSettings>;

export const exploreSettings = z.strictObject({
  out: z.string().min(1).meta({
    value: '<dir>',
    description: 'folder for tables and page; what an earlier exploration left there is replaced',
  }),
  workers,
  maxErrorShare: maxErrorShare.meta({
    value: '<share>',
    description: 'exit 65 when more than this share of the recordings cannot be decoded',
  }),
  quiet,
});
export type ExploreSettings = z.output<typeof exploreSettings>;

export const EXPORT_FORMATS = ['rttm', 'textgrid', 'audacity', 'elan', 'audformat'] as const;

export const exportSettings = z.strictObject({
  to: z
    .enum(EXPORT_FORMATS)
    .meta({ value: '<format>', description: `format to write: ${EXPORT_FORMATS.join(', ')}` }),
  out: z.string().min(1).meta({
    value: '<path>',
    description: 'file (rttm) or folder to make; it must not exist yet',
  }),
  label: z.enum(['label', 'top_label']).default('label').meta({
    value: '<column>',
    description:
      'label, with abstain and no_speech, or top_label, the most probable class of each window with speech',
  }),
  minConfidence: z.number().min(0).max(1).default(0).meta({
    value: '<0–1>',
    description: 'leave out windows of less confidence; those of no_speech have none and stay',
  }),
  merge: z
    .boolean()
    .default(false)
    .meta({ description: 'join neighbours of the same label; their confidence is the mean by time' }),
  quiet,
});
export type ExportSettings = z.output<typeof exportSettings>;

export const summarySettings = z.strictObject({
  json: z.boolean().default(false).meta({ description: 'print JSON' }),
  top: z
    .int()
    .min(1)
    .max(10_000)
    .default(10)
    .meta({ value: '<n>', description: 'folders, slow files and failed files to name' }),
});

export const evalSettings = z.strictObject({
  out: z.string().min(1).meta({
    value: '<dir>',
    description: 'folder for the evaluation; one found there is continued, and its figures are made anew',
  }),
  labels: z.array(z.string().min(1)).min(1).meta({
    value: '<list>',
    repeatable: true,
    description:
      'recordings and their truths: what `undertone label` writes, or another CSV or JSON lines with a file and an emotion each; may be given several times',
  }),
  model: z.array(z.string().min(1)).min(1).optional().meta({
    repeatable: true,
    value: '<name|dir>',
    description:
      'the model to judge: one of `undertone models`, or a folder with model.onnx and card.json; given several times, their mean is judged',
  }),
  folds: z.string().min(1).optional().meta({
    value: '<json>',
    description:
      'in place of --model: which model judges which speakers, corpora or files (docs/evaluation.md)',
  }),
  merge: z
    .array(
      z.string().regex(/^[a-z][a-z0-9_]*=[a-z][a-z0-9_]*$/, { error: 'classes of the form calm=neutral' }),
    )
    .default([])
    .meta({
      value: '<list>',
      description:
        'classes that count as another, comma-separated, e.g. calm=neutral: probabilities are added, truths follow',
      defaultText: 'none',
    }),
  draws: z
    .int()
    .min(100)
    .max(100_000)
    .default(2000)
    .meta({ value: '<n>', description: 'bootstrap draws for the 95 % intervals' }),
  seed: z
    .int()
    .min(0)
    .max(2 ** 31 - 1)
    .default(1)
    .meta({ value: '<n>', description: 'seed of the draws' }),
  workers,
  maxErrorShare,
  quiet,
});
export type EvalSettings = z.output<typeof evalSettings>;

/** Sets of one row a frame that people compare tools by. */
export const BENCH_SETS = [
  'undertone-logmel-64',
  'librosa-logmel-128',
  'librosa-mfcc-40',
  'kaldi-fbank-80',
  'kaldi-mfcc-13',
];
export const BENCH_RATES = ['48000', '44100', '24414', '22050', '8000'];
export const INSTRUCTION_SETS = ['avx512', 'avx2', 'sse4', 'neon', 'scalar'] as const;

const benchOutput = z.strictObject({
  repeats: z
    .int()
    .min(1)
    .max(1000)
    .default(7)
    .meta({ value: '<n>', description: 'timed rounds, after one to warm up' }),
  json: z.string().min(1).optional().meta({ value: '<file>', description: 'write the result as JSON' }),
  compare: z
    .string()
    .min(1)
    .optional()
    .meta({ value: '<file>', description: 'say what became faster or slower since that --json file' }),
  report: z
    .string()
    .regex(/\.(html|svg)$/, { error: 'a name that ends in .html or .svg' })
    .optional()
    .meta({ value: '<file>', description: 'write a page (.html) or the chart alone (.svg)' }),
  quiet: z.boolean().default(false).meta({ description: 'print no progress' }),
});
export type BenchOutput = z.output<typeof benchOutput>;

const benchSettings = z.strictObject({
  isa: z
    .array(z.enum(['all', ...INSTRUCTION_SETS]))
    .min(1)
    .optional()
    .meta({
      value: '<list>',
      description: `instruction sets, comma-separated: all of this machine, or ${INSTRUCTION_SETS.join(', ')}`,
      defaultText: 'the one in use',
    }),
  threads: z
    .array(z.int().min(1).max(512))
    .min(1)
    .default([1])
    .meta({ value: '<list>', description: 'numbers of threads that work at once, comma-separated' }),
  seconds: z.number().min(0.1).max(3600).default(60).meta({
    value: '<seconds>',
    description: 'audio of one pass; a repeat makes as many passes as fill 50 ms',
  }),
  ...benchOutput.shape,
});
export type BenchSettings = z.output<typeof benchSettings>;

const input = z.string().min(1).optional().meta({
  value: '<recording>',
  description: 'take the audio from a recording, repeated where it is too short',
  defaultText: 'made-up speech',
});

export const benchFeaturesSettings = z.strictObject({
  set: z.array(z.string().min(1)).min(1).default(BENCH_SETS).meta({
    value: '<list>',
    description: 'feature sets, comma-separated, or all (see `undertone features --list`)',
  }),
  device: featureDevice,
  input,
  ...benchSettings.shape,
});
export type BenchFeaturesSettings = z.output<typeof benchFeaturesSettings>;

export const benchResampleSettings = z.strictObject({
  rates: z
    .array(z.string().regex(/^\d+(:\d+)?$/, { error: 'rates of the form <from> or <from>:<to>' }))
    .min(1)
    .default(BENCH_RATES)
    .meta({
      value: '<list>',
      description: 'rates in Hz, comma-separated: <from>:<to>, or <from> for <from>:16000',
    }),
  input,
  ...benchSettings.shape,
});

export const benchDecodeSettings = benchSettings;

export const mergeSettings = z.strictObject({
  out: z
    .string()
    .min(1)
    .optional()
    .meta({ value: '<dir>', description: 'folder for the whole run', defaultText: 'the one folder named' }),
  quiet,
});

export const verifySettings = z.strictObject({
  json: z.boolean().default(false).meta({ description: 'print JSON' }),
});

/** What a whole run is measured with, as `undertone run` takes it. */
const passedToRun = runSettings.pick({
  model: true,
  window: true,
  hop: true,
  channels: true,
  device: true,
  formats: true,
  segments: true,
  minSpeech: true,
  silenceDbfs: true,
});
export const PASSED_TO_RUN = Object.keys(passedToRun.shape) as (keyof z.output<typeof passedToRun>)[];

export const benchRunSettings = z.strictObject({
  workers: z.array(z.int().min(1).max(512)).min(1).default([availableParallelism()]).meta({
    value: '<list>',
    description: 'numbers of workers, comma-separated; they take turns',
    defaultText: 'the cores of this machine',
  }),
  files: z
    .int()
    .min(1)
    .max(100_000)
    .default(64)
    .meta({ value: '<n>', description: 'recordings to make up where none are named' }),
  seconds: z
    .number()
    .min(0.1)
    .max(36_000)
    .default(60)
    .meta({ value: '<seconds>', description: 'length of each' }),
  ...passedToRun.shape,
  ...benchOutput.shape,
});
export type BenchRunSettings = z.output<typeof benchRunSettings>;

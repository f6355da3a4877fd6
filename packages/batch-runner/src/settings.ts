/**
 * The settings of every command: the only place where a flag's name, unit, default, range and meaning stands.
 * The flag is the key in kebab-case; parsing, validation, messages and --help are made from here (command/flags.ts).
 */
import { availableParallelism } from 'node:os';
import { z } from 'zod';

export const DEFAULT_MODEL = 'undertone-s';
export const FORMATS = ['csv', 'parquet', 'jsonl'] as const;
export type Format = (typeof FORMATS)[number];
export const FEATURE_FORMATS = ['npy', 'csv', 'parquet'] as const;
export type FeatureFormat = (typeof FEATURE_FORMATS)[number];

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
const quiet = z.boolean().default(false).meta({ description: 'print nothing but errors' });
const maxErrorShare = z.number().min(0).max(1).default(0.05).meta({
  value: '<share>',
  description: 'exit 65 when more than this share of the rows in files.csv is an error',
});

export const runSettings = z.strictObject({
  out,
  model: z.string().min(1).default(DEFAULT_MODEL).meta({
    value: '<name|dir>',
    description: 'a model of `undertone models`, or a folder with model.onnx and card.json',
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
    .regex(/^(auto|cpu|cuda(:\d+)?)$/, { error: 'auto, cpu, cuda or cuda:<index>' })
    .default('auto')
    .meta({ value: '<auto|cpu|cuda>', description: 'where to compute; only auto chooses by itself' }),
  workers,
  formats: z
    .array(z.enum(FORMATS))
    .min(1)
    .default(['csv'])
    .meta({ value: '<list>', description: `tables to write, comma-separated: ${FORMATS.join(', ')}` }),
  silenceDbfs: z.number().min(-200).max(0).default(-80).meta({
    value: '<dB>',
    description: 'windows below this level (RMS, dB re full scale) are no_speech and skip the model',
  }),
  maxErrorShare,
  excelBom: z
    .boolean()
    .default(false)
    .meta({ description: 'start CSV files with a byte-order mark, for Excel' }),
  quiet,
});
export type RunSettings = z.output<typeof runSettings>;

export const featuresSettings = z.strictObject({
  out,
  set: z
    .string()
    .min(1)
    .meta({ value: '<name>', description: 'feature set (see `undertone features --list`)' }),
  channels,
  workers,
  formats: z
    .array(z.enum(FEATURE_FORMATS))
    .min(1)
    .default(['npy'])
    .meta({ value: '<list>', description: `comma-separated: ${FEATURE_FORMATS.join(', ')}` }),
  maxErrorShare,
  quiet,
});
export type FeaturesSettings = z.output<typeof featuresSettings>;

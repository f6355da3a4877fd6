/**
 * card.json: everything a run needs to know about model.onnx. A model exported by anyone runs by writing one.
 * Licence, training record and evaluation are part of the card because a label without them cannot be trusted.
 *
 * This file is the schema; what one key means for another is checked in card-checks.ts.
 */
import {
  EMOTIONS,
  expectation,
  type FrontEnd,
  frontEndSettings,
  GENDERS,
  POLARITIES,
  samplesSettings,
} from '@undertone/shared';
import { z } from 'zod';
import { AXES } from './family/family.js';
import { FAMILIES, type FamilyName } from './family/registry.js';

export { AXES, type Axis } from './family/family.js';
export { FAMILIES, type FamilyName } from './family/registry.js';

/** What the classes of a model are. */
export const TASKS = ['emotion', 'gender'] as const;

/** Labels of the tables that are no class of any model. */
const RESERVED_CLASSES = ['abstain', 'no_speech'];
const className = z.string().regex(/^[a-z][a-z0-9_]*$/);

const windowSettings = z.strictObject({
  lengthS: z.number().positive().max(600).meta({ description: 'window length in seconds' }),
  hopS: z.number().positive().max(600).meta({ description: 'distance between window starts in seconds' }),
  offsetS: z.number().min(0).default(0).meta({ description: 'seconds skipped at the start of a recording' }),
  scope: z.enum(['recording', 'window']).default('window').meta({
    description:
      'recording: frames computed once along the recording, windows are slices of them; window: each window is an utterance of its own (padded at its edges, normalised by itself)',
  }),
  padValue: z.number().default(0).meta({
    description:
      "fills the frames (waveform: samples) that a short window lacks; in the front-end's units, before the scaler",
  }),
  minS: z
    .number()
    .min(0)
    .default(0.25)
    .meta({ description: 'a recording with less audio than this is too_short' }),
});

const inputSettings = z.strictObject({
  name: z.string().min(1).meta({ description: "the graph input's name" }),
  axes: z
    .array(z.enum(AXES))
    .min(1)
    .max(6)
    .meta({ description: 'axis names in the order of the graph input, e.g. ["batch","frames","columns"]' }),
  frames: z.int().positive().optional().meta({
    description:
      'matrix and stretch: frames of a window; sequence: frames of one step; longer is cut, shorter padded',
  }),
  steps: z.int().positive().optional().meta({ description: 'sequence: number of rolling windows' }),
  stepHopFrames: z.int().positive().optional().meta({ description: 'sequence: frames between their starts' }),
  hopFrames: z.int().positive().optional().meta({
    description: 'stretch: frames between the windows that the graph pools, the same as window.hopS',
  }),
  windows: z.int().positive().max(64).optional().meta({
    description:
      'stretch: most windows in one; stretch k of a recording holds its windows k·windows … (k+1)·windows − 1',
  }),
});

/** By what rule the recordings that judge a model were kept from it. Most telling first: random files share voices with the training side. */
export const SPLITS = ['speaker-independent', 'reserve-speakers', 'cross-corpus', 'random-files'] as const;

/** One evaluation; models/claims.mjs copies the figures from what `undertone eval` wrote, they are never typed. */
export const evaluationRecord = z.strictObject({
  name: z.string().optional().meta({ description: 'its folder in evaluation/' }),
  corpus: z.string(),
  split: z.enum(SPLITS),
  folds: z.int().positive(),
  rule: z.string().meta({ description: 'which speakers or files are tested, in words' }),
  unit: z.enum(['recording', 'window']),
  classes: z.array(z.string()),
  n: z.int().positive(),
  uar: z.number().min(0).max(1),
  uarCi95: z.tuple([z.number(), z.number()]),
  accuracy: z.number().min(0).max(1),
  accuracyCi95: z.tuple([z.number(), z.number()]),
  macroF1: z.number().min(0).max(1).optional(),
  eceBefore: z.number().optional().meta({ description: 'expected calibration error at temperature 1' }),
  eceAfter: z.number().optional().meta({ description: 'and at the card’s temperature' }),
  seeds: z.array(z.int()),
});

/** `frontEnd` is checked by the schema of the card's family, see loadCard. */
export const cardSchema = z
  .strictObject({
    schema: z.literal('undertone-card/1'),
    name: z.string().regex(/^[a-z0-9][a-z0-9._-]*$/),
    version: z.string().regex(/^\d+\.\d+\.\d+$/),
    description: z.string().min(1),
    task: z.enum(TASKS).default('emotion').meta({
      description: 'what is told of a voice; gender: the classes are female and male, and labelMap is empty',
    }),
    licence: z.strictObject({
      weights: z.string().min(1).meta({ description: 'SPDX id or the terms in words' }),
      because: z
        .string()
        .min(1)
        .meta({ description: 'where the terms come from, e.g. the training corpora' }),
    }),
    model: z.strictObject({
      file: z
        .string()
        .regex(/^[^/\\]+$/)
        .default('model.onnx'),
      sha256: z.string().regex(/^[0-9a-f]{64}$/),
    }),
    family: z.enum(FAMILIES),
    frontEnd: z.looseObject({}),
    window: windowSettings,
    input: inputSettings,
    output: z.strictObject({
      name: z.string().min(1),
      kind: z.enum(['logits', 'probabilities']),
    }),
    scaler: z
      .strictObject({ mean: z.array(z.number()), scale: z.array(z.number().positive()) })
      .nullable()
      .default(null)
      .meta({ description: 'per column (x − mean)/scale, when the graph does not hold its own' }),
    classes: z.array(className).min(2).max(64),
    labelMap: z.partialRecord(z.enum(EMOTIONS), z.string().nullable()).meta({
      description: 'canonical emotion → class of this model, or null when it was dropped in training',
    }),
    polarity: z
      .record(z.string(), z.partialRecord(z.enum(POLARITIES), z.number().min(0).max(1)))
      .nullable()
      .meta({ description: 'shares of each class; null for classes that have none, as those of gender' }),
    calibration: z.strictObject({
      temperature: z.number().positive(),
      abstainBelow: z.number().min(0).max(1).default(0),
      fittedOn: z.string(),
    }),
    evaluation: z.array(evaluationRecord),
    training: z.record(z.string(), z.unknown()).meta({
      description: 'recipe, data, speakers trained on and kept out, seed, versions, date: free form',
    }),
  })
  .superRefine((card, context) => {
    const bad = (path: (string | number)[], what: string, value: unknown): void => {
      context.addIssue({ code: 'custom', path, message: expectation(what, path.join('.'), value) });
    };
    const { task, classes, polarity, labelMap, window } = card;
    if (new Set(classes).size !== classes.length) bad(['classes'], 'each class once', classes);
    for (const [i, name] of classes.entries()) {
      if (RESERVED_CLASSES.includes(name)) {
        bad(['classes', i], `a class other than the reserved words ${RESERVED_CLASSES.join(', ')}`, name);
      }
      if (polarity === null) continue;
      const shares = Object.hasOwn(polarity, name) ? polarity[name] : undefined;
      const sum = Object.values(shares ?? {}).reduce((a, b) => a + b, 0);
      if (Math.abs(sum - 1) > 1e-6) bad(['polarity', name], 'shares that sum to 1', shares);
    }
    for (const name of Object.keys(polarity ?? {})) {
      if (!classes.includes(name)) bad(['polarity'], `only the classes ${classes.join(', ')}`, name);
    }
    for (const [emotion, name] of Object.entries(labelMap)) {
      if (name !== null && !classes.includes(name)) {
        bad(['labelMap', emotion], `one of the classes ${classes.join(', ')} or null`, name);
      }
    }
    if (task === 'gender') {
      const isGenders = classes.length === GENDERS.length && GENDERS.every((name) => classes.includes(name));
      if (!isGenders) bad(['classes'], `${GENDERS.join(' and ')} (task gender)`, classes);
      if (Object.keys(labelMap).length > 0) bad(['labelMap'], 'nothing in it (task gender)', labelMap);
      if (polarity !== null) bad(['polarity'], 'null (task gender)', polarity);
    }
    if (window.hopS > window.lengthS) {
      bad(
        ['window', 'hopS'],
        `at most window.lengthS (${window.lengthS}), so that no audio is skipped,`,
        window.hopS,
      );
    }
  });

/** A card of any family before its front-end is checked. */
export type CardBody = Omit<z.output<typeof cardSchema>, 'frontEnd' | 'family'>;
export type Evaluation = z.output<typeof evaluationRecord>;

/** The waveform family needs no frames: only the rate and the sample normalisation. Its windows are what is cut. */
export const waveformFrontEndSettings = z.strictObject({
  sampleRateHz: frontEndSettings.shape.sampleRateHz,
  samples: samplesSettings.omit({ excerpt: true, gate: true }).prefault({}),
});
export type WaveformFrontEnd = z.output<typeof waveformFrontEndSettings>;

export interface FeatureCard extends CardBody {
  readonly family: Exclude<FamilyName, 'waveform'>;
  readonly frontEnd: FrontEnd;
}
export interface WaveformCard extends CardBody {
  readonly family: 'waveform';
  readonly frontEnd: WaveformFrontEnd;
}
/** A checked card: `family` tells which front-end it has. */
export type Card = FeatureCard | WaveformCard;

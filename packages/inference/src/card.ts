/**
 * card.json: everything a run needs to know about model.onnx. A model exported by anyone runs by writing one.
 * Licence, training record and evaluation are part of the card because a label without them cannot be trusted.
 */
import { EMOTIONS, expectation, frontEndSettings, POLARITIES } from '@undertone/shared';
import { z } from 'zod';

export const FAMILIES = ['vector', 'matrix', 'sequence', 'waveform'] as const;
export type FamilyName = (typeof FAMILIES)[number];

/** Axis names of the model's input, in order. `one` is an axis of size 1 (a channel axis, wherever it stands). */
export const AXES = ['batch', 'steps', 'frames', 'columns', 'samples', 'one'] as const;
export type Axis = (typeof AXES)[number];

const className = z
  .string()
  .regex(/^[a-z][a-z0-9_]*$/)
  .refine((name) => name !== 'abstain' && name !== 'no_speech', {
    error: 'Expected a class other than the reserved words abstain and no_speech',
  });

const windowSettings = z.strictObject({
  lengthS: z.number().positive().max(600).meta({ description: 'window length in seconds' }),
  hopS: z.number().positive().max(600).meta({ description: 'distance between window starts in seconds' }),
  offsetS: z.number().min(0).default(0).meta({ description: 'seconds skipped at the start of a recording' }),
  scope: z.enum(['recording', 'window']).default('window').meta({
    description:
      'recording: frames computed once along the recording, windows are slices of them; window: each window is an utterance of its own (padded at its edges, normalised by itself)',
  }),
  padValue: z
    .number()
    .default(0)
    .meta({ description: 'fills the frames (waveform: samples) that a short window lacks' }),
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
  frames: z
    .int()
    .positive()
    .optional()
    .meta({ description: 'matrix: frames of a window; sequence: frames of one step; longer is cut, shorter padded' }),
  steps: z.int().positive().optional().meta({ description: 'sequence: number of rolling windows' }),
  stepHopFrames: z.int().positive().optional().meta({ description: 'sequence: frames between their starts' }),
});

/** One evaluation; figures are copied from the evaluation's files by the training recipe, never typed. */
const evaluationRecord = z.strictObject({
  corpus: z.string(),
  split: z.enum(['speaker-independent', 'cross-corpus', 'random-files', 'reserve-speakers']),
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

export const cardSchema = z
  .strictObject({
    schema: z.literal('undertone-card/1'),
    name: z.string().regex(/^[a-z0-9][a-z0-9._-]*$/),
    version: z.string().regex(/^\d+\.\d+\.\d+$/),
    description: z.string(),
    licence: z.strictObject({
      weights: z.string().meta({ description: 'SPDX id or the terms in words' }),
      because: z.string().meta({ description: 'where the terms come from, e.g. the training corpora' }),
    }),
    model: z.strictObject({
      file: z
        .string()
        .regex(/^[^/\\]+$/)
        .default('model.onnx'),
      sha256: z.string().regex(/^[0-9a-f]{64}$/),
    }),
    family: z.enum(FAMILIES),
    frontEnd: z.unknown(),
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
    labelMap: z
      .partialRecord(z.enum(EMOTIONS), z.string().nullable())
      .meta({ description: 'canonical emotion → class of this model, or null when it was dropped in training' }),
    polarity: z.record(z.string(), z.partialRecord(z.enum(POLARITIES), z.number().min(0).max(1))),
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
    if (new Set(card.classes).size !== card.classes.length) bad(['classes'], 'each class once', card.classes);
    for (const name of card.classes) {
      const shares = card.polarity[name];
      const sum = shares ? Object.values(shares).reduce((a, b) => a + b, 0) : 0;
      if (Math.abs(sum - 1) > 1e-6) bad(['polarity', name], 'shares that sum to 1', shares ?? null);
    }
    for (const [emotion, name] of Object.entries(card.labelMap)) {
      if (name !== null && !card.classes.includes(name)) {
        bad(['labelMap', emotion], `one of the classes ${card.classes.join(', ')} or null`, name);
      }
    }
    if (card.window.hopS > card.window.lengthS) {
      bad(['window', 'hopS'], `at most window.lengthS (${card.window.lengthS}), so that no audio is skipped`, card.window.hopS);
    }
  });

/** The waveform family needs no frames: only the rate and the sample normalisation. */
export const waveformFrontEndSettings = z.strictObject({
  sampleRateHz: frontEndSettings.shape.sampleRateHz,
  samples: frontEndSettings.shape.samples,
});

/** Settings of what happens to a whole utterance: what is cut from it before framing, and to its rows after the features. */
import { z } from 'zod';

/** Longer than any recording that is held in memory. */
const MOST_SAMPLES = 1_000_000_000;
const MOST_FRAMES = 1_000_000;

export const excerptSettings = z.strictObject({
  offsetSamples: z.int().min(0).max(MOST_SAMPLES).meta({
    description: 'first sample used; an utterance that ends before it is too short',
  }),
  lengthSamples: z.int().min(1).max(MOST_SAMPLES).nullable().default(null).meta({
    description: 'samples used at most; null: to the end',
  }),
  pad: z.boolean().default(false).meta({
    description: 'fill a shorter utterance with zeros up to lengthSamples',
  }),
});

export const gateSettings = z.strictObject({
  windowSamples: z.int().min(1).max(MOST_FRAMES).meta({
    description: 'samples of the centred moving mean of |x|, at the ends of what there is',
  }),
  threshold: z.number().min(0).max(1).meta({
    description: 'samples whose moving mean is not above this, at full scale 1, are dropped',
  }),
});

export const cmvnSettings = z.strictObject({
  scope: z.enum(['utterance', 'sliding']).meta({
    description:
      'mean and variance of the whole utterance, or of a window that moves along (Kaldi apply-cmvn-sliding)',
  }),
  normaliseVariance: z.boolean().default(false).meta({
    description:
      'divide by the population deviation too; variances are held above 1e-20, in a window above 1e-10',
  }),
  windowFrames: z.int().min(1).max(MOST_FRAMES).default(600).meta({
    description: 'sliding: frames of a centred window; otherwise frames before the present one',
  }),
  minWindowFrames: z.int().min(1).max(MOST_FRAMES).default(100).meta({
    description: 'sliding, not centred: frames of the window at the start of the utterance',
  }),
  centre: z.boolean().default(false).meta({ description: 'sliding: centre the window on the frame' }),
});

export const sequenceSettings = z.strictObject({
  frames: z.int().min(1).max(100_000).meta({
    description:
      'frames used; an utterance with fewer is too short (samples.excerpt can pad it), one with more is cut',
  }),
});

type Contradiction = [path: string, what: string, value: unknown];

/** Settings of these groups that make no sense together. */
export function utteranceContradictions(frontEnd: {
  readonly samples: { readonly excerpt: z.output<typeof excerptSettings> | null };
  readonly cmvn: z.output<typeof cmvnSettings> | null;
  readonly sequence: z.output<typeof sequenceSettings> | null;
  readonly statistics: readonly string[];
}): Contradiction[] {
  const { cmvn, sequence, statistics } = frontEnd;
  const { excerpt } = frontEnd.samples;
  const found: Contradiction[] = [];
  if (excerpt?.pad && excerpt.lengthSamples === null) {
    found.push(['samples.excerpt.lengthSamples', 'an integer, which pad needs,', null]);
  }
  if (cmvn?.scope === 'sliding' && cmvn.minWindowFrames > cmvn.windowFrames) {
    found.push(['cmvn.minWindowFrames', `at most windowFrames (${cmvn.windowFrames})`, cmvn.minWindowFrames]);
  }
  if (sequence && statistics.length > 0) {
    found.push(['sequence', 'null when there are statistics', sequence]);
  }
  return found;
}

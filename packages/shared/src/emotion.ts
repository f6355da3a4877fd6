/** Canonical classes: emotions and genders; and the polarity of emotions. */
export const EMOTIONS = [
  'neutral',
  'calm',
  'happy',
  'sad',
  'angry',
  'fearful',
  'disgust',
  'surprised',
  'boredom',
] as const;
export type Emotion = (typeof EMOTIONS)[number];

export const GENDERS = ['female', 'male'] as const;
export type Gender = (typeof GENDERS)[number];

export const POLARITIES = ['positive', 'neutral', 'negative'] as const;
export type Polarity = (typeof POLARITIES)[number];

/** A class's share in each polarity; missing ones are 0, each class sums to 1. */
export type PolarityMatrix = Readonly<Record<string, Partial<Record<Polarity, number>>>>;

/** arg max over polarities of Σ p(class)·matrix[class][polarity]; ties go to the earlier one in POLARITIES. */
export function polarityOf(
  probabilities: ArrayLike<number>,
  classes: readonly string[],
  matrix: PolarityMatrix,
): Polarity {
  let best: Polarity = 'positive';
  let bestMass = -1;
  for (const polarity of POLARITIES) {
    let mass = 0;
    classes.forEach((name, i) => {
      mass += (probabilities[i] ?? 0) * (matrix[name]?.[polarity] ?? 0);
    });
    if (mass > bestMass) {
      best = polarity;
      bestMass = mass;
    }
  }
  return best;
}

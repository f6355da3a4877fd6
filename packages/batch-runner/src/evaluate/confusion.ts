/** Counts of items by truth and label, and the figures that are made of them. Shares from 0 to 1, never per cent. */

/** Row-major [classes × classes]: rows are truths, columns are labels. */
export interface Confusion {
  readonly classes: number;
  readonly counts: ArrayLike<number>;
}

export function confusionOf(
  truth: readonly number[],
  label: readonly number[],
  classes: number,
): Confusion & { readonly counts: Int32Array } {
  const counts = new Int32Array(classes * classes);
  truth.forEach((row, i) => {
    const cell = row * classes + (label[i] as number);
    counts[cell] = (counts[cell] as number) + 1;
  });
  return { classes, counts };
}

export interface ClassFigures {
  /** Items of that truth. */
  readonly n: number;
  /** Right ones among the items of that truth; NaN without any. */
  readonly recall: number;
  /** Right ones among the items of that label; NaN without any. */
  readonly precision: number;
  /** 2·right/(items of that truth + items of that label): the harmonic mean of both; NaN without a truth. */
  readonly f1: number;
}

export interface Figures {
  readonly n: number;
  /** NaN without items, as the two below. */
  readonly accuracy: number;
  /** Unweighted average recall: the mean over the classes that have a truth, as scikit-learn's balanced_accuracy_score. */
  readonly uar: number;
  /** Mean F1 over the classes that have a truth. */
  readonly macroF1: number;
  readonly perClass: readonly ClassFigures[];
}

export function figuresOf({ classes, counts }: Confusion): Figures {
  const truths = new Float64Array(classes);
  const labels = new Float64Array(classes);
  let [n, right] = [0, 0];
  for (let truth = 0; truth < classes; ++truth) {
    for (let label = 0; label < classes; ++label) {
      const count = counts[truth * classes + label] as number;
      truths[truth] = (truths[truth] as number) + count;
      labels[label] = (labels[label] as number) + count;
      n += count;
      if (truth === label) right += count;
    }
  }
  const perClass = Array.from(truths, (ofTruth, i): ClassFigures => {
    const hits = counts[i * classes + i] as number;
    const ofLabel = labels[i] as number;
    return {
      n: ofTruth,
      recall: hits / ofTruth,
      precision: hits / ofLabel,
      f1: ofTruth > 0 ? (2 * hits) / (ofTruth + ofLabel) : Number.NaN,
    };
  });
  const present = perClass.filter((one) => one.n > 0);
  return {
    n,
    accuracy: right / n,
    uar: mean(present.map(({ recall }) => recall)),
    macroF1: mean(present.map(({ f1 }) => f1)),
    perClass,
  };
}

/** NaN of nothing. */
export const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

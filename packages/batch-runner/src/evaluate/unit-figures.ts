/** All figures of one unit, recordings or windows, as metrics.json holds them: shares from 0 to 1. */
import { topIndex } from '@undertone/inference';
import { type Bootstrap, type Interval, intervalsOf } from './bootstrap.js';
import {
  brierScore,
  CALIBRATION_BINS,
  calibrationError,
  type Judgement,
  logLoss,
  type ReliabilityBin,
  reliability,
} from './calibration.js';
import { confusionOf, type Figures, figuresOf, mean } from './confusion.js';
import type { Scored } from './judged.js';
import {
  areaUnderRiskCoverage,
  type Coverage,
  riskCoverageCurve,
  type Threshold,
  thresholds,
} from './risk-coverage.js';

/** One item to be judged. */
export interface Item extends Scored {
  readonly truth: number;
  /** Whose voice: what the bootstrap draws. */
  readonly cluster: string;
  /** Group → name of the group it belongs to; null where that is not known. */
  readonly groups: Readonly<Record<GroupKind, string | null>>;
}

/** `emotion` is the corpus's own label, before the model's classes and --merge. */
export const GROUP_KINDS = ['corpus', 'gender', 'intensity', 'emotion', 'fold', 'speaker'] as const;
export type GroupKind = (typeof GROUP_KINDS)[number];

/** null where there is nothing to divide by. */
export interface Measured {
  readonly value: number | null;
  readonly ci95: Interval | null;
}

export interface ClassRow {
  readonly class: string;
  readonly n: number;
  readonly recall: Measured;
  readonly precision: Measured;
  readonly f1: Measured;
}

export interface GroupRow {
  readonly group: string;
  readonly n: number;
  readonly speakers: number;
  readonly accuracy: Measured;
  readonly uar: Measured;
}

export interface UnitFigures {
  readonly n: number;
  readonly uar: Measured;
  readonly accuracy: Measured;
  readonly macroF1: Measured;
  /** Expected calibration error before and after the card's temperature; before is null for several models as one. */
  readonly ece: { readonly bins: number; readonly before: number | null; readonly after: number };
  readonly brier: number;
  /** Mean −ln p(truth), in nats. */
  readonly logLoss: number;
  readonly perClass: readonly ClassRow[];
  /** Rows are truths, columns are labels, in the order of `classes`. */
  readonly confusion: readonly (readonly number[])[];
  readonly groups: Readonly<Partial<Record<GroupKind, readonly GroupRow[]>>>;
  readonly reliability: readonly ReliabilityBin[];
  readonly areaUnderRiskCoverage: number;
  readonly riskCoverage: readonly Coverage[];
  readonly thresholds: readonly Threshold[];
}

/** @param items at least one */
export function unitFigures(
  items: readonly Item[],
  classes: readonly string[],
  bootstrap: Bootstrap,
): UnitFigures {
  const truth = items.map((item) => item.truth);
  const label = items.map((item) => topIndex(item.calibrated));
  const confidence = items.map((item, i) => item.calibrated[label[i] as number] as number);
  const { counts } = confusionOf(truth, label, classes.length);
  const judgements = items.map((item, i) => ({
    confidence: confidence[i] as number,
    isRight: label[i] === item.truth,
  }));
  const confident = { truth, label, confidence };
  return {
    n: items.length,
    ...headline(items, label, classes, bootstrap),
    ece: {
      bins: CALIBRATION_BINS,
      before: errorBefore(items),
      after: rounded(calibrationError(judgements)),
    },
    brier: rounded(mean(items.map((item) => brierScore(item.calibrated, item.truth)))),
    logLoss: rounded(mean(items.map((item) => logLoss(item.calibrated, item.truth)))),
    confusion: classes.map((_, row) => [
      ...counts.subarray(row * classes.length, (row + 1) * classes.length),
    ]),
    groups: groupRows(items, label, classes.length, bootstrap),
    reliability: reliability(judgements).map(roundedAll),
    areaUnderRiskCoverage: rounded(areaUnderRiskCoverage(confident)),
    riskCoverage: riskCoverageCurve(confident, classes.length).map(roundedAll),
    thresholds: thresholds(confident, classes.length).map(roundedAll),
  };
}

function errorBefore(items: readonly Item[]): number | null {
  const judgements: Judgement[] = [];
  for (const { uncalibrated, truth } of items) {
    if (!uncalibrated) return null;
    const top = topIndex(uncalibrated);
    judgements.push({ confidence: uncalibrated[top] as number, isRight: top === truth });
  }
  return rounded(calibrationError(judgements));
}

const flat = ({ uar, accuracy, macroF1, perClass }: Figures): number[] => [
  uar,
  accuracy,
  macroF1,
  ...perClass.flatMap(({ recall, precision, f1 }) => [recall, precision, f1]),
];

function headline(
  items: readonly Item[],
  label: readonly number[],
  classes: readonly string[],
  bootstrap: Bootstrap,
): Pick<UnitFigures, 'uar' | 'accuracy' | 'macroF1' | 'perClass'> {
  const clustered = clusteredOf(items, label);
  const figures = figuresOf(confusionOf(clustered.truth, label, classes.length));
  const intervals = intervalsOf(clustered, classes.length, (one) => flat(figuresOf(one)), bootstrap);
  const [uar, accuracy, macroF1, ...ofClasses] = flat(figures).map((value, i) =>
    measured(value, intervals[i] ?? null),
  ) as [Measured, Measured, Measured, ...Measured[]];
  const perClass = classes.map((name, i) => {
    const [recall, precision, f1] = ofClasses.slice(3 * i, 3 * i + 3) as [Measured, Measured, Measured];
    return { class: name, n: figures.perClass[i]?.n ?? 0, recall, precision, f1 };
  });
  return { uar, accuracy, macroF1, perClass };
}

const clusteredOf = (items: readonly Item[], label: readonly number[]) => ({
  truth: items.map((item) => item.truth),
  label,
  cluster: items.map((item) => item.cluster),
});

/** Kinds of which no item tells anything are left out. Groups by name. */
function groupRows(
  items: readonly Item[],
  label: readonly number[],
  classes: number,
  bootstrap: Bootstrap,
): UnitFigures['groups'] {
  const rows: Partial<Record<GroupKind, GroupRow[]>> = {};
  for (const kind of GROUP_KINDS) {
    const members = new Map<string, number[]>();
    items.forEach((item, i) => {
      const name = item.groups[kind];
      if (name === null) return;
      const own = members.get(name) ?? [];
      own.push(i);
      members.set(name, own);
    });
    const names = [...members.keys()].sort();
    if (names.length > 0)
      rows[kind] = names.map((name) =>
        groupRow(name, members.get(name) ?? [], items, label, classes, bootstrap),
      );
  }
  return rows;
}

function groupRow(
  group: string,
  members: readonly number[],
  items: readonly Item[],
  label: readonly number[],
  classes: number,
  bootstrap: Bootstrap,
): GroupRow {
  const own = clusteredOf(
    members.map((i) => items[i] as Item),
    members.map((i) => label[i] as number),
  );
  const { uar, accuracy } = figuresOf(confusionOf(own.truth, own.label, classes));
  const intervals = intervalsOf(own, classes, (one) => accuracyAndUar(figuresOf(one)), bootstrap);
  return {
    group,
    n: members.length,
    speakers: new Set(own.cluster).size,
    accuracy: measured(accuracy, intervals[0] ?? null),
    uar: measured(uar, intervals[1] ?? null),
  };
}

const accuracyAndUar = ({ accuracy, uar }: Figures): number[] => [accuracy, uar];

const DIGITS = 4;
const rounded = (value: number): number => Number(value.toFixed(DIGITS));

function measured(value: number, interval: Interval | null): Measured {
  if (Number.isNaN(value)) return { value: null, ci95: null };
  return { value: rounded(value), ci95: interval && [rounded(interval[0]), rounded(interval[1])] };
}

const roundedAll = <T extends object>(row: T): T =>
  Object.fromEntries(
    Object.entries(row).map(([key, value]) => [key, typeof value === 'number' ? rounded(value) : value]),
  ) as T;

/** Metrics and judged recordings → the CSV files beside metrics.json. RFC 4180, CRLF; shares from 0 to 1. */
import { topIndex } from '@undertone/inference';
import { quoted } from '../sink/table.js';
import type { JudgedRecording } from './judged.js';
import type { Metrics } from './metrics.js';
import { GROUP_KINDS, type Measured, type UnitFigures } from './unit-figures.js';

type Cell = string | number | null;

const UNITS = ['recording', 'window'] as const;

/** Name of a file → its text, in the order of the documentation. */
export function evaluationTables(metrics: Metrics, judged: readonly JudgedRecording[]): Map<string, string> {
  const both = (rows: (figures: UnitFigures) => Cell[][]): Cell[][] =>
    UNITS.flatMap((unit) => rows(metrics[unit]).map((row) => [unit, ...row]));
  return new Map([
    ['predictions.csv', predictions(metrics, judged)],
    [
      'confusion.csv',
      csv(
        ['unit', 'truth', ...metrics.classes],
        both(({ confusion }) => confusion.map((row, i) => [metrics.classes[i] as string, ...row])),
      ),
    ],
    [
      'per_class.csv',
      csv(
        [
          'unit',
          'class',
          'n',
          ...withInterval('recall'),
          ...withInterval('precision'),
          ...withInterval('f1'),
        ],
        both(({ perClass }) =>
          perClass.map((row) => [
            row.class,
            row.n,
            ...cells(row.recall),
            ...cells(row.precision),
            ...cells(row.f1),
          ]),
        ),
      ),
    ],
    [
      'groups.csv',
      csv(
        ['unit', 'kind', 'group', 'n', 'speakers', ...withInterval('accuracy'), ...withInterval('uar')],
        both(({ groups }) =>
          GROUP_KINDS.flatMap((kind) =>
            (groups[kind] ?? []).map((row) => [
              ...[kind, row.group, row.n, row.speakers],
              ...cells(row.accuracy),
              ...cells(row.uar),
            ]),
          ),
        ),
      ),
    ],
    [
      'reliability.csv',
      csv(
        ['unit', 'from', 'to', 'n', 'confidence', 'accuracy'],
        both(({ reliability }) =>
          reliability.map((bin) => [bin.from, bin.to, bin.n, bin.confidence, bin.accuracy]),
        ),
      ),
    ],
    [
      'risk_coverage.csv',
      csv(
        ['unit', 'coverage', 'n', 'least_confidence', 'accuracy', 'uar'],
        both(({ riskCoverage }) =>
          riskCoverage.map((one) => [one.coverage, one.n, one.leastConfidence, one.accuracy, one.uar]),
        ),
      ),
    ],
  ]);
}

function predictions({ classes }: Metrics, judged: readonly JudgedRecording[]): string {
  const header = [
    'file',
    'corpus',
    'speaker',
    'gender',
    'intensity',
    'emotion',
    'fold',
    'truth',
    'label',
    'confidence',
  ];
  return csv(
    [...header, ...classes.map((name) => `p_${name}`)],
    judged.map(({ label, fold, truth, calibrated }) => {
      const top = topIndex(calibrated);
      return [
        ...[label.file, label.corpus, label.speaker, label.gender, label.intensity, label.emotion, fold],
        ...[classes[truth] as string, classes[top] as string, (calibrated[top] as number).toFixed(4)],
        ...Array.from(calibrated, (p) => p.toFixed(6)),
      ];
    }),
  );
}

const withInterval = (name: string): string[] => [name, `${name}_low`, `${name}_high`];
const cells = ({ value, ci95 }: Measured): Cell[] => [value, ci95?.[0] ?? null, ci95?.[1] ?? null];

function csv(header: readonly string[], rows: readonly (readonly Cell[])[]): string {
  const line = (row: readonly Cell[]): string => row.map((cell) => quoted(String(cell ?? ''))).join(',');
  return [header, ...rows].map((row) => `${line(row)}\r\n`).join('');
}

/** Faster, slower or the same: one result against an older one, judged by the spread of both. */
import { threadsText } from './numbers.js';
import { type BenchResult, type BenchRow, rowLabel } from './result.js';

export type Verdict = 'faster' | 'slower' | 'the same';

export interface ComparedRow {
  readonly row: BenchRow;
  /** Median over the old median. */
  readonly ratio: number;
  readonly verdict: Verdict;
}

export interface Comparison {
  readonly rows: readonly ComparedRow[];
  /** Labels of rows that the other result has not got. */
  readonly onlyNew: readonly string[];
  readonly onlyOld: readonly string[];
  /** One sentence each: why the results may not be comparable. */
  readonly warnings: readonly string[];
}

/** With fewer repeats the quartiles say too little about the spread. */
export const FEWEST_REPEATS = 5;

/** The machine's own limit may differ by this much between two runs without a word. */
const QUIET_DRIFT = 0.05;

/** Settings that change what a row means. */
const COMPARED_SETTINGS = [
  ...['seconds', 'input', 'files', 'model', 'window', 'hop', 'channels', 'formats'],
  ...['segments', 'minSpeech', 'silenceDbfs'],
];

export function compare(now: BenchResult, old: BenchResult): Comparison {
  const partners = now.benchmark === old.benchmark ? old.rows : [];
  const rows: ComparedRow[] = [];
  const onlyNew: string[] = [];
  for (const row of now.rows) {
    const partner = partners.find((other) => sameRow(row, other));
    if (!partner) onlyNew.push(rowLabel(row));
    else rows.push({ row, ratio: row.timesRealTime / partner.timesRealTime, verdict: judge(row, partner) });
  }
  const left = old.rows.filter(
    (other) => now.benchmark !== old.benchmark || !now.rows.some((row) => sameRow(row, other)),
  );
  return { rows, onlyNew, onlyOld: left.map(rowLabel), warnings: warningsOf(now, old, rows) };
}

/**
 * The quartile interval of each, widened by half its length on both sides, must not meet the other's. Of two equal
 * normal distributions, 7 repeats of each, 0.4 % come out different by this rule; plain quartile intervals would call
 * 9 % different, and [min, max] would let one disturbed repeat hide a real change.
 */
export function judge(row: BenchRow, old: BenchRow): Verdict {
  if (Math.min(row.repeats, old.repeats) < FEWEST_REPEATS) return 'the same';
  const [low, high] = widened(row);
  const [oldLow, oldHigh] = widened(old);
  return low > oldHigh ? 'faster' : high < oldLow ? 'slower' : 'the same';
}

function widened({ lowerQuartile, upperQuartile }: BenchRow): [number, number] {
  const half = (upperQuartile - lowerQuartile) / 2;
  return [lowerQuartile - half, upperQuartile + half];
}

const sameRow = (a: BenchRow, b: BenchRow): boolean =>
  a.name === b.name && a.device === b.device && a.isa === b.isa && a.threads === b.threads;

function warningsOf(now: BenchResult, old: BenchResult, rows: readonly ComparedRow[]): string[] {
  const found: string[] = [];
  if (now.benchmark !== old.benchmark)
    found.push(`The old result is of bench ${old.benchmark}, this one of bench ${now.benchmark}`);
  const machine = ({ machine: { cpu, cores } }: BenchResult): string => `${cpu}, ${cores} cores`;
  if (machine(now) !== machine(old))
    found.push(`The machines differ: ${machine(old)} then, ${machine(now)} now`);
  for (const key of COMPARED_SETTINGS) {
    const [before, after] = [old, now].map((result) => JSON.stringify(result.settings[key] ?? null));
    if (before !== after) found.push(`The settings differ: ${key} ${before} then, ${after} now`);
  }
  if (rows.length > 0 && [...now.rows, ...old.rows].some((row) => row.repeats < FEWEST_REPEATS))
    found.push(`Rows of fewer than ${FEWEST_REPEATS} repeats count as the same: they show no spread`);
  return [...found, ...drifts(now, old)];
}

/** How the machine's own limits moved: what all rows share is not the program's doing. */
function drifts(now: BenchResult, old: BenchResult): string[] {
  return now.limits.flatMap((limit) => {
    const before = old.limits.find((other) => other.isa === limit.isa && other.threads === limit.threads);
    const ratio = before ? limit.multiplyAddsPerSecond / before.multiplyAddsPerSecond : 1;
    if (Math.abs(ratio - 1) <= QUIET_DRIFT) return [];
    const where = `${limit.isa}, ${threadsText(limit.threads)}`;
    return [`The machine's own peak under ${where} was ${ratio.toFixed(2)} × that of the old run`];
  });
}

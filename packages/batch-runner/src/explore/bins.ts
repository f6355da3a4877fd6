/** Histograms with round borders. */
import { quantile } from '../quantile.js';

/** Recordings from `from` up to, not with, `to`; null: no border. */
export interface Bin {
  readonly from: number | null;
  readonly to: number | null;
  readonly recordings: number;
}

/** About as many bars as a picture shows well. */
const WANTED_BINS = 30;
/** Levels below are one bin: digital silence and what is nearly that. */
const QUIETEST_DBFS = -80;
const LEVEL_STEP_DB = 2;

/** @param seconds NaN is left out. The last bin takes what is far longer than nearly all. */
export function durationBins(seconds: Float64Array): Bin[] {
  const sorted = seconds.filter((value) => !Number.isNaN(value)).sort();
  if (sorted.length === 0) return [];
  const step = roundStep(quantile(sorted, 0.99) / WANTED_BINS);
  const first = Math.floor((sorted[0] ?? 0) / step);
  const last = Math.floor(quantile(sorted, 0.99) / step) + 1;
  const borders = Array.from({ length: last - first + 1 }, (_, i) =>
    Number(((first + i) * step).toPrecision(12)),
  );
  const longest = sorted.at(-1) ?? 0;
  return counted(sorted, longest < (borders.at(-1) ?? 0) ? borders : [...borders, null]);
}

/** @param levels NaN is left out, −Infinity is in the first bin */
export function levelBins(levels: Float64Array): Bin[] {
  const sorted = levels.filter((value) => !Number.isNaN(value)).sort();
  const [quietest] = sorted;
  const loudest = sorted.at(-1);
  if (quietest === undefined || loudest === undefined) return [];
  const down = (level: number): number =>
    Math.max(QUIETEST_DBFS, LEVEL_STEP_DB * Math.floor(level / LEVEL_STEP_DB));
  const count = (down(loudest) - down(quietest)) / LEVEL_STEP_DB + 1;
  const borders = Array.from({ length: count + 1 }, (_, i) => down(quietest) + i * LEVEL_STEP_DB);
  return counted(sorted, quietest < QUIETEST_DBFS ? [null, ...borders] : borders);
}

/** @param borders ascending; null at an end leaves it open */
function counted(sorted: Float64Array, borders: readonly (number | null)[]): Bin[] {
  let done = 0;
  return borders.slice(1).map((to, i) => {
    const before = done;
    while (done < sorted.length && (to === null || (sorted[done] ?? 0) < to)) done += 1;
    return { from: borders[i] ?? null, to, recordings: done - before };
  });
}

/** 1, 2 or 5 times a power of ten, not below `least`. */
export function roundStep(least: number): number {
  const power = 10 ** Math.floor(Math.log10(least));
  return ([1, 2, 5].find((factor) => factor * power >= least) ?? 10) * power;
}

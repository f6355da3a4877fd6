/** What is said of a group of recordings. */
import { quantile } from '../quantile.js';
import type { Facts } from './facts.js';

/** Percentiles, linear between values. */
export interface Spread {
  readonly p5: number;
  readonly p25: number;
  readonly median: number;
  readonly p75: number;
  readonly p95: number;
}

export interface Figures {
  readonly recordings: number;
  /** Of them nothing could be decoded. */
  readonly broken: number;
  /** Digital silence: they have no level. */
  readonly silent: number;
  /** Of audio that could be decoded. */
  readonly seconds: number;
  /** Of recordings that could be decoded; null where there is none. */
  readonly durationS: Spread | null;
  readonly levelDbfs: Spread | null;
}

/** @param places in the manifest */
export function figuresOf({ seconds, levels }: Facts, places: readonly number[]): Figures {
  const decoded = places.map((place) => seconds[place] ?? NaN).filter((value) => !Number.isNaN(value));
  const ownLevels = places.map((place) => levels[place] ?? NaN);
  return {
    recordings: places.length,
    broken: places.length - decoded.length,
    silent: ownLevels.filter((level) => level === Number.NEGATIVE_INFINITY).length,
    seconds: rounded(
      decoded.reduce((sum, value) => sum + value, 0),
      3,
    ),
    durationS: spreadOf(decoded, 3),
    levelDbfs: spreadOf(ownLevels.filter(Number.isFinite), 1),
  };
}

function spreadOf(values: readonly number[], decimals: number): Spread | null {
  if (values.length === 0) return null;
  const sorted = Float64Array.from(values).sort();
  const at = (share: number): number => rounded(quantile(sorted, share), decimals);
  return { p5: at(0.05), p25: at(0.25), median: at(0.5), p75: at(0.75), p95: at(0.95) };
}

const rounded = (value: number, decimals: number): number => Number(value.toFixed(decimals));

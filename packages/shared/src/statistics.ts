/** Functionals over time: their names, what they mean, and the columns they make. */
import { z } from 'zod';

/** The statistics that have a name of their own; percentiles are spelt `p<q>`, ranges between two `p<a>-p<b>`. */
export const STATISTICS = [
  'mean',
  'median',
  'std',
  'variance',
  'skewness',
  'kurtosis',
  'min',
  'max',
  'range',
  'first',
  'last',
  'slope',
] as const;

const PERCENT = String.raw`(?:0|[1-9]\d*)(?:\.\d*[1-9])?`;
const PERCENTILES = new RegExp(`^p(${PERCENT})(?:-p(${PERCENT}))?$`);

export const statisticsSettings = z
  .array(z.string())
  .default([])
  .meta({
    description:
      'functionals over time; empty: one row a frame. ' +
      'mean, median, min, max, range (max − min), first, last; std, variance: of the population; ' +
      'skewness, kurtosis (excess): biased as in scipy.stats, 0 for a column without deviation; ' +
      'slope: of the least-squares line, per second; ' +
      'p<q>: percentile q from 0 to 100, linear between values (p1, p99, p2.5); p<a>-p<b>: percentile b − percentile a',
  });

/** What is wrong with a list of statistics: dotted path, what is expected, value. */
export function statisticsContradictions(
  statistics: readonly string[],
): [path: string, what: string, value: unknown][] {
  const found: [string, string, unknown][] = [];
  statistics.forEach((statistic, i) => {
    const what = expectedInstead(statistic);
    if (what) found.push([`statistics.${i}`, what, statistic]);
  });
  if (new Set(statistics).size !== statistics.length) {
    found.push(['statistics', 'each statistic once', statistics]);
  }
  return found;
}

function expectedInstead(statistic: string): string | null {
  if ((STATISTICS as readonly string[]).includes(statistic)) return null;
  const [, low, high] = PERCENTILES.exec(statistic) ?? [];
  if (low === undefined) {
    return `one of ${STATISTICS.map((name) => `"${name}"`).join(', ')}, a percentile such as "p2.5" or a range such as "p25-p75"`;
  }
  if (Number(high ?? low) > 100) return 'a percentile of at most 100';
  if (high !== undefined && Number(low) >= Number(high))
    return `a first percentile below the second (${high})`;
  return null;
}

/** What a statistic adds to a column's name: `p1-p99` becomes `p1_p99`, `p2.5` becomes `p2_5`. */
export function statisticSuffix(statistic: string): string {
  return statistic.replace(/[.-]/g, '_');
}

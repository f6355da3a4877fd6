/**
 * Intervals by the percentile bootstrap over speakers (Efron & Tibshirani 1993, ch. 13; clusters: Field & Welsh 2007):
 * recordings of one voice are not independent, so whole speakers are drawn.
 */
import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import { quantile } from '../quantile.js';
import type { Confusion } from './confusion.js';

export type Interval = readonly [low: number, high: number];

export interface Bootstrap {
  readonly draws: number;
  readonly seed: number;
}

/** With fewer, drawing speakers alone gives an interval that is far too narrow: two voices have three outcomes. */
export const FEW_SPEAKERS = 6;

/** Items of one speaker: its cells of the confusion matrix that are not empty, ordered by cell. */
interface Cluster {
  readonly cells: readonly number[];
  readonly counts: readonly number[];
}

/** Items as the bootstrap sees them. Arrays are parallel. */
export interface ClusteredItems {
  readonly truth: readonly number[];
  readonly label: readonly number[];
  /** Who speaks; any text. */
  readonly cluster: readonly string[];
}

/**
 * The 95 % intervals of figures of the confusion matrix.
 * With fewer than FEW_SPEAKERS clusters, the items of each drawn cluster are drawn again too, within each truth.
 * @param figures any number of them, always as many; a draw in which one is NaN does not count for it
 * @returns an interval a figure, null where every draw was NaN
 */
export function intervalsOf(
  items: ClusteredItems,
  classes: number,
  figures: (confusion: Confusion) => readonly number[],
  { draws, seed }: Bootstrap,
): (Interval | null)[] {
  const clusters = clustersOf(items, classes);
  const random = xoroshiro128plus(seed);
  const below = (end: number): number => uniformInt(random, 0, end - 1);
  const counts = new Int32Array(classes * classes);
  const values: number[][] = [];
  for (let draw = 0; draw < draws; ++draw) {
    counts.fill(0);
    for (let i = 0; i < clusters.length; ++i) {
      const cluster = clusters[below(clusters.length)] as Cluster;
      if (clusters.length < FEW_SPEAKERS) addRedrawn(counts, cluster, classes, below);
      else addWhole(counts, cluster);
    }
    figures({ classes, counts }).forEach((value, i) => {
      values[i] ??= [];
      if (!Number.isNaN(value)) values[i]?.push(value);
    });
  }
  return values.map((each) => {
    if (each.length === 0) return null;
    const sorted = Float64Array.from(each).sort();
    return [quantile(sorted, 0.025), quantile(sorted, 0.975)];
  });
}

function clustersOf({ truth, label, cluster }: ClusteredItems, classes: number): Cluster[] {
  const found = new Map<string, Map<number, number>>();
  truth.forEach((row, i) => {
    const name = cluster[i] as string;
    const cell = row * classes + (label[i] as number);
    const cells = found.get(name) ?? new Map<number, number>();
    found.set(name, cells.set(cell, (cells.get(cell) ?? 0) + 1));
  });
  // By name: the order of the items must not move the draws.
  return [...found]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, cells]) => {
      const sorted = [...cells].sort(([a], [b]) => a - b);
      return { cells: sorted.map(([cell]) => cell), counts: sorted.map(([, count]) => count) };
    });
}

function addWhole(into: Int32Array, { cells, counts }: Cluster): void {
  cells.forEach((cell, i) => {
    into[cell] = (into[cell] as number) + (counts[i] as number);
  });
}

/** As many items of each truth as the cluster has, drawn with replacement. */
function addRedrawn(
  into: Int32Array,
  { cells, counts }: Cluster,
  classes: number,
  below: (end: number) => number,
): void {
  for (let first = 0, next = 0; first < cells.length; first = next) {
    const truth = Math.floor((cells[first] as number) / classes);
    let items = 0;
    for (next = first; next < cells.length && Math.floor((cells[next] as number) / classes) === truth; ++next)
      items += counts[next] as number;
    for (let i = 0; i < items; ++i) {
      let [at, place] = [first, below(items)];
      while (place >= (counts[at] as number)) place -= counts[at++] as number;
      const cell = cells[at] as number;
      into[cell] = (into[cell] as number) + 1;
    }
  }
}

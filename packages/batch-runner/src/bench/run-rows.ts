/** From the times of whole runs to the rows of the result. */

import { quantile } from '../quantile.js';
import type { BenchRow } from './result.js';
import { spreadOf } from './statistics.js';
import type { RunTimes } from './whole-run.js';

/** What the runs work on. */
export interface Corpus {
  /** Of most of its bytes, e.g. `pcm_s16le 16000 Hz mono`. */
  readonly format: string;
  readonly recordings: number;
  /** Of the recordings, whatever their channels. */
  readonly audioSeconds: number;
  readonly bytes: number;
  readonly windows: number;
  /** Windows that went through the model: those without speech skip it. */
  readonly scored: number;
}

/** Hours of a night, in which a terabyte has to be done. */
const NIGHT_HOURS = 8;

/** Whatever the workers did besides the stages, and while they waited. */
const REST = 'orchestration';

export function runRow(
  corpus: Corpus,
  machine: { readonly device: string; readonly isa: string },
  workers: number,
  times: readonly RunTimes[],
): BenchRow {
  const { median, ...spread } = spreadOf(times.map(({ wallSeconds }) => corpus.audioSeconds / wallSeconds));
  const wallSeconds = corpus.audioSeconds / median;
  const bytesPerSecond = corpus.bytes / wallSeconds;
  return {
    name: corpus.format,
    ...machine,
    threads: workers,
    timesRealTime: median,
    ...spread,
    repeats: times.length,
    passes: 1,
    audioSeconds: corpus.audioSeconds,
    framesPerSecond: null,
    gigabytesPerSecond: bytesPerSecond / 1e9,
    shareOfLimit: null,
    limitedBy: null,
    run: {
      wallSeconds,
      terabytesANight: (bytesPerSecond * NIGHT_HOURS * 3600) / 1e12,
      stages: stagesOf(times, workers, corpus.audioSeconds),
    },
  };
}

/** Medians over the repeats. The worker time of a run is its wall time, start and merge included, times its workers. */
function stagesOf(
  times: readonly RunTimes[],
  workers: number,
  audioSeconds: number,
): NonNullable<BenchRow['run']>['stages'] {
  const names = [...new Set(times.flatMap(({ stageSeconds }) => Object.keys(stageSeconds))), REST];
  return names.map((name) => {
    const seconds = times.map(({ wallSeconds, stageSeconds }) =>
      name === REST
        ? workers * wallSeconds - Object.values(stageSeconds).reduce((sum, one) => sum + one, 0)
        : (stageSeconds[name] ?? 0),
    );
    const shares = seconds.map((one, i) => one / (workers * (times[i]?.wallSeconds ?? 1)));
    const workerSeconds = median(seconds);
    return {
      name,
      workerSeconds,
      share: median(shares),
      timesRealTime: workerSeconds > 0 ? audioSeconds / workerSeconds : null,
    };
  });
}

const median = (values: readonly number[]): number =>
  quantile(
    [...values].sort((a, b) => a - b),
    0.5,
  );

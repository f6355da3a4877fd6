/** From measured seconds to the rows of the result. */
import type { BenchLimits, BenchRow } from './result.js';
import type { Measured } from './rounds.js';
import { spreadOf } from './statistics.js';
import type { Limits, PassFacts } from './task.js';

export function toRows(measured: readonly Measured[], limits: readonly BenchLimits[]): BenchRow[] {
  return measured.map((one) => {
    const { facts, isa, threads, passes } = one;
    const work = threads * passes;
    const speeds = one.seconds.map((seconds) => (work * facts.audioSeconds) / seconds);
    const { median, ...spread } = spreadOf(speeds);
    const passesPerSecond = median / facts.audioSeconds;
    const limit = limits.find((other) => other.isa === isa && other.threads === threads);
    return {
      name: one.task.name,
      device: 'cpu',
      isa,
      threads,
      timesRealTime: median,
      ...spread,
      repeats: speeds.length,
      passes,
      audioSeconds: facts.audioSeconds,
      framesPerSecond: passesPerSecond * facts.frames,
      gigabytesPerSecond: (passesPerSecond * facts.bytes) / 1e9,
      ...shareOfLimit(facts.work, passesPerSecond, limit),
    };
  });
}

/** The time that the work takes at the limit that binds it, over the time it took. */
export function shareOfLimit(
  work: PassFacts['work'],
  passesPerSecond: number,
  limits: Limits | undefined,
): Pick<BenchRow, 'shareOfLimit' | 'limitedBy'> {
  if (!work || !limits) return { shareOfLimit: null, limitedBy: null };
  const arithmetic = (work.operations * passesPerSecond) / (2 * limits.multiplyAddsPerSecond);
  const memory = (work.bytes * passesPerSecond) / limits.bytesPerSecond;
  return arithmetic >= memory
    ? { shareOfLimit: arithmetic, limitedBy: 'arithmetic' }
    : { shareOfLimit: memory, limitedBy: 'memory' };
}

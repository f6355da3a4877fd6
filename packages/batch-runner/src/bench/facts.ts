/** The lines that stand above every table: machine, limits, and what was measured. */
import { scaled, threadsText } from './numbers.js';
import type { BenchResult } from './result.js';

export function machineLine({ machine, versions }: BenchResult): string {
  const { cpu, cores, governor, loadAverage } = machine;
  return [
    cpu,
    `${cores} ${cores === 1 ? 'core' : 'cores'}`,
    governor ? `governor ${governor}` : null,
    `load ${loadAverage.toFixed(2)} before`,
    `undertone ${versions.undertone}`,
    `Node ${versions.node}`,
    `${versions.compiler}`,
  ]
    .filter(Boolean)
    .join(', ');
}

export const limitLines = ({ limits }: BenchResult): string[] =>
  limits.map(
    ({ isa, threads, multiplyAddsPerSecond, bytesPerSecond }) =>
      `${isa}, ${threadsText(threads)}: ${scaled(multiplyAddsPerSecond)} multiply-adds/s, ${scaled(bytesPerSecond)}B/s copied`,
  );

export function measureLine({ benchmark, rows, settings }: BenchResult): string {
  const audio = settings.input ?? 'made-up speech';
  const what = Array.isArray(audio) ? (audio.length > 0 ? audio.join(' ') : 'made-up recordings') : audio;
  const repeats = rows[0]?.repeats ?? 0;
  const rounds = `${repeats} ${repeats === 1 ? 'round' : 'rounds'}`;
  return `bench ${benchmark}: ${what}; median (minimum–maximum) of ${rounds} after one to warm up`;
}

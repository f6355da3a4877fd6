/** The lines that stand above every table: machine, limits, and what was measured. */
import { percent, scaled, threadsText } from './numbers.js';
import type { BenchCorpus, BenchResult } from './result.js';

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

export function measureLine({ benchmark, rows, settings, corpus }: BenchResult): string {
  const audio = settings.input ?? 'made-up speech';
  const what = Array.isArray(audio) ? (audio.length > 0 ? audio.join(' ') : 'made-up recordings') : audio;
  const repeats = rows[0]?.repeats ?? 0;
  const rounds = `${repeats} ${repeats === 1 ? 'round' : 'rounds'}`;
  const about = corpus ? `; ${corpusText(corpus)}` : '';
  return `bench ${benchmark}: ${what}${about}; median (minimum–maximum) of ${rounds} after one to warm up`;
}

function corpusText({ recordings, audioSeconds, bytes, windows, scored, pageCache }: BenchCorpus): string {
  const cache =
    pageCache === 'warm' ? 'in the page cache' : 'larger than the free memory: partly read from disk';
  return [
    `${recordings.toLocaleString('en-US')} recordings of ${(audioSeconds / recordings).toFixed(1)} s`,
    `${(audioSeconds / 3600).toFixed(2)} h`,
    `${(bytes / 1e9).toFixed(3)} GB ${cache}`,
    `${percent(scored / windows)} of ${windows.toLocaleString('en-US')} windows through the model`,
  ].join(', ');
}

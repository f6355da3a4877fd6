// End-to-end speed of `undertone run`, with stages apart: the figures of docs/performance.md.
//   node bench/end-to-end.mjs <recordings…> [--repeats 7] [--workers 1,2]
// Every repeat is a whole run in a fresh process and an empty output folder; the settings take turns, so that a noisy
// neighbour disturbs all of them alike. The first round warms the page cache and is not counted.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const cli = fileURLToPath(new URL('../packages/batch-runner/bin/undertone.js', import.meta.url));
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { repeats: { type: 'string', default: '7' }, workers: { type: 'string', default: '1,2' } },
});
const repeats = Number(values.repeats);
if (!Number.isInteger(repeats) || repeats < 1 || positionals.length === 0) {
  console.error('Usage: node bench/end-to-end.mjs <recordings…> [--repeats n] [--workers 1,2]');
  process.exit(64);
}

/** One run in a process of its own. @returns its run.json */
function once(workers) {
  const out = mkdtempSync(path.join(os.tmpdir(), 'undertone-bench-'));
  try {
    execFileSync('node', [
      cli,
      'run',
      ...positionals,
      '--out',
      out,
      '--workers',
      workers,
      '--quiet',
      '--max-error-share',
      '1',
    ]);
    return JSON.parse(readFileSync(path.join(out, 'run.json'), 'utf8'));
  } finally {
    rmSync(out, { recursive: true });
  }
}

const median = (numbers) => {
  const sorted = [...numbers].sort((a, b) => a - b);
  return (sorted[(sorted.length - 1) >> 1] + sorted[sorted.length >> 1]) / 2;
};
const spread = (numbers, digits = 0) =>
  `${median(numbers).toFixed(digits)} (${Math.min(...numbers).toFixed(digits)}–${Math.max(...numbers).toFixed(digits)})`;

const settings = values.workers.split(',');
const runs = new Map(settings.map((workers) => [workers, []]));
for (let round = 0; round <= repeats; ++round) {
  for (const workers of settings) {
    const run = once(workers);
    if (round > 0) runs.get(workers).push(run);
  }
}

const [first] = runs.get(settings[0]);
console.log(
  `${first.machine.cpu}, ${first.machine.cores} cores, ${first.machine.instructionSet}; node ${first.versions.node}`,
);
console.log(
  `${first.totals.records} recordings, ${first.totals.audioSeconds.toFixed(0)} s of audio; model ${first.model.name}@${first.model.version}`,
);
console.log(`median (minimum–maximum) of ${repeats} runs; × is seconds of audio a second\n`);
for (const [workers, all] of runs) {
  const speed = (seconds) => all.map((run) => run.totals.audioSeconds / seconds(run));
  console.log(`workers ${workers}`);
  console.log(`  whole run        ${spread(speed((run) => run.totals.wallSeconds))} ×`);
  for (const stage of Object.keys(first.totals.workerSeconds)) {
    console.log(
      `  ${stage.padEnd(16)} ${spread(speed((run) => run.totals.workerSeconds[stage]))} × a worker`,
    );
  }
}

// How fast each model is on this machine: the whole road on one worker, from shell to tables, and the model alone on one thread.
//   node bench/models.mjs <recordings> [--models undertone-s,undertone-m] [--repeats 7]
// Writes models/<name>/evaluation/speed.json; `node models/claims.mjs --write` then brings it into the tables. Everything else
// on the machine should be quiet.
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { spreadOf } from '../packages/batch-runner/dist/bench/statistics.js';
import { openModel } from '../packages/inference/dist/index.js';

const at = (name) => fileURLToPath(new URL(name, import.meta.url));
const folder = at('../models');
const cli = at('../packages/batch-runner/bin/undertone.js');
const { version: onnxruntime } = JSON.parse(
  fs.readFileSync(at('../packages/inference/node_modules/onnxruntime-node/package.json'), 'utf8'),
);

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { models: { type: 'string' }, repeats: { type: 'string', default: '7' } },
});
const repeats = Number(values.repeats);
const all = fs.readdirSync(folder).filter((name) => fs.existsSync(path.join(folder, name, 'card.json')));
const names = values.models?.split(',') ?? all.sort();
const unknown = names.find((name) => !all.includes(name));
if (positionals.length !== 1 || !(repeats >= 1) || unknown !== undefined) {
  console.error(
    unknown === undefined
      ? 'Usage: node bench/models.mjs <recordings> [--models <list>] [--repeats <n>]'
      : `There is no model ${unknown}: the models are ${all.join(', ')}`,
  );
  process.exit(64);
}

/** Seconds of a round of the model alone: long enough for the clock, and for what else the machine does to show. */
const ROUND_SECONDS = 0.5;

const scratch = fs.mkdtempSync(path.join(os.tmpdir(), 'undertone-models-'));
try {
  for (const name of names) {
    const directory = path.join(folder, name);
    const speed = await speedOf(directory);
    const target = path.join(directory, 'evaluation', 'speed.json');
    fs.mkdirSync(path.dirname(target), { recursive: true });
    fs.writeFileSync(target, `${JSON.stringify(speed, null, 2)}\n`);
    const { road, graph } = speed.timesRealTime;
    console.log(
      `${name}: ${Math.round(road.median)} × real time, the model alone ${Math.round(graph.median)} ×`,
    );
  }
} finally {
  fs.rmSync(scratch, { recursive: true, force: true });
}

async function speedOf(directory) {
  const result = benchRun(directory);
  const { graph, windows, card } = await modelAlone(directory);
  const [row] = result.rows;
  const { recordings, audioSeconds, format } = result.corpus;
  const hours = (audioSeconds / 3600).toFixed(1);
  return {
    schema: 'undertone-speed/1',
    model: { name: card.name, version: card.version, sha256: card.model.sha256 },
    startedAt: result.startedAt,
    machine: result.machine,
    versions: { ...result.versions, onnxruntime },
    instructionSet: row.isa,
    conditions: `medians and range of ${repeats} rounds; ${recordings} recordings, ${hours} h of ${format}; windows of ${card.window.lengthS} s every ${card.window.hopS} s; the model alone on ${windows} windows a run`,
    timesRealTime: { road: spread(row.timesRealTime, row.min, row.max), graph },
    stages: row.run.stages,
  };
}

function spread(median, min, max) {
  const round = (value) => Math.round(10 * value) / 10;
  return { median: round(median), min: round(min), max: round(max) };
}

/** The whole road: a process of its own for each run, on one worker. */
function benchRun(directory) {
  const file = path.join(scratch, 'result.json');
  const flags = ['--model', directory, '--device', 'cpu', '--workers', '1', '--repeats', String(repeats)];
  execFileSync(process.execPath, [cli, 'bench', 'run', positionals[0], ...flags, '--json', file, '--quiet'], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  return JSON.parse(fs.readFileSync(file, 'utf8'));
}

/** Full runs of the graph over made-up features, as many windows each as serving gives it. */
async function modelAlone(directory) {
  const model = await openModel(directory, { device: 'cpu' });
  try {
    const { stretchWindows, frames } = model.window;
    const rows = model.rowsPerWindow + (stretchWindows - 1) * (frames?.hopRows ?? 0);
    const slices = Array.from({ length: model.batchSlices(stretchWindows) }, (_, i) => ({
      values: Float32Array.from({ length: rows * model.columns }, (_, j) => Math.sin(7919 * (j + 31 * i))),
      rows,
      columns: model.columns,
    }));
    const windows = slices.length * stretchWindows;
    const rates = [];
    for (let round = 0; round <= repeats; ++round) {
      const begin = performance.now();
      let runs = 0;
      let seconds = 0;
      for (; seconds < ROUND_SECONDS; ++runs) {
        await model.score(slices, stretchWindows);
        seconds = (performance.now() - begin) / 1000;
      }
      // The first warms up.
      if (round > 0) rates.push((runs * windows * model.card.window.hopS) / seconds);
    }
    const { median, min, max } = spreadOf(rates);
    return { graph: spread(median, min, max), windows, card: model.card };
  } finally {
    await model.close();
  }
}

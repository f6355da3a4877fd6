/**
 * How much memory and time a run over very many short recordings takes: planning, labelling, merging, proving.
 *
 *   node bench/scale.mjs [--files 1000000] [--seconds 1] [--share 50] [--workers 2] [--keep <dir>]
 *
 * Makes hard links to a hundred made-up recordings, plans all of them, labels one part in `share` of the plan, and for
 * the rest of the plan commits nothing; then labels and merges a whole run over a `share`-th of the files. Prints the
 * peak of the resident memory of all processes of each command together, sampled every 50 ms.
 */
import { linkSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { runUndertone, wavHead } from './peak.mjs';

const { values } = parseArgs({
  options: {
    files: { type: 'string', default: '1000000' },
    seconds: { type: 'string', default: '1' },
    share: { type: 'string', default: '50' },
    workers: { type: 'string', default: '2' },
    keep: { type: 'string' },
  },
});
const files = Number(values.files);
const share = Number(values.share);
const workers = Number(values.workers);
const RATE = 16000;
const DISTINCT = 100;
const IN_FOLDER = 1000;

function wav(seconds, seed) {
  const samples = Math.round(seconds * RATE);
  const bytes = Buffer.concat([wavHead(RATE, 2 * samples), Buffer.alloc(2 * samples)]);
  // A voiced sound with syllables: harmonics of a wandering pitch under a slow envelope.
  for (let i = 0, phase = 0; i < samples; ++i) {
    phase += (2 * Math.PI * (120 + seed + 20 * Math.sin(i / 5000))) / RATE;
    const envelope = 0.2 + 0.8 * Math.abs(Math.sin(i / (1500 + 10 * seed)));
    let sample = 0;
    for (let harmonic = 1; harmonic <= 12; ++harmonic) sample += Math.sin(harmonic * phase) / harmonic;
    bytes.writeInt16LE(Math.round(6000 * envelope * sample), 44 + 2 * i);
  }
  return bytes;
}

function makeCorpus(folder) {
  mkdirSync(join(folder, 'seed'), { recursive: true });
  const seeds = Array.from({ length: DISTINCT }, (_, i) => {
    const path = join(folder, 'seed', `${i}.wav`);
    writeFileSync(path, wav(Number(values.seconds), i));
    return path;
  });
  for (let i = 0; i < files; ++i) {
    const sub = join(folder, 'in', String(Math.floor(i / IN_FOLDER)).padStart(5, '0'));
    if (i % IN_FOLDER === 0) mkdirSync(sub, { recursive: true });
    linkSync(seeds[i % DISTINCT], join(sub, `call-${String(i).padStart(8, '0')}.wav`));
  }
  return join(folder, 'in');
}

async function measure(what, args) {
  const { code, stderr, peakBytes, seconds } = await runUndertone(args);
  console.log(`${what}: ${seconds.toFixed(1)} s, peak ${(peakBytes / 1e6).toFixed(0)} MB, exit ${code}`);
  if (code !== 0) console.log(stderr.split('\n').slice(-5).join('\n'));
  return peakBytes;
}

const folder = values.keep ?? mkdtempSync(join(tmpdir(), 'undertone-scale-'));
try {
  const begin = performance.now();
  const input = makeCorpus(folder);
  console.log(
    `${files} recordings of ${values.seconds} s made in ${((performance.now() - begin) / 1000).toFixed(1)} s`,
  );
  const bound = 400e6 + 150e6 * workers;
  console.log(`bound: 400 MB + 150 MB a worker = ${bound / 1e6} MB`);
  const common = ['--workers', values.workers, '--max-error-share', '1', '--quiet'];
  const out = join(folder, 'out');
  const peaks = [
    await measure(`plan all, label part 1 of ${share}`, [
      'run',
      input,
      '--out',
      out,
      '--shard',
      `1/${share}`,
      ...common,
    ]),
    await measure(`plan found, label part 2 of ${share}`, [
      'run',
      input,
      '--out',
      out,
      '--shard',
      `2/${share}`,
      ...common,
    ]),
    await measure('verify', ['verify', out]),
  ];
  const folders = readdirSync(input).slice(0, Math.ceil(files / IN_FOLDER / share));
  const list = join(folder, 'list.jsonl');
  const lines = folders.flatMap((sub) =>
    readdirSync(join(input, sub)).map((name) => JSON.stringify({ file: join(input, sub, name) })),
  );
  writeFileSync(list, `${lines.join('\n')}\n`);
  const part = join(folder, 'part-out');
  const formats = ['--formats', 'csv,jsonl,parquet'];
  peaks.push(
    await measure(`label and merge ${lines.length}`, ['run', list, '--out', part, ...formats, ...common]),
    await measure('the same again: nothing to label, merge', [
      'run',
      list,
      '--out',
      part,
      ...formats,
      ...common,
    ]),
    await measure('verify', ['verify', part]),
  );
  const worst = Math.max(...peaks);
  console.log(`worst peak ${(worst / 1e6).toFixed(0)} MB: ${worst <= bound ? 'within' : 'OVER'} the bound`);
  process.exitCode = worst <= bound ? 0 : 1;
} finally {
  if (!values.keep) rmSync(folder, { recursive: true, force: true });
}

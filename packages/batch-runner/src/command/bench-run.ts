/** `undertone bench run`: the whole road, from shell to tables. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describeBuild } from '@undertone/dsp-native';
import { UndertoneError } from '@undertone/shared';
import type { Command } from 'commander';
import { corpusOf } from '../bench/corpus.js';
import { writeCorpus } from '../bench/recordings.js';
import { type BenchResult, RESULT_SCHEMA, readResult } from '../bench/result.js';
import { type Corpus, runRow } from '../bench/run-rows.js';
import { type RunTimes, WholeRuns } from '../bench/whole-run.js';
import { openFinishedRun } from '../commit/finished-run.js';
import { PartQuery } from '../read/part-query.js';
import { benchMachine, machineRecord } from '../report/run-record.js';
import { type BenchRunSettings, benchRunSettings, PASSED_TO_RUN } from '../settings.js';
import { checkTargets, commandLine, hand, showProgress } from './bench-output.js';
import { addFlags, flagOf, parseFlags } from './flags.js';
import { endOnSignal } from './interrupt.js';

export function addBenchRun(bench: Command): void {
  addFlags(
    bench
      .command('run')
      .summary('undertone run from shell to tables: recordings named, or made-up WAV')
      .argument('[inputs...]'),
    benchRunSettings,
  ).action(async (inputs: string[], texts: Record<string, unknown>) => {
    const settings = parseFlags(benchRunSettings, texts);
    checkTargets(settings);
    const old = settings.compare === undefined ? null : readResult(settings.compare);
    const scratch = mkdtempSync(join(tmpdir(), 'undertone-bench-'));
    const cleanUp = (): void => rmSync(scratch, { recursive: true, force: true });
    let runs: WholeRuns | null = null;
    const forget = endOnSignal(() => {
      runs?.kill();
      cleanUp();
    });
    try {
      const made =
        inputs.length === 0 ? writeCorpus(join(scratch, 'in'), settings.files, settings.seconds) : [];
      runs = new WholeRuns([...inputs, ...made, ...passedFlags(settings)]);
      const startedAt = new Date().toISOString();
      const machine = benchMachine();
      const { corpus, device, times } = await rounds(runs, settings, scratch);
      const where = { device, isa: describeBuild().instructionSet };
      const result: BenchResult = {
        schema: RESULT_SCHEMA,
        benchmark: 'run',
        command: commandLine(),
        startedAt,
        settings: { ...settings, input: inputs },
        machine,
        versions: { ...machineRecord().versions },
        limits: [],
        corpus: { ...corpus, pageCache: fits(corpus) ? 'warm' : 'too small' },
        rows: [...times].map(([workers, each]) => runRow(corpus, where, workers, each)),
      };
      await hand(result, settings, old);
    } finally {
      forget();
      cleanUp();
    }
  });
}

/** Numbers of workers take turns; the first round warms up and tells what the recordings are. */
async function rounds(
  runs: WholeRuns,
  { workers, repeats, quiet }: BenchRunSettings,
  scratch: string,
): Promise<{ corpus: Corpus; device: string; times: Map<number, RunTimes[]> }> {
  const out = join(scratch, 'out');
  const times = new Map<number, RunTimes[]>([...new Set(workers)].map((count) => [count, []]));
  let corpus: Corpus | null = null;
  let device = '';
  for (let round = 0; round <= repeats; ++round) {
    showProgress(quiet, round === 0 ? 'warming up' : `round ${round} of ${repeats}`);
    for (const [count, taken] of times) {
      const one = await runs.once(count, out);
      if (round > 0) taken.push(one);
      else corpus ??= await corpusIn(out, scratch);
    }
    if (round === 0) device = deviceIn(out);
  }
  showProgress(quiet, '');
  if (!corpus) throw new Error('No round has run');
  return { corpus, device, times };
}

async function corpusIn(out: string, scratch: string): Promise<Corpus> {
  const query = await PartQuery.open(join(scratch, 'spill'));
  try {
    const corpus = await corpusOf(openFinishedRun(out), query);
    if (corpus.windows > 0 && corpus.audioSeconds > 0) return corpus;
  } finally {
    query.close();
  }
  throw new UndertoneError('usage', 'inputs', 'None of the inputs is a recording that can be labelled');
}

/** What `--device auto` came to. */
const deviceIn = (out: string): string => String(openFinishedRun(out).record.fingerprintParts.device);

/** The flags that were given, as `undertone run` takes them. */
function passedFlags(settings: BenchRunSettings): string[] {
  return PASSED_TO_RUN.flatMap((key) => {
    const value = settings[key];
    if (value === undefined) return [];
    return (key === 'model' ? [value].flat() : [String(value)]).flatMap((text) => [
      flagOf(key),
      String(text),
    ]);
  });
}

/** Whether the recordings can have stayed in the page cache since the round before. */
const fits = ({ bytes }: Corpus): boolean => bytes < process.availableMemory();

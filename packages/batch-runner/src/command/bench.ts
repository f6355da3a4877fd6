/** `undertone bench`: how fast this machine computes features, resamples, decodes and runs, and how near that is to its limit. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describeBuild } from '@undertone/dsp-native';
import type { Command } from 'commander';
import { IsaProcess } from '../bench/isa-process.js';
import { writeRecordings } from '../bench/recordings.js';
import { type BenchResult, RESULT_SCHEMA, readResult } from '../bench/result.js';
import { measureRounds } from '../bench/rounds.js';
import { toRows } from '../bench/rows.js';
import type { Task } from '../bench/task.js';
import { decodeTasks, featureTasks, resampleTasks } from '../bench/tasks.js';
import { collectInputs } from '../manifest/inputs.js';
import { benchMachine, machineRecord } from '../report/run-record.js';
import {
  type BenchSettings,
  benchDecodeSettings,
  benchFeaturesSettings,
  benchResampleSettings,
} from '../settings.js';
import { benchCuda } from './bench-cuda.js';
import { checkTargets, commandLine, hand, showProgress } from './bench-output.js';
import { addBenchRun } from './bench-run.js';
import { addFlags, parseFlags } from './flags.js';
import { endOnSignal } from './interrupt.js';

type Texts = Record<string, unknown>;

export function addBench(program: Command): void {
  const bench = program
    .command('bench')
    .summary('measure features, resampling or decoding against the limits of this machine, or whole runs')
    .description(
      'Times the native code in rounds, everything once a round, and prints × real time (median and spread), frames/s,\n' +
        'GB/s and the share of what the machine could do at most, which is measured in the same run. docs/bench.md.',
    );
  addFlags(bench.command('features').summary('feature sets'), benchFeaturesSettings).action(
    async (texts: Texts) => {
      const settings = parseFlags(benchFeaturesSettings, texts);
      if (settings.device !== 'cpu') return await benchCuda(settings);
      const source = { seconds: settings.seconds, input: settings.input ?? null };
      await measure('features', settings, () => featureTasks(settings.set, source));
    },
  );
  addFlags(
    bench.command('resample').summary('the resampler, by pairs of rates'),
    benchResampleSettings,
  ).action(async (texts: Texts) => {
    const settings = parseFlags(benchResampleSettings, texts);
    const source = { seconds: settings.seconds, input: settings.input ?? null };
    await measure('resample', settings, () => resampleTasks(settings.rates, source));
  });
  addFlags(
    bench
      .command('decode')
      .summary('reading recordings: those named, or made-up WAV of several encodings')
      .argument('[inputs...]'),
    benchDecodeSettings,
  ).action(async (inputs: string[], texts: Texts) => {
    const settings = parseFlags(benchDecodeSettings, texts);
    const files: string[] = [];
    await collectInputs(
      inputs,
      () => process.stdin,
      ({ path }) => files.push(Buffer.from(path).toString('utf8')),
    );
    await measure('decode', { ...settings, input: inputs }, (scratch) => {
      const made = inputs.length === 0 ? writeRecordings(scratch(), settings.seconds) : [];
      return decodeTasks([...made, ...files], (sentence) => process.stderr.write(`${sentence}\n`));
    });
  });
  addBenchRun(bench);
}

/**
 * @param makeTasks is handed a function that makes a temporary folder, gone when the command ends
 * @throws UndertoneError usage, unsupported_device, or what the work throws
 */
async function measure(
  benchmark: BenchResult['benchmark'],
  settings: BenchSettings & { readonly input?: string | readonly string[] | undefined },
  makeTasks: (scratch: () => string) => Task[],
): Promise<void> {
  checkTargets(settings);
  const old = settings.compare === undefined ? null : readResult(settings.compare);
  const cleanUps: (() => void)[] = [];
  const cleanUp = (): void => {
    for (const act of cleanUps.splice(0)) act();
  };
  const forget = endOnSignal(cleanUp);
  try {
    const tasks = makeTasks(() => {
      const folder = mkdtempSync(join(tmpdir(), 'undertone-bench-'));
      cleanUps.push(() => rmSync(folder, { recursive: true, force: true }));
      return folder;
    });
    const startedAt = new Date().toISOString();
    const machine = benchMachine();
    const threads = [...new Set(settings.threads)];
    const processes = instructionSets(settings.isa).map((isa) => new IsaProcess(isa));
    cleanUps.push(() => {
      for (const process of processes) process.kill();
    });
    for (const process of processes) await process.start(Math.max(...threads));
    const { repeats } = settings;
    const measured = await measureRounds({ tasks, processes, threads, repeats }, (round) =>
      showProgress(settings.quiet, round === 0 ? 'warming up' : `round ${round} of ${repeats}`),
    );
    showProgress(settings.quiet, '');
    const result: BenchResult = {
      schema: RESULT_SCHEMA,
      benchmark,
      command: commandLine(),
      startedAt,
      settings: { ...settings },
      machine,
      versions: { ...machineRecord().versions },
      limits: measured.limits,
      rows: toRows(measured.rows, measured.limits),
    };
    await hand(result, settings, old);
  } finally {
    forget();
    cleanUp();
  }
}

/** @throws UndertoneError unsupported_device from the add-on for an instruction set that is not there, once it starts */
function instructionSets(wanted: BenchSettings['isa']): string[] {
  if (wanted === undefined) return [describeBuild().instructionSet];
  return wanted.includes('all') ? describeBuild().instructionSets : [...new Set(wanted)];
}

/** `undertone run`: recordings in, labelled tables out. */
import type { Command } from 'commander';
import { changesLine, partLines } from '../report/parts.js';
import { duration } from '../report/progress.js';
import { runSettings } from '../settings.js';
import { type Supervised, supervise } from '../supervisor/supervise.js';
import { addFlags, parseFlags } from './flags.js';
import { outcome } from './outcome.js';

export function addRun(program: Command): void {
  const command = program
    .command('run')
    .summary('label recordings: segments.csv, files.csv, errors.csv and run.json')
    .description(
      'Finds the recordings in the inputs (files, folders, globs, a manifest .csv or .jsonl, - for paths on standard input),\n' +
        'labels every window of each and writes one row a window and one a file. A run that was interrupted goes on when\n' +
        'the same command is given again.',
    )
    .argument('<inputs...>');
  addFlags(command, runSettings).action(async (inputs: string[], flags: Record<string, unknown>) => {
    process.exitCode = await run(inputs, flags);
  });
}

async function run(inputs: string[], texts: Record<string, unknown>): Promise<number> {
  const settings = parseFlags(runSettings, texts);
  const result = await supervise('run', inputs, settings);
  if (!settings.quiet) report(result, settings.out);
  return outcome(result, settings.maxErrorShare);
}

function report(result: Supervised, out: string): void {
  const { passedOver, part } = result;
  const speed = result.decodedSeconds / result.wallSeconds;
  const lines = [
    `${result.records} recordings, ${duration(result.audioSeconds)} of audio, ${result.rows.segments ?? 0} segments, ${result.errors} errors`,
    result.resumedRecords > 0 ? `${result.resumedRecords} recordings were already committed` : '',
    result.decodedSeconds > 0
      ? `${duration(result.wallSeconds)}, ${Math.round(speed).toLocaleString('en-US')} × real time`
      : '',
    passedOver > 0 ? `${passedOver} files passed over: their names are not those of recordings` : '',
    changesLine(result.changes),
    ...(part ? partLines(part, out) : [`Tables in ${out}: segments, files, errors, run.json`]),
  ];
  process.stderr.write(`${lines.filter(Boolean).join('\n')}\n`);
}

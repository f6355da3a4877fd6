/** `undertone features`: recordings in, feature matrices and tables out. Training and serving share what it computes. */
import type { Command } from 'commander';
import { changesLine, partLines } from '../report/parts.js';
import { duration } from '../report/progress.js';
import { featuresSettings } from '../settings.js';
import { type Supervised, supervise } from '../supervisor/supervise.js';
import { addFlags, parseFlags } from './flags.js';
import { outcome } from './outcome.js';

export function addFeatures(program: Command): void {
  const command = program
    .command('features')
    .summary('compute a feature set: features.csv (one row a file) and matrices as npy, CSV or Parquet')
    .description(
      'Computes a named feature set. features.csv has one row a file with its label when the name or manifest gives one;\n' +
        'npy writes one matrix a file (frames × columns, float32), csv and parquet one table of all frames.',
    )
    .argument('[inputs...]')
    .option('--list', 'list the feature sets');
  addFlags(command, featuresSettings).action(async (inputs: string[], flags: Record<string, unknown>) => {
    if (flags.list) {
      // The sets come with the native code, which this process has no other use for.
      const { setLines } = await import('./feature-sets.js');
      process.stdout.write(`${setLines().join('\n')}\n`);
      return;
    }
    process.exitCode = await features(inputs, flags);
  });
}

async function features(inputs: string[], flags: Record<string, unknown>): Promise<number> {
  const settings = parseFlags(featuresSettings, flags);
  const result = await supervise('features', inputs, settings);
  if (!settings.quiet) report(result, settings.out);
  return outcome(result, settings.maxErrorShare);
}

function report(result: Supervised, out: string): void {
  const files = [...result.written, 'features.json', 'errors.csv', 'run.json'].join(', ');
  const lines = [
    `${result.records} recordings, ${duration(result.audioSeconds)} of audio, ${result.errors} errors, ${duration(result.wallSeconds)}`,
    changesLine(result.changes),
    ...(result.part ? partLines(result.part, out) : [`Features in ${out}: ${files}`]),
  ];
  process.stderr.write(`${lines.filter(Boolean).join('\n')}\n`);
}

/** `undertone merge`: committed shards, of one folder or of several, → the tables of the whole run. */

import { resolve } from 'node:path';
import { performance } from 'node:perf_hooks';
import { UndertoneError } from '@undertone/shared';
import type { Command } from 'commander';
import { joinRuns } from '../commit/join.js';
import { writeRunFile } from '../commit/ledger.js';
import { mergeRun } from '../commit/merge.js';
import { duration } from '../report/progress.js';
import { mergeSettings } from '../settings.js';
import { addFlags, parseFlags } from './flags.js';

export function addMerge(program: Command): void {
  const command = program
    .command('merge')
    .summary('write the tables of a run that was done in parts (`run --shard`), from one folder or several')
    .description(
      'Checks that every shard of the plan is committed and writes the tables, with the bytes of a run done by one\n' +
        'machine. Several folders, one a machine, are joined in --out; their runs must have the same recordings, settings\n' +
        'and program, whatever their input folders were called. One folder is merged where it is, unless --out is given.',
    )
    .argument('<folders...>');
  addFlags(command, mergeSettings).action(async (folders: string[], flags: Record<string, unknown>) => {
    await merge(folders, flags);
  });
}

async function merge(given: readonly string[], flags: Record<string, unknown>): Promise<void> {
  const settings = parseFlags(mergeSettings, flags);
  const folders = given.map((folder) => resolve(folder));
  if (folders.length > 1 && settings.out === undefined)
    throw new UndertoneError(
      'usage',
      '--out',
      'Missing --out: several folders are joined in a folder of their own',
    );
  const begin = performance.now();
  const out = settings.out === undefined ? (folders[0] ?? '') : resolve(settings.out);
  const { run, plan } = await joinRuns(folders, out);
  const totals = await mergeRun(out, plan, run.merge);
  const wallSeconds = (performance.now() - begin) / 1000;
  await writeRunFile(out, {
    ...run,
    state: 'complete',
    finishedAt: new Date().toISOString(),
    totals: { ...totals, wallSeconds },
  });
  if (settings.quiet) return;
  const rows = Object.entries(totals.rows).map(([table, count]) => `${count} rows in ${table}`);
  process.stderr.write(
    `${totals.records} recordings, ${duration(totals.audioSeconds)} of audio, ${totals.recordsWithErrors} errors, ${plan.shards.length} shards, ${duration(wallSeconds)}\n` +
      `Tables in ${out}: ${rows.join(', ')}\n`,
  );
}

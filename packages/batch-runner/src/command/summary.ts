/** `undertone summary`: what a finished run found, in a page. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Command } from 'commander';
import { openFinishedRun } from '../commit/finished-run.js';
import { PartQuery } from '../read/part-query.js';
import { summarySettings } from '../settings.js';
import { summarise } from '../summary/collect.js';
import { asText } from '../summary/text.js';
import { addFlags, parseFlags } from './flags.js';
import { endOnSignal } from './interrupt.js';

export function addSummary(program: Command): void {
  const command = program
    .command('summary')
    .summary('totals, classes by hour, role and folder, slow and failed files of a finished run')
    .description(
      'Prints what a finished run found: totals, labels, confidence, flags, classes by hour into the recordings, by hour of the\n' +
        'day where file names tell, by role and by folder, the slowest and the failed files. docs/analysts.md.',
    )
    .argument('<run>', 'folder that undertone run wrote');
  addFlags(command, summarySettings).action(async (run: string, texts: Record<string, unknown>) => {
    const settings = parseFlags(summarySettings, texts);
    const finished = openFinishedRun(run);
    const scratch = mkdtempSync(join(tmpdir(), 'undertone-summary-'));
    const cleanUp = (): void => rmSync(scratch, { recursive: true, force: true });
    const forget = endOnSignal(cleanUp);
    try {
      const query = await PartQuery.open(join(scratch, 'spill'));
      try {
        const summary = await summarise(finished, query, settings.top);
        process.stdout.write(settings.json ? `${JSON.stringify(summary, null, 2)}\n` : asText(summary));
      } finally {
        query.close();
      }
    } finally {
      forget();
      cleanUp();
    }
  });
}

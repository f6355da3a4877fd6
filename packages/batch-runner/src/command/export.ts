/** `undertone export`: the labels of a finished run in the format of an annotation tool. */
import { randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { expectation, toErrorData, UndertoneError } from '@undertone/shared';
import type { Command } from 'commander';
import { type FinishedRun, openFinishedRun } from '../commit/finished-run.js';
import { type ExportResult, exportRun } from '../export/export.js';
import type { ExportFormat } from '../export/format.js';
import { EXPORTS } from '../export/registry.js';
import { PartQuery } from '../read/part-query.js';
import { type ExportSettings, exportSettings } from '../settings.js';
import { VERSION } from '../version.js';
import { addFlags, parseFlags } from './flags.js';
import { endOnSignal } from './interrupt.js';

export function addExport(program: Command): void {
  const command = program
    .command('export')
    .summary('labels of a finished run for Praat, ELAN, Audacity, RTTM or audformat')
    .description(
      'Writes the labels of a finished run in the format of another tool, whatever tables the run wrote. Windows overlap: where\n' +
        'the format does not allow that, each instant takes the label of the window whose centre is nearest. docs/export.md.',
    )
    .argument('<run>', 'folder that undertone run wrote');
  addFlags(command, exportSettings).action(async (run: string, texts: Record<string, unknown>) => {
    const settings = parseFlags(exportSettings, texts);
    const format = EXPORTS[settings.to];
    const finished = openFinishedRun(run);
    checkTarget(settings.out, format);
    const result = await exportTo(finished, format, settings);
    if (!settings.quiet) report(result, settings);
  });
}

/** Never over an earlier export: somebody may have corrected it by hand. @throws UndertoneError usage */
function checkTarget(out: string, { makes }: ExportFormat): void {
  const target = resolve(out);
  const refuse = (what: string): never => {
    throw new UndertoneError('usage', '--out', expectation(what, '--out', out));
  };
  if (existsSync(target)) refuse(`a ${makes} that does not exist yet`);
  if (!statSync(dirname(target), { throwIfNoEntry: false })?.isDirectory())
    refuse(`a ${makes} in an existing folder`);
}

/** The export has its name only once it is whole. */
async function exportTo(
  run: FinishedRun,
  format: ExportFormat,
  { out, label, minConfidence, merge }: ExportSettings,
): Promise<ExportResult> {
  const target = resolve(out);
  const scratch = join(dirname(target), `.undertone-export-${randomUUID()}`);
  const cleanUp = (): void => rmSync(scratch, { recursive: true, force: true });
  const forget = endOnSignal(cleanUp);
  try {
    mkdirSync(scratch);
    const temporary = join(scratch, basename(target));
    if (format.makes === 'folder') mkdirSync(temporary);
    const query = await PartQuery.open(join(scratch, 'spill'));
    const settings = { label, minConfidence, merge };
    try {
      const result = await exportRun(run, query, { format, settings, program: VERSION, temporary, target });
      renameSync(temporary, target);
      return result;
    } finally {
      query.close();
    }
  } catch (thrown) {
    throw unwritable(thrown, out);
  } finally {
    forget();
    cleanUp();
  }
}

/** What the file system says about the export's own files is no fate of a recording. */
function unwritable(thrown: unknown, out: string): unknown {
  if (thrown instanceof UndertoneError || !(thrown as NodeJS.ErrnoException).syscall) return thrown;
  const { message } = toErrorData(thrown, out);
  return new UndertoneError('output_unwritable', out, `Export cannot be written: ${message}`);
}

function report({ recordings, intervals, leftOut }: ExportResult, { to, out }: ExportSettings): void {
  const without = leftOut > 0 ? `; ${leftOut} recordings without a window are left out` : '';
  process.stderr.write(`${recordings} recordings, ${intervals} intervals as ${to} in ${out}${without}\n`);
}

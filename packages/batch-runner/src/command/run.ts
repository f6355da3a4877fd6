/** `undertone run`: recordings in, labelled tables out. */
import { resolve } from 'node:path';
import {
  cardDigest,
  chooseProviders,
  deviceOf,
  loadCard,
  probeMachine,
  resolveModel,
  resolveWindow,
  runtimeFolder,
} from '@undertone/inference';
import type { Command } from 'commander';
import { replaceFile } from '../commit/ledger.js';
import { collectInputs } from '../manifest/inputs.js';
import { ManifestBuilder } from '../manifest/manifest.js';
import { duration } from '../report/progress.js';
import { runSettings } from '../settings.js';
import { type FingerprintParts, fingerprintOf } from '../shard/fingerprint.js';
import { writeErrorsTable } from '../sink/errors.js';
import { SINKS } from '../sink/registry.js';
import { filesTable, segmentsTable } from '../sink/table.js';
import { VERSION } from '../version.js';
import { type ExecutionResult, execute } from './execute.js';
import { addFlags, namingFlags, parseFlags } from './flags.js';
import { MODELS_FOLDER } from './models-folder.js';
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
  const flags = { model: '--model', device: '--device', 'run.windowS': '--window', 'run.hopS': '--hop' };
  const modelFolder = await namingFlags(flags, () => resolveModel(settings.model, [MODELS_FOLDER]));
  const card = await loadCard(modelFolder);
  const { name: device, providers } = await namingFlags(flags, () =>
    chooseProviders(settings.device, probeMachine(runtimeFolder())),
  );
  await namingFlags(flags, () => resolveWindow(card, { windowS: settings.window, hopS: settings.hop }));
  const out = resolve(settings.out);
  const builder = new ManifestBuilder();
  const found = await collectInputs(
    inputs,
    () => process.stdin,
    (entry) => builder.add(entry),
  );
  const manifest = builder.build();
  const parts: FingerprintParts = {
    command: 'run',
    program: VERSION,
    model: card.model.sha256,
    card: cardDigest(card),
    window: settings.window ?? card.window.lengthS,
    hop: settings.hop ?? card.window.hopS,
    channels: settings.channels,
    device,
    silenceDbfs: settings.silenceDbfs,
  };
  const fingerprint = fingerprintOf(parts);
  const files = filesTable(card.classes);
  const result = await execute({
    command: 'run',
    job: {
      kind: 'label',
      out,
      fingerprint,
      channels: settings.channels,
      modelFolder,
      devices: [deviceOf(providers[0]), ...providers.slice(1).map(deviceOf)],
      windowS: settings.window ?? null,
      hopS: settings.hop ?? null,
      silenceDbfs: settings.silenceDbfs,
    },
    identity: { fingerprint, fingerprintParts: parts },
    settings,
    inputs,
    passedOver: found.passedOver,
    manifest,
    tables: [segmentsTable(card.classes), files],
    recordTable: files,
    sinksOf: () => settings.formats.map((format) => SINKS[format]),
    extras: async (partsByTable) => {
      await replaceFile(out, 'errors.csv', (temporary) =>
        writeErrorsTable(
          files,
          files.columns.length,
          partsByTable.get('files') ?? [],
          temporary,
          settings.excelBom,
        ),
      );
    },
    excelBom: settings.excelBom,
    workers: settings.workers,
    quiet: settings.quiet,
    model: { name: card.name, version: card.version, sha256: card.model.sha256, licence: card.licence },
  });
  if (!settings.quiet) report(result, settings.out, found.passedOver);
  return outcome(result, settings.maxErrorShare);
}

function report(result: ExecutionResult, out: string, passedOver: number): void {
  const speed = result.decodedSeconds / result.wallSeconds;
  const lines = [
    `${result.records} recordings, ${duration(result.audioSeconds)} of audio, ${result.rows.segments ?? 0} segments, ${result.errors} errors`,
    result.resumedRecords > 0 ? `${result.resumedRecords} recordings were already committed` : '',
    result.decodedSeconds > 0
      ? `${duration(result.wallSeconds)}, ${Math.round(speed).toLocaleString('en-US')} × real time`
      : '',
    passedOver > 0 ? `${passedOver} files passed over: their names are not those of recordings` : '',
    `Tables in ${out}: segments, files, errors, run.json`,
  ];
  process.stderr.write(`${lines.filter(Boolean).join('\n')}\n`);
}

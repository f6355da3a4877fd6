/** `undertone features`: recordings in, feature matrices and tables out. Training and serving share what it computes. */
import { resolve } from 'node:path';
import { FEATURE_SETS, featureSet } from '@undertone/dsp-native';
import { canonicalJson, columnNames, oneRowPerUtterance, sha256Hex } from '@undertone/shared';
import type { Command } from 'commander';
import { replaceFile } from '../commit/ledger.js';
import { collectInputs } from '../manifest/inputs.js';
import { ManifestBuilder } from '../manifest/manifest.js';
import { duration } from '../report/progress.js';
import { featuresSettings } from '../settings.js';
import { type FingerprintParts, fingerprintOf } from '../shard/fingerprint.js';
import { writeErrorsTable } from '../sink/errors.js';
import { SINKS } from '../sink/registry.js';
import { featureFilesTable, framesTable, type Table } from '../sink/table.js';
import { writeTextFile } from '../sink/text-file.js';
import { VERSION } from '../version.js';
import { type ExecutionResult, execute } from './execute.js';
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
      process.stdout.write(`${setLines().join('\n')}\n`);
      return;
    }
    process.exitCode = await features(inputs, flags);
  });
}

/** A table of the sets: how many values each gives, at which rate, and what it is. */
function setLines(): string[] {
  const rows = [...FEATURE_SETS.values()].map(({ name, description, frontEnd }) => [
    name,
    `${columnNames(frontEnd).length} a ${oneRowPerUtterance(frontEnd) ? 'file' : 'frame'}`,
    `${frontEnd.sampleRateHz} Hz`,
    description,
  ]);
  const table = [['set', 'values', 'rate', 'what'], ...rows];
  const widths = [0, 1, 2].map((column) => Math.max(...table.map((row) => row[column]?.length ?? 0)));
  return table.map((row) => row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  '));
}

async function features(inputs: string[], flags: Record<string, unknown>): Promise<number> {
  const settings = parseFlags(featuresSettings, flags);
  const { frontEnd } = featureSet(settings.set);
  const onePerRecording = oneRowPerUtterance(frontEnd);
  const npy = settings.formats.includes('npy') && !onePerRecording;
  const tableFormats = settings.formats.filter((format) => format !== 'npy');
  const frameRows = tableFormats.length > 0 && !onePerRecording;
  const out = resolve(settings.out);
  const builder = new ManifestBuilder();
  const found = await collectInputs(
    inputs,
    () => process.stdin,
    (entry) => builder.add(entry),
  );
  const manifest = builder.build();
  const parts: FingerprintParts = {
    command: 'features',
    program: VERSION,
    set: settings.set,
    frontEnd: sha256Hex(canonicalJson(frontEnd)),
    channels: settings.channels,
    formats: settings.formats.join(','),
  };
  const fingerprint = fingerprintOf(parts);
  const names = columnNames(frontEnd);
  const values = onePerRecording ? names : [];
  const index = featureFilesTable(values);
  const tables = frameRows ? [index, framesTable(names)] : [index];
  // features.csv is always there: it is the index of the matrices.
  const formatsOf = (table: Table) =>
    table === index ? [...new Set(['csv', ...tableFormats] as const)] : tableFormats;
  const result = await execute({
    command: 'features',
    job: { kind: 'features', out, fingerprint, channels: settings.channels, frontEnd, npy, frameRows },
    identity: { fingerprint, fingerprintParts: parts },
    settings,
    inputs,
    passedOver: found.passedOver,
    manifest,
    tables,
    recordTable: index,
    sinksOf: (table) => formatsOf(table).map((format) => SINKS[format]),
    extras: async (partsByTable) => {
      const description = { set: settings.set, columns: names, frontEnd, undertone: VERSION };
      await replaceFile(out, 'features.json', (temporary) =>
        writeTextFile(temporary, [`${JSON.stringify(description, null, 2)}\n`]),
      );
      await replaceFile(out, 'errors.csv', (temporary) =>
        writeErrorsTable(
          index,
          index.columns.length - values.length,
          partsByTable.get('features') ?? [],
          temporary,
          false,
        ),
      );
    },
    excelBom: false,
    workers: settings.workers,
    quiet: settings.quiet,
    model: null,
  });
  if (!settings.quiet) {
    const written = tables.flatMap((table) => formatsOf(table).map((format) => `${table.name}.${format}`));
    report(result, settings.out, [...(npy ? ['npy/'] : []), ...written]);
  }
  return outcome(result, settings.maxErrorShare);
}

function report(result: ExecutionResult, out: string, written: readonly string[]): void {
  process.stderr.write(
    `${result.records} recordings, ${duration(result.audioSeconds)} of audio, ${result.errors} errors, ${duration(result.wallSeconds)}\n` +
      `Features in ${out}: ${written.join(', ')}, features.json, errors.csv, run.json\n`,
  );
}

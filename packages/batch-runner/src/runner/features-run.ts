/** `undertone features` in the runner: set, inputs and settings → the execution that computes them. */
import { rmSync } from 'node:fs';
import { resolve } from 'node:path';
import { featureSet } from '@undertone/dsp-native';
import { canonicalJson, columnNames, oneRowPerUtterance, sha256Hex } from '@undertone/shared';
import { replaceFile } from '../commit/ledger.js';
import { collectInputs } from '../manifest/inputs.js';
import { ManifestBuilder } from '../manifest/manifest.js';
import type { FeaturesSettings } from '../settings.js';
import { type FingerprintParts, fingerprintOf } from '../shard/fingerprint.js';
import { writeErrorsTable } from '../sink/errors.js';
import { partialFolder } from '../sink/npy.js';
import { SINKS } from '../sink/registry.js';
import { featureFilesTable, framesTable, type Table } from '../sink/table.js';
import { writeTextFile } from '../sink/text-file.js';
import { VERSION } from '../version.js';
import { execute } from './execute.js';
import type { StartMessage } from './messages.js';
import type { Finished, Runner } from './runner.js';
import { openStdin } from './stdin.js';

export async function featuresRun(start: StartMessage, runner: Runner): Promise<Finished> {
  const { inputs } = start;
  const settings = start.settings as FeaturesSettings;
  const { frontEnd } = featureSet(settings.set);
  const onePerRecording = oneRowPerUtterance(frontEnd);
  const npy = settings.formats.includes('npy') && !onePerRecording;
  const tableFormats = settings.formats.filter((format) => format !== 'npy');
  const frameRows = tableFormats.length > 0 && !onePerRecording;
  const out = resolve(settings.out);
  const builder = new ManifestBuilder();
  const found = await collectInputs(inputs, openStdin, (entry) => builder.add(entry));
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
  const finished = await execute(runner, {
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
      // What killed runs left.
      rmSync(partialFolder(out), { recursive: true, force: true });
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
    model: null,
  });
  return npy ? { ...finished, written: ['npy/', ...finished.written] } : finished;
}

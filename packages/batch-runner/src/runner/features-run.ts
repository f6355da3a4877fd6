/** `undertone features` in the runner: set, inputs and settings → the execution that computes them. */
import { resolve } from 'node:path';
import { FeaturePlan, featureBackend, featureSet } from '@undertone/dsp-native';
import { canonicalJson, columnNames, oneRowPerUtterance, sha256Hex } from '@undertone/shared';
import { chooseFeatureDevices, workersOn } from '../devices.js';
import { namingFlags } from '../naming-flags.js';
import { type FeaturesSettings, partOfText } from '../settings.js';
import { type FingerprintParts, fingerprintOf } from '../shard/fingerprint.js';
import { featureFilesTable, framesTable, type Table } from '../sink/table.js';
import { VERSION } from '../version.js';
import { execute } from './execute.js';
import type { StartMessage } from './messages.js';
import type { Finished, Runner } from './runner.js';

export async function featuresRun(start: StartMessage, runner: Runner): Promise<Finished> {
  const { inputs } = start;
  const settings = start.settings as FeaturesSettings;
  const { frontEnd } = featureSet(settings.set);
  const onePerRecording = oneRowPerUtterance(frontEnd);
  const npy = settings.formats.includes('npy') && !onePerRecording;
  const tableFormats = settings.formats.filter((format) => format !== 'npy');
  const frameRows = tableFormats.length > 0 && !onePerRecording;
  const flags = { device: '--device', frontEnd: '--set' };
  const devices = await namingFlags(flags, () => {
    const chosen = chooseFeatureDevices(settings.device);
    // What a GPU refuses is said before any work, once.
    if (chosen.name === 'cuda') {
      new FeaturePlan(frontEnd, featureBackend(chosen.words[0], settings.gpuMemory ?? null));
    }
    return chosen;
  });
  const out = resolve(settings.out);
  const parts: FingerprintParts = {
    command: 'features',
    program: VERSION,
    set: settings.set,
    frontEnd: sha256Hex(canonicalJson(frontEnd)),
    channels: settings.channels,
    device: devices.name,
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
  const description = { set: settings.set, columns: names, frontEnd, undertone: VERSION };
  const finished = await execute(runner, {
    command: 'features',
    job: {
      kind: 'features',
      out,
      fingerprint,
      channels: settings.channels,
      frontEnd,
      npy,
      frameRows,
      devices: devices.words,
      gpuMemoryMib: settings.gpuMemory ?? null,
    },
    identity: { fingerprint, fingerprintParts: parts },
    settings,
    inputs,
    part: settings.shard === undefined ? null : partOfText(settings.shard),
    // Matrices are files of whole recordings.
    cutting: null,
    merge: {
      tables: tables.map((table) => ({ table, formats: formatsOf(table) })),
      recordTable: index.name,
      errorColumns: index.columns.length - values.length,
      excelBom: settings.excelBom,
      files: { 'features.json': `${JSON.stringify(description, null, 2)}\n` },
    },
    workers: workersOn(devices, settings.workers, settings.streams),
    devices: devices.record,
    models: [],
  });
  return npy ? { ...finished, written: ['npy/', ...finished.written] } : finished;
}

/** `undertone run` in the runner: model, inputs and settings → the execution that labels them. */
import { resolve } from 'node:path';
import { probeMachine, runtimeFolder } from '@undertone/inference';
import { chooseDevices, workersOn } from '../devices.js';
import { namingFlags } from '../naming-flags.js';
import { partOfText, type RunSettings } from '../settings.js';
import { type FingerprintParts, fingerprintOf } from '../shard/fingerprint.js';
import { filesTable, segmentsTable } from '../sink/table.js';
import { VERSION } from '../version.js';
import type { JobModel } from '../worker/job.js';
import { type Execution, execute } from './execute.js';
import type { StartMessage } from './messages.js';
import { roleRules } from './role-rules.js';
import { modelDigests, modelRecord, runModels, stretchWindowsOf } from './run-models.js';
import type { Finished, Runner } from './runner.js';

export async function labelRun(start: StartMessage, runner: Runner): Promise<Finished> {
  const { inputs } = start;
  const settings = start.settings as RunSettings;
  const models = await runModels(settings);
  const [{ card }] = models;
  const devices = await namingFlags({ device: '--device' }, () =>
    chooseDevices(settings.device, probeMachine(runtimeFolder())),
  );
  const workers = workersOn(devices, settings.workers, settings.streams);
  const rules = roleRules(settings);
  const out = resolve(settings.out);
  const abstainBelow = settings.abstainBelow ?? card.calibration.abstainBelow;
  const cutting = cuttingOf(settings, card.window.hopS, stretchWindowsOf(models));
  const parts: FingerprintParts = {
    command: 'run',
    program: VERSION,
    ...modelDigests(models),
    window: settings.window ?? card.window.lengthS,
    hop: settings.hop ?? card.window.hopS,
    channels: settings.channels,
    device: devices.name,
    roles: rules.roles,
    rolePattern: rules.pattern,
    segments: settings.segments,
    silenceDbfs: settings.silenceDbfs,
    minSpeech: settings.minSpeech,
    abstainBelow,
    piece: cutting?.pieceS ?? 0,
  };
  const fingerprint = fingerprintOf(parts);
  const files = filesTable(card.classes);
  return execute(runner, {
    command: 'run',
    job: {
      kind: 'label',
      out,
      fingerprint,
      channels: settings.channels,
      models: models.map(({ folder, overrides }) => ({ folder, overrides })) as [JobModel, ...JobModel[]],
      devices: devices.words,
      gpuMemoryMib: settings.gpuMemory ?? null,
      roles: rules,
      segments: settings.segments,
      silenceDbfs: settings.silenceDbfs,
      minSpeech: settings.minSpeech,
      abstainBelow,
    },
    identity: { fingerprint, fingerprintParts: parts },
    settings,
    inputs,
    part: settings.shard === undefined ? null : partOfText(settings.shard),
    cutting,
    merge: {
      tables: [segmentsTable(card.classes), files].map((table) => ({ table, formats: settings.formats })),
      recordTable: files.name,
      errorColumns: files.columns.length,
      excelBom: settings.excelBom,
      files: {},
    },
    workers,
    devices: devices.record,
    models: models.map((model) => modelRecord(model.card)),
  });
}

/**
 * Windows are numbered from the start by arithmetic; stretches of speech are not, one row a file is of the whole, and
 * channels of a recording come one after the other.
 */
function cuttingOf(
  { piece, segments, channels, hop }: RunSettings,
  cardHopS: number,
  stretchWindows: number,
): Execution['cutting'] {
  if (piece === 0 || segments !== 'window' || channels === 'split') return null;
  return { pieceS: piece, hopS: hop ?? cardHopS, stretchWindows };
}

/** `undertone run` in the runner: model, inputs and settings → the execution that labels them. */
import { resolve } from 'node:path';
import {
  type Card,
  cardDigest,
  loadCard,
  probeMachine,
  resolveModel,
  resolveWindow,
  runtimeFolder,
} from '@undertone/inference';
import { chooseDevices, workersOn } from '../devices.js';
import { MODELS_FOLDER } from '../models-folder.js';
import { namingFlags } from '../naming-flags.js';
import { partOfText, type RunSettings } from '../settings.js';
import { type FingerprintParts, fingerprintOf } from '../shard/fingerprint.js';
import { filesTable, segmentsTable } from '../sink/table.js';
import { VERSION } from '../version.js';
import { type Execution, execute } from './execute.js';
import type { StartMessage } from './messages.js';
import { roleRules } from './role-rules.js';
import type { Finished, Runner } from './runner.js';

export async function labelRun(start: StartMessage, runner: Runner): Promise<Finished> {
  const { inputs } = start;
  const settings = start.settings as RunSettings;
  const flags = { model: '--model', device: '--device', 'run.windowS': '--window', 'run.hopS': '--hop' };
  const modelFolder = await namingFlags(flags, () => resolveModel(settings.model, [MODELS_FOLDER]));
  const card = await loadCard(modelFolder);
  const devices = await namingFlags(flags, () =>
    chooseDevices(settings.device, probeMachine(runtimeFolder())),
  );
  const workers = workersOn(devices, settings.workers, settings.streams);
  const window = await namingFlags(flags, () =>
    resolveWindow(card, { windowS: settings.window, hopS: settings.hop }),
  );
  const rules = roleRules(settings);
  const out = resolve(settings.out);
  const abstainBelow = settings.abstainBelow ?? card.calibration.abstainBelow;
  const cutting = cuttingOf(settings, card.window.hopS, window.stretchWindows);
  const parts: FingerprintParts = {
    command: 'run',
    program: VERSION,
    model: card.model.sha256,
    card: cardDigest(card),
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
      modelFolder,
      devices: devices.words,
      gpuMemoryMib: settings.gpuMemory ?? null,
      windowS: settings.window ?? null,
      hopS: settings.hop ?? null,
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
    model: modelRecord(card),
  });
}

/** What run.json says of a model. */
const modelRecord = ({ name, version, task, model, licence, calibration }: Card): object => ({
  name,
  version,
  task,
  sha256: model.sha256,
  licence,
  calibration,
});

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

/** Judged recordings → metrics.json: everything that may be claimed, and how it came about. */
import type { Card } from '@undertone/inference';
import { type Bootstrap, FEW_SPEAKERS } from './bootstrap.js';
import type { FoldsFile } from './folds.js';
import type { Collected, JudgedRecording } from './judged.js';
import type { JudgedClasses, LeftOut } from './judged-classes.js';
import type { Judge } from './judges.js';
import type { LabelledFile } from './labels.js';
import { type Item, type UnitFigures, unitFigures } from './unit-figures.js';

export interface Metrics {
  readonly schema: 'undertone-eval/1';
  readonly program: string;
  readonly task: Card['task'];
  /** null where no folds file says how the recordings were kept from the model. */
  readonly split: FoldsFile['split'] | null;
  readonly rule: string;
  /** Of the trainings. */
  readonly seeds: readonly number[];
  readonly folds: readonly FoldRecord[];
  readonly corpora: readonly string[];
  readonly classes: readonly string[];
  readonly merged: Readonly<Record<string, string>>;
  readonly recordings: {
    readonly labelled: number;
    readonly judged: number;
    /** Of those judged: part of them could not be decoded. */
    readonly partial: number;
    readonly leftOut: Readonly<Partial<Record<LeftOut, number>>>;
    /** File and error code of those that failed. */
    readonly failed: readonly (readonly [file: string, code: string])[];
  };
  readonly speakers: number;
  /** Recordings of which nothing tells who speaks. */
  readonly withoutSpeaker: number;
  readonly intervals: Bootstrap & { readonly over: string };
  readonly recording: UnitFigures;
  readonly window: UnitFigures;
}

export interface FoldRecord {
  readonly name: string | null;
  /** name@version; of several as one joined by ` + `, as the digests. */
  readonly model: string;
  readonly sha256: string;
  /** null for several. */
  readonly temperature: number | null;
  readonly judged: number;
}

/** What stands in metrics.json besides figures of the recordings. */
export interface Judging {
  readonly program: string;
  readonly folds: FoldsFile | null;
  /** In the order of the folds. */
  readonly judges: readonly [Judge, ...Judge[]];
  readonly classes: JudgedClasses;
  readonly bootstrap: Bootstrap;
  readonly labelled: number;
}

const ONE_MODEL =
  'one model on every recording with a label; nothing is said about whether it heard these voices in training';

/** @param judged at least one */
export function metricsOf(judging: Judging, { judged, leftOut }: Collected): Metrics {
  const { folds, judges, classes, bootstrap } = judging;
  const items = judged.map((one) => itemOf(one, one));
  const windows = judged.flatMap((one) => one.windows.map((window) => itemOf(one, window)));
  const withoutSpeaker = judged.filter(({ label }) => label.speaker === null).length;
  const clusters = new Set(items.map(({ cluster }) => cluster)).size;
  return {
    schema: 'undertone-eval/1',
    program: judging.program,
    task: judges[0].cards[0].task,
    split: folds?.split ?? null,
    rule: folds?.rule ?? ONE_MODEL,
    seeds: folds?.seeds ?? [],
    folds: judges.map(({ fold, cards: [card, ...others] }) => ({
      name: fold,
      model: [card, ...others].map(({ name, version }) => `${name}@${version}`).join(' + '),
      sha256: [card, ...others].map(({ model }) => model.sha256).join(' + '),
      temperature: others.length > 0 ? null : card.calibration.temperature,
      judged: judged.filter((one) => one.fold === fold).length,
    })),
    corpora: [...new Set(judged.map(({ label }) => label.corpus ?? 'unknown'))].sort(),
    classes: classes.names,
    merged: classes.merged,
    recordings: {
      labelled: judging.labelled,
      judged: judged.length,
      partial: judged.filter(({ isPartial }) => isPartial).length,
      leftOut: countsOf(leftOut.map(({ why }) => why)),
      failed: leftOut
        .filter(({ why }) => why === 'failed')
        .map(({ label, message }) => [label.file, message] as const),
    },
    speakers: clusters - withoutSpeaker,
    withoutSpeaker,
    intervals: { ...bootstrap, over: drawnOver(clusters, withoutSpeaker, judged.length) },
    recording: unitFigures(items, classes.names, bootstrap),
    window: unitFigures(windows, classes.names, bootstrap),
  };
}

function itemOf(
  { label, fold, truth }: JudgedRecording,
  scored: Pick<Item, 'calibrated' | 'uncalibrated'>,
): Item {
  return {
    truth,
    cluster: label.speaker === null ? `recording ${label.path}` : `speaker ${label.speaker}`,
    groups: { ...groupsOf(label), fold },
    calibrated: scored.calibrated,
    uncalibrated: scored.uncalibrated,
  };
}

const groupsOf = ({ corpus, gender, intensity, emotion, speaker }: LabelledFile) => ({
  ...{ corpus, gender, intensity, emotion, speaker },
});

function drawnOver(clusters: number, withoutSpeaker: number, recordings: number): string {
  if (withoutSpeaker === recordings)
    return 'recordings: nothing tells who speaks, so the intervals are too narrow';
  const lone =
    withoutSpeaker > 0 ? `; the ${withoutSpeaker} recordings without a speaker each count as one` : '';
  return `${clusters < FEW_SPEAKERS ? 'speakers, then their items' : 'speakers'}${lone}`;
}

/** How often each occurs, by name. */
function countsOf<T extends string>(values: readonly T[]): Partial<Record<T, number>> {
  const counts: Partial<Record<T, number>> = {};
  for (const value of [...values].sort()) counts[value] = (counts[value] ?? 0) + 1;
  return counts;
}

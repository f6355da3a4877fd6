/** A finished run → one export, recording by recording. */
import type { FinishedRun } from '../commit/finished-run.js';
import type { PartQuery } from '../read/part-query.js';
import { type LabelledRecording, type LabelledStream, recordings } from '../read/recordings.js';
import type { ExportedRecording, ExportFormat, Tier } from './format.js';
import { type IntervalSettings, intervals } from './intervals.js';

export interface ExportResult {
  readonly recordings: number;
  readonly intervals: number;
  /** Without a window: they could not be read, or are too short. */
  readonly leftOut: number;
}

/** Labels that are no class of a model. */
const OTHER_LABELS = ['abstain', 'no_speech'];

export interface ExportPlan {
  readonly format: ExportFormat;
  readonly settings: Omit<IntervalSettings, 'overlaps'>;
  readonly program: string;
  /** Path to write at, and where that will lie once it is whole. */
  readonly temporary: string;
  readonly target: string;
}

/** @throws UndertoneError corrupt_output when committed parts are not what they should be */
export async function exportRun(run: FinishedRun, query: PartQuery, plan: ExportPlan): Promise<ExportResult> {
  const { columns } = run.table('segments');
  const classes = columns.flatMap((name) => (name.startsWith('p_') ? [name.slice(2)] : []));
  const exporter = plan.format.open(plan.temporary, {
    run: run.record,
    labels: [...classes, ...OTHER_LABELS],
    program: plan.program,
    target: plan.target,
  });
  const settings = { ...plan.settings, overlaps: plan.format.overlaps };
  let [written, count, leftOut] = [0, 0, 0];
  try {
    for await (const recording of recordings(run, query)) {
      if (recording.streams.every(({ windows }) => windows.length === 0)) {
        leftOut += 1;
        continue;
      }
      const exported = toExported(recording, settings);
      exporter.write(exported);
      written += 1;
      count += exported.tiers.reduce((sum, tier) => sum + tier.intervals.length, 0);
    }
  } finally {
    exporter.finish();
  }
  return { recordings: written, intervals: count, leftOut };
}

function toExported(recording: LabelledRecording, settings: IntervalSettings): ExportedRecording {
  const names = tierNames(recording.streams);
  const tiers = recording.streams.map(
    ({ channel, role, label, confidence, windows }, i): Tier => ({
      channel,
      role: role === null ? null : oneLine(role),
      name: names[i] ?? '',
      label,
      confidence,
      intervals: intervals(windows, settings),
    }),
  );
  const ends = recording.streams.map(({ windows }) => windows.at(-1)?.endMs ?? 0);
  return { file: recording.file, durationMs: Math.max(recording.durationMs ?? 0, ...ends), tiers };
}

function tierNames(streams: readonly LabelledStream[]): string[] {
  const names = streams.map(({ channel, role }) =>
    role !== null ? oneLine(role) : channel === null ? 'emotion' : `channel ${channel}`,
  );
  return names.map((name, i) =>
    names.indexOf(name) === names.lastIndexOf(name)
      ? name
      : `${name} (channel ${streams[i]?.channel ?? 'mix'})`,
  );
}

/** Roles come from file names and manifests: whatever would break a line becomes a space. */
const oneLine = (text: string): string => text.replace(/[\p{C}\p{Zl}\p{Zp}\s]+/gu, ' ').trim();

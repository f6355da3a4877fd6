/** What an export format does: takes recordings one after the other and makes one file, or a folder of them. */
import type { FinishedRecord } from '../commit/finished-run.js';
import type { Interval } from './intervals.js';

export interface Tier {
  readonly channel: number | null;
  readonly role: string | null;
  /** Unique in its recording: the role, else the channel, else `emotion`. One line of printable text. */
  readonly name: string;
  /** Of the whole recording. */
  readonly label: string | null;
  readonly confidence: number | null;
  readonly intervals: readonly Interval[];
}

export interface ExportedRecording {
  /** As in the tables: relative, with leading `./`. */
  readonly file: string;
  readonly durationMs: number;
  readonly tiers: readonly Tier[];
}

export interface ExportContext {
  readonly run: FinishedRecord;
  /** Every label that may occur, in the model's order. */
  readonly labels: readonly string[];
  readonly program: string;
  /** Where the export will lie once it is whole, for paths that are relative to it. */
  readonly target: string;
}

export interface Exporter {
  write(recording: ExportedRecording): void;
  /** Called once, after the last recording or when something failed. */
  finish(): void;
}

export interface ExportFormat {
  /** What `--out` names. */
  readonly makes: 'file' | 'folder';
  /** Whether its stretches may overlap, as windows do. */
  readonly overlaps: boolean;
  /** @param target path to write at: a file that is not there, or an empty folder; it gets its name when it is whole */
  open(target: string, context: ExportContext): Exporter;
}

/** Milliseconds as seconds with three decimals. */
export const seconds = (ms: number): string => (ms / 1000).toFixed(3);

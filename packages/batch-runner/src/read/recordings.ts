/** Committed rows → one recording after the other, with its windows: what the exports are made from. */
import { UndertoneError } from '@undertone/shared';
import type { FinishedRun } from '../commit/finished-run.js';
import type { PartQuery, Value } from './part-query.js';

/** A row of segments. Times in whole milliseconds, as exact as the table's three decimals. */
export interface LabelledWindow {
  readonly startMs: number;
  readonly endMs: number;
  readonly label: string;
  /** null for a window without speech. */
  readonly topLabel: string | null;
  readonly confidence: number | null;
}

/** One row of files with its windows in order of their start. */
export interface LabelledStream {
  readonly channel: number | null;
  readonly role: string | null;
  readonly label: string | null;
  readonly confidence: number | null;
  readonly windows: readonly LabelledWindow[];
}

export interface LabelledRecording {
  /** As in the tables: relative, with leading `./`. */
  readonly file: string;
  /** null when no header and no decoding told. */
  readonly durationMs: number | null;
  readonly streams: readonly LabelledStream[];
}

const FILES = ['record_id', 'file', 'channel', 'role', 'label', 'confidence', 'duration_s'] as const;
const SEGMENTS = ['record_id', 'channel', 'start_s', 'end_s', 'label', 'top_label', 'confidence'] as const;
const NUMBERS = new Set(['confidence', 'duration_s', 'start_s', 'end_s']);

/**
 * In manifest order; recordings that could not be read come without windows. Holds one recording's windows at a time.
 * @throws UndertoneError corrupt_output when the two tables do not belong together
 */
export async function* recordings(run: FinishedRun, query: PartQuery): AsyncGenerator<LabelledRecording> {
  const files = new Cursor(query.rows(run.table('files'), FILES.map(expression)));
  const segments = new Cursor(query.rows(run.table('segments'), SEGMENTS.map(expression)));
  let recording: { id: Value; file: string; durationMs: number | null; streams: LabelledStream[] } | null =
    null;
  for (let row = await files.peek(); row; row = await files.peek()) {
    files.skip();
    const [id, file, channel, role, label, confidence, durationS] = row;
    if (recording && recording.id !== id) {
      yield recording;
      recording = null;
    }
    const durationMs = durationS === null ? null : milliseconds(durationS);
    recording ??= { id: id ?? null, file: String(file), durationMs, streams: [] };
    recording.streams.push({
      channel: channel === null ? null : Number(channel),
      role: text(role),
      label: text(label),
      confidence: number(confidence),
      windows: await windowsOf(segments, id, channel),
    });
  }
  if (recording) yield recording;
  const left = await segments.peek();
  if (left) {
    const why = `Segments of record ${left[0]} have no row in table files`;
    throw new UndertoneError('corrupt_output', run.out, why);
  }
}

async function windowsOf(
  segments: Cursor,
  id: Value | undefined,
  channel: Value | undefined,
): Promise<LabelledWindow[]> {
  const windows: LabelledWindow[] = [];
  for (;;) {
    // Awaiting every row would cost more than reading it.
    const row = segments.current ?? (await segments.peek());
    if (!row || row[0] !== id || row[1] !== channel) return windows;
    segments.skip();
    const [, , startS, endS, label, topLabel, confidence] = row;
    windows.push({
      startMs: milliseconds(startS),
      endMs: milliseconds(endS),
      label: String(label),
      topLabel: text(topLabel),
      confidence: number(confidence),
    });
  }
}

const expression = (column: string): string => (NUMBERS.has(column) ? `CAST(${column} AS DOUBLE)` : column);
const milliseconds = (seconds: Value | undefined): number => Math.round(1000 * Number(seconds));
const text = (value: Value | undefined): string | null => (value == null ? null : String(value));
const number = (value: Value | undefined): number | null => (value == null ? null : Number(value));

/** One row after the other out of a stream of pieces. */
class Cursor {
  #rows: Value[][] = [];
  #next = 0;

  constructor(readonly pieces: AsyncGenerator<Value[][]>) {}

  /** The row that is next, where it is at hand. */
  get current(): Value[] | undefined {
    return this.#rows[this.#next];
  }

  /** The row that is next, undefined at the end. */
  async peek(): Promise<Value[] | undefined> {
    while (this.#next >= this.#rows.length) {
      const { value, done } = await this.pieces.next();
      if (done) return undefined;
      this.#rows = value;
      this.#next = 0;
    }
    return this.current;
  }

  skip(): void {
    this.#next += 1;
  }
}

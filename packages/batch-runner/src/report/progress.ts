/** The progress line: done/total files and hours (those of committed shards included), speed, ETA, errors. */
import type { Counters } from '../worker/counters.js';

export interface ProgressTotals {
  readonly files: number;
  /** By the headers; 0 when no header tells. */
  readonly seconds: number;
  /** Already committed before this run went on. */
  readonly committedFiles: number;
  readonly committedSeconds: number;
  readonly committedErrors: number;
}

const TERMINAL_INTERVAL_MS = 200;
const LOG_INTERVAL_MS = 10_000;

/** Redraws one line on a terminal; prints a plain line every ten seconds elsewhere; nothing when quiet. */
export class Progress {
  readonly #begin = performance.now();
  readonly #timer: NodeJS.Timeout | null;
  readonly #terminal: boolean;

  constructor(
    readonly counters: Counters,
    readonly totals: ProgressTotals,
    readonly stream: NodeJS.WriteStream,
    quiet: boolean,
  ) {
    this.#terminal = stream.isTTY === true;
    this.#timer = quiet
      ? null
      : setInterval(() => this.#print(), this.#terminal ? TERMINAL_INTERVAL_MS : LOG_INTERVAL_MS).unref();
  }

  stop(): void {
    if (!this.#timer) return;
    clearInterval(this.#timer);
    if (this.#terminal) this.stream.write('\r\u001b[K');
    else this.stream.write(`${this.line()}\n`);
  }

  line(): string {
    return progressLine(this.counters.read(), this.totals, (performance.now() - this.#begin) / 1000);
  }

  #print(): void {
    this.stream.write(
      this.#terminal
        ? `\r\u001b[K${this.line().slice(0, (this.stream.columns || 80) - 1)}`
        : `${this.line()}\n`,
    );
  }
}

export function progressLine(
  now: { files: number; errors: number; decodedSeconds: number; progressSeconds: number },
  totals: ProgressTotals,
  elapsedSeconds: number,
): string {
  const files = totals.committedFiles + now.files;
  const seconds = totals.committedSeconds + now.progressSeconds;
  const total = Math.max(totals.seconds, seconds);
  const speed = elapsedSeconds > 0 ? now.decodedSeconds / elapsedSeconds : 0;
  const eta = speed > 0 ? duration((total - seconds) / speed) : '–';
  return [
    `${files}/${totals.files} files`,
    `${hours(seconds)}/${hours(total)} h`,
    `${Math.round(speed).toLocaleString('en-US')} × real time`,
    `ETA ${eta}`,
    `${totals.committedErrors + now.errors} errors`,
  ].join(' · ');
}

const hours = (seconds: number): string => (seconds / 3600).toFixed(2);

export function duration(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  const h = Math.floor(whole / 3600);
  const m = Math.floor((whole % 3600) / 60);
  return h > 0 ? `${h} h ${m} min` : m > 0 ? `${m} min ${whole % 60} s` : `${whole} s`;
}

/** The progress line: done/total files and hours (those of committed shards included), speed, ETA, errors. */

export interface ProgressPlan {
  readonly files: number;
  /** By the headers; 0 when no header tells. */
  readonly seconds: number;
  /** Already committed when the plan was made. */
  readonly committed: { readonly files: number; readonly seconds: number; readonly errors: number };
}

/** Of one runner since its plan was made, including shards it may yet abandon. */
export interface ProgressNumbers {
  readonly files: number;
  readonly errors: number;
  readonly decodedSeconds: number;
  readonly progressSeconds: number;
}

const TERMINAL_INTERVAL_MS = 200;
const LOG_INTERVAL_MS = 10_000;

/** Redraws one line on a terminal; prints a plain line every ten seconds elsewhere; nothing when quiet. */
export class Progress {
  readonly #begin = performance.now();
  readonly #timer: NodeJS.Timeout | null;
  readonly #terminal: boolean;

  constructor(
    /** null before there are any. */
    readonly read: () => ProgressNumbers | null,
    readonly plan: ProgressPlan,
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
    return progressLine(this.read() ?? NOTHING_YET, this.plan, (performance.now() - this.#begin) / 1000);
  }

  #print(): void {
    this.stream.write(
      this.#terminal
        ? `\r\u001b[K${this.line().slice(0, (this.stream.columns || 80) - 1)}`
        : `${this.line()}\n`,
    );
  }
}

const NOTHING_YET: ProgressNumbers = { files: 0, errors: 0, decodedSeconds: 0, progressSeconds: 0 };

export function progressLine(
  now: ProgressNumbers,
  { committed, ...plan }: ProgressPlan,
  elapsedSeconds: number,
): string {
  const files = committed.files + now.files;
  const seconds = committed.seconds + now.progressSeconds;
  const total = Math.max(plan.seconds, seconds);
  const speed = elapsedSeconds > 0 ? now.decodedSeconds / elapsedSeconds : 0;
  const eta = speed > 0 ? duration((total - seconds) / speed) : '–';
  return [
    `${files}/${plan.files} files`,
    `${hours(seconds)}/${hours(total)} h`,
    `${Math.round(speed).toLocaleString('en-US')} × real time`,
    `ETA ${eta}`,
    `${committed.errors + now.errors} errors`,
  ].join(' · ');
}

const hours = (seconds: number): string => (seconds / 3600).toFixed(2);

export function duration(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  const h = Math.floor(whole / 3600);
  const m = Math.floor((whole % 3600) / 60);
  return h > 0 ? `${h} h ${m} min` : m > 0 ? `${m} min ${whole % 60} s` : `${whole} s`;
}

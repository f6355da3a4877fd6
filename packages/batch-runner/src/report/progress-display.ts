/** Shows how far a run is: one line that is redrawn on a terminal, a line every ten seconds elsewhere. */
import { duration, type ProgressFacts, progressLine } from './progress.js';
import type { WorkerState } from './worker-states.js';

const TERMINAL_INTERVAL_MS = 200;
const LOG_INTERVAL_MS = 10_000;

export class ProgressDisplay {
  readonly #timer: NodeJS.Timeout;
  readonly #terminal: boolean;
  /** Lines on the terminal that the next drawing replaces. */
  #drawn = 0;

  /**
   * @param facts null before there are any
   * @param workers what each worker is at; empty unless asked for
   */
  constructor(
    readonly stream: NodeJS.WriteStream,
    readonly facts: () => ProgressFacts | null,
    readonly workers: () => readonly WorkerState[],
  ) {
    this.#terminal = stream.isTTY === true;
    const interval = this.#terminal ? TERMINAL_INTERVAL_MS : LOG_INTERVAL_MS;
    this.#timer = setInterval(() => this.#print(), interval).unref();
  }

  /** A sentence of its own, above the progress. */
  say(sentence: string): void {
    this.#erase();
    this.stream.write(`${sentence}\n`);
  }

  stop(): void {
    clearInterval(this.#timer);
    if (this.#terminal) this.#erase();
    else this.#print();
  }

  #print(): void {
    const facts = this.facts();
    if (!facts) return;
    const lines = [progressLine(facts), ...this.workers().map(workerLine)];
    if (!this.#terminal) {
      this.stream.write(`${lines.join('\n')}\n`);
      return;
    }
    this.#erase();
    const width = (this.stream.columns || 80) - 1;
    this.stream.write(lines.map((line) => line.slice(0, width)).join('\n'));
    this.#drawn = lines.length;
  }

  #erase(): void {
    if (this.#drawn === 0) return;
    // To the first of the drawn lines, and everything below it away.
    this.stream.write(`${this.#drawn > 1 ? `\u001b[${this.#drawn - 1}A` : ''}\r\u001b[J`);
    this.#drawn = 0;
  }
}

/** File names are whatever people gave them: no line break or escape of theirs may reach a terminal. */
const printable = (text: string): string => text.replace(/\p{Cc}/gu, '�');

export const workerLine = ({ worker, phase, file, seconds, audioSeconds }: WorkerState): string =>
  `  worker ${worker}: ${phase} ${printable(file)}, for ${duration(seconds)}, ${duration(audioSeconds)} of audio read`;

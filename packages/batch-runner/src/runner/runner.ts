/** What a command of the runner works with besides its own settings. */
import type { Counters } from '../worker/counters.js';
import type { DoneMessage, FromRunner, StartMessage } from './messages.js';

export interface Runner extends Pick<StartMessage, 'suspects' | 'incidents'> {
  readonly counters: Counters;
  /** Megabytes of the whole process, at which it ends between shards. */
  readonly memoryLimitMb: number;
  /** Seconds without progress after which a record is given up; see flight/hang-watch.ts. */
  readonly recordTimeout: number;
  readonly send: (message: FromRunner) => void;
  /** Seconds since the command was given, whatever runner was at work then. */
  readonly elapsedSeconds: () => number;
}

/** What a command returns when its tables are written. */
export type Finished = Omit<DoneMessage, 'kind'>;

const PROGRESS_INTERVAL_MS = 200;

/** @returns a function that sends the last numbers and stops */
export function reportProgress({ counters, send }: Runner): () => void {
  const report = (): void => send({ kind: 'progress', numbers: counters.read() });
  const timer = setInterval(report, PROGRESS_INTERVAL_MS);
  return () => {
    clearInterval(timer);
    report();
  };
}

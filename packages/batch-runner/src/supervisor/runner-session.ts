/** One runner from its start to its end: what it says, and how it ended. */
import type { ErrorData } from '@undertone/shared';
import { HangWatch } from '../flight/hang-watch.js';
import { type InFlight, readInFlight } from '../flight/in-flight.js';
import type { DoneMessage, FromRunner, RecycleMessage, StartMessage, ToRunner } from '../runner/messages.js';
import { endRunner, type RunnerProcess } from '../runner/runner-process.js';

/** It ended without a word: a crash of native code, or somebody killed it. */
export interface Death {
  readonly kind: 'died';
  /** The signal or the exit code. */
  readonly how: string;
  /** What its workers were at. */
  readonly inFlight: readonly InFlight[];
  /** Those for which it was killed. */
  readonly hung: readonly InFlight[] | null;
}

export type Ending =
  | DoneMessage
  | RecycleMessage
  | { readonly kind: 'failed'; readonly error: ErrorData }
  | Death;

export class RunnerSession {
  /** Settles when the process is gone and everything it said was heard. */
  readonly ended: Promise<Ending>;
  readonly #watch: HangWatch;
  #hung: readonly InFlight[] | null = null;

  constructor(
    readonly runner: RunnerProcess,
    start: StartMessage,
    hear: (message: FromRunner) => void,
  ) {
    this.#watch = new HangWatch(runner.flight, start.settings.recordTimeout, (hung) => {
      this.#hung = hung;
      this.kill();
    });
    this.ended = this.#end(hear).finally(() => {
      this.#watch.stop();
      endRunner(runner);
    });
    this.#tell(start);
  }

  /** What its workers are at. */
  get inFlight(): readonly InFlight[] {
    return readInFlight(this.runner.flight);
  }

  stop(): void {
    this.#tell({ kind: 'stop' });
  }

  kill(): void {
    this.runner.child.kill('SIGKILL');
  }

  #end(hear: (message: FromRunner) => void): Promise<Ending> {
    const { child } = this.runner;
    let last: Ending | null = null;
    child.on('message', (data) => {
      const message = data as FromRunner;
      if (message.kind === 'done' || message.kind === 'failed' || message.kind === 'recycle') last = message;
      else hear(message);
    });
    return new Promise((resolve, reject) => {
      child.on('error', (thrown) => {
        // A process that never came to be has no exit; a message that did not arrive is told by the exit.
        if (child.pid === undefined) reject(thrown);
      });
      let gone: Death | null = null;
      const settle = (): void => {
        if (gone && !child.connected) resolve(last ?? gone);
      };
      child.once('exit', (code, signal) => {
        const how = signal ?? `exit code ${code}`;
        gone = { kind: 'died', how, inFlight: this.inFlight, hung: this.#hung };
        settle();
      });
      // Messages may still be on their way when the process has already exited.
      child.once('disconnect', settle);
    });
  }

  #tell(message: ToRunner): void {
    const { child } = this.runner;
    if (child.connected) child.send(message, () => undefined);
  }
}

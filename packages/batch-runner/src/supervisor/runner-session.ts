/** One runner from its start to its end: what it says, and how it ended. */
import type { ChildProcess } from 'node:child_process';
import type { ErrorData } from '@undertone/shared';
import type { DoneMessage, FromRunner, StartMessage, ToRunner } from '../runner/messages.js';

export type Ending =
  | DoneMessage
  | { readonly kind: 'failed'; readonly error: ErrorData }
  /** It ended without a word: a crash of native code, or somebody killed it. */
  | { readonly kind: 'died'; readonly how: string };

export class RunnerSession {
  /** Settles when the process is gone and everything it said was heard. */
  readonly ended: Promise<Ending>;

  constructor(
    readonly child: ChildProcess,
    start: StartMessage,
    hear: (message: FromRunner) => void,
  ) {
    let last: Ending | null = null;
    child.on('message', (data) => {
      const message = data as FromRunner;
      if (message.kind === 'done' || message.kind === 'failed') last = message;
      else hear(message);
    });
    this.ended = new Promise((resolve, reject) => {
      child.on('error', (thrown) => {
        // A process that never came to be has no exit; a message that did not arrive is told by the exit.
        if (child.pid === undefined) reject(thrown);
      });
      let gone: Ending | null = null;
      const settle = (): void => {
        if (gone && !child.connected) resolve(last ?? gone);
      };
      child.once('exit', (code, signal) => {
        gone = { kind: 'died', how: signal ?? `exit code ${code}` };
        settle();
      });
      // Messages may still be on their way when the process has already exited.
      child.once('disconnect', settle);
    });
    this.tell(start);
  }

  stop(): void {
    this.tell({ kind: 'stop' });
  }

  kill(): void {
    this.child.kill('SIGKILL');
  }

  private tell(message: ToRunner): void {
    if (this.child.connected) this.child.send(message, () => undefined);
  }
}

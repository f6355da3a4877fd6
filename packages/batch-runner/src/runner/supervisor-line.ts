/** The runner's line to its supervisor. When the supervisor is gone, so is the runner. */
import type { FromRunner, ToRunner } from './messages.js';

export class SupervisorLine {
  constructor() {
    // Not process.exit, which waits for worker threads that may be deep in native code.
    process.once('disconnect', () => process.kill(process.pid, 'SIGKILL'));
  }

  onMessage(handler: (message: ToRunner) => void): void {
    process.on('message', (message) => handler(message as ToRunner));
  }

  send(message: FromRunner): void {
    process.send?.(message);
  }

  /** Sends and ends the process once the message is out. */
  sendLast(message: FromRunner): void {
    process.send?.(message, undefined, undefined, () => process.exit(0));
  }
}

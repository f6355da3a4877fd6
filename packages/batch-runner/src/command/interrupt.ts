/** Ctrl-C and termination of commands that keep nothing halfway. */
import { EXIT } from './exit-codes.js';

/** @returns a function that takes the handlers away again */
export function endOnSignal(cleanUp: () => void): () => void {
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  const handler = (): void => {
    cleanUp();
    process.stderr.write('\nInterrupted: nothing is written\n');
    process.exit(EXIT.tryAgain);
  };
  for (const signal of signals) process.on(signal, handler);
  return () => {
    for (const signal of signals) process.off(signal, handler);
  };
}

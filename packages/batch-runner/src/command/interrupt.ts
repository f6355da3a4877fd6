/** Ctrl-C and termination: the first asks the run to stop between blocks, a second ends the process at once. */
import { EXIT } from './exit-codes.js';

/** @returns a function that takes the handlers away again */
export function onInterrupt(stop: () => void): () => void {
  let asked = false;
  const handler = (): void => {
    if (asked) process.exit(EXIT.tryAgain);
    asked = true;
    process.stderr.write('\nStopping: committed shards stay (once more to stop at once)\n');
    stop();
  };
  process.on('SIGINT', handler);
  process.on('SIGTERM', handler);
  return () => {
    process.off('SIGINT', handler);
    process.off('SIGTERM', handler);
  };
}

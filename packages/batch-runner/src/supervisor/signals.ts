/**
 * Ctrl-C, termination, a closed terminal: the first asks the run to stop, a second one ends it at once.
 * Package managers forward a Ctrl-C that the terminal has already sent to the whole process group, so two signals in
 * the same moment are one.
 */
const SAME_MOMENT_MS = 300;
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** @returns a function that takes the handlers away again */
export function onStopSignals(first: () => void, second: () => void): () => void {
  let firstAt: number | null = null;
  const handler = (): void => {
    const now = performance.now();
    if (firstAt === null) {
      firstAt = now;
      first();
    } else if (now - firstAt > SAME_MOMENT_MS) {
      second();
    }
  };
  for (const signal of SIGNALS) process.on(signal, handler);
  return () => {
    for (const signal of SIGNALS) process.off(signal, handler);
  };
}

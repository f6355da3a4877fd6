/** Starts a runner process. Imports little: the supervisor does this before it loads anything else. */
import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { withCudaLibraries } from '@undertone/inference/shared-libraries';
import { closeFlightFile, createFlightFile } from '../flight/in-flight.js';

/** The commands that have a runner. */
export type RunnerVerb = 'run' | 'features';

export interface RunnerProcess {
  readonly child: ChildProcess;
  /** Descriptor of the file in which its workers note what they are at. */
  readonly flight: number;
}

const ENTRY = fileURLToPath(new URL('./main.js', import.meta.url));

/**
 * @param stdin a file descriptor for the runner's standard input
 * Standard output belongs to the supervisor alone: whatever native code prints there goes to standard error.
 */
export function forkRunner(verb: RunnerVerb, stdin: number | 'ignore' = 'ignore'): RunnerProcess {
  const flight = createFlightFile();
  // The descriptor of the file is FLIGHT_FD over there. Paths may be bytes, which JSON has no form for.
  const child = fork(ENTRY, [verb], {
    stdio: [stdin, 2, 2, 'ipc', flight],
    serialization: 'advanced',
    env: withCudaLibraries(process.env),
  });
  return { child, flight };
}

/** Ends it and forgets what it was at. */
export function endRunner({ child, flight }: RunnerProcess): void {
  child.kill('SIGKILL');
  closeFlightFile(flight);
}

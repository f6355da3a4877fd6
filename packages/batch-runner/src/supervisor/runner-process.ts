/**
 * Starts the runner process. It is forked before this process has read its flags, so that the two load their modules
 * at the same time: this file imports next to nothing.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { withCudaLibraries } from '@undertone/inference/shared-libraries';

/** The commands that have a runner. */
export type RunnerVerb = 'run' | 'features';

const ENTRY = fileURLToPath(new URL('../runner/main.js', import.meta.url));

let ahead: { readonly verb: RunnerVerb; readonly child: ChildProcess } | null = null;

/**
 * @param stdin a file descriptor for the runner's standard input
 * Standard output belongs to the supervisor alone: whatever native code prints there goes to standard error.
 */
export function forkRunner(verb: RunnerVerb, stdin: number | 'ignore' = 'ignore'): ChildProcess {
  return fork(ENTRY, [verb], { stdio: [stdin, 2, 2, 'ipc'], env: withCudaLibraries(process.env) });
}

/** Forks a runner for the command that this process is about to understand. */
export function forkAhead(verb: RunnerVerb): void {
  ahead = { verb, child: forkRunner(verb) };
}

/** The runner forked ahead, if there is one for this command; it is the caller's now. */
export function takeAhead(verb: RunnerVerb): ChildProcess | null {
  if (ahead?.verb !== verb) return null;
  const { child } = ahead;
  ahead = null;
  return child;
}

/** Ends a runner that was forked ahead and not taken: the flags were wrong. */
export function dropAhead(): void {
  ahead?.child.kill('SIGKILL');
  ahead = null;
}

/** A runner forked before this process has read its flags, so that the two load their modules at the same time. */
import { endRunner, forkRunner, type RunnerProcess, type RunnerVerb } from '../runner/runner-process.js';

let ahead: { readonly verb: RunnerVerb; readonly runner: RunnerProcess } | null = null;

export function forkAhead(verb: RunnerVerb): void {
  ahead = { verb, runner: forkRunner(verb) };
}

/** The runner forked ahead, if there is one for this command; it is the caller's now. */
export function takeAhead(verb: RunnerVerb): RunnerProcess | null {
  if (ahead?.verb !== verb) return null;
  const { runner } = ahead;
  ahead = null;
  return runner;
}

/** Ends a runner that was not taken: the flags were wrong. */
export function dropAhead(): void {
  if (ahead) endRunner(ahead.runner);
  ahead = null;
}

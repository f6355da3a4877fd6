/**
 * The runner: plans, keeps the worker threads and the ledger. It is a process of its own, so that a crash of native
 * code takes down no more than it, and it lives no longer than the supervisor that started it.
 */
import { toErrorData } from '@undertone/shared';
import { Counters } from '../worker/counters.js';
import type { FromRunner, StartMessage, ToRunner } from './messages.js';
import type { Runner } from './runner.js';
import { SupervisorLine } from './supervisor-line.js';

// The modules load while the supervisor still reads its flags.
const verb =
  process.argv[2] === 'features'
    ? import('./features-run.js').then(({ featuresRun }) => featuresRun)
    : import('./label-run.js').then(({ labelRun }) => labelRun);

const line = new SupervisorLine();
const counters = new Counters();
process.title = 'undertone-runner';
// A log that is full or closed must not end a run.
process.stderr.on('error', () => undefined);

// A terminal's Ctrl-C and a scheduler's SIGTERM reach the whole process group: the supervisor decides what they mean.
// Sent to the runner alone they ask it to stop; asking twice is the same as asking once.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
  process.on(signal, () => counters.requestStop());

line.onMessage((message: ToRunner) => {
  if (message.kind === 'stop') counters.requestStop();
  else void work(message);
});

async function work(start: StartMessage): Promise<void> {
  let last: FromRunner;
  try {
    last = { kind: 'done', ...(await (await verb)(start, runnerSince(start))) };
  } catch (thrown) {
    const error = toErrorData(thrown, 'undertone');
    if (error.code === 'internal' && thrown instanceof Error) process.stderr.write(`${thrown.stack}\n`);
    last = { kind: 'failed', error };
  }
  line.sendLast(last);
}

function runnerSince({ elapsedSeconds }: StartMessage): Runner {
  const begin = performance.now();
  return {
    counters,
    send: (message) => line.send(message),
    elapsedSeconds: () => elapsedSeconds + (performance.now() - begin) / 1000,
  };
}

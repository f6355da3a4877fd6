/**
 * The runner: plans, keeps the worker threads and the ledger. It is a process of its own, so that a crash of native
 * code takes down no more than it, and it lives no longer than the supervisor that started it.
 */
import { toErrorData } from '@undertone/shared';
import { FLIGHT_FD } from '../flight/in-flight.js';
import { WorkerPool } from '../pool/pool.js';
import { Counters } from '../worker/counters.js';
import { defaultMemoryLimitMb, MemoryFull } from './memory.js';
import type { FromRunner, StartMessage, ToRunner, TrialMessage } from './messages.js';
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
  else
    void lastWord(() => (message.kind === 'trial' ? tryRecord(message) : work(message))).then((last) =>
      line.sendLast(last),
    );
});

async function work(start: StartMessage): Promise<FromRunner> {
  const begin = performance.now();
  const runner: Runner = {
    counters,
    suspects: start.suspects,
    incidents: start.incidents,
    recordTimeout: start.settings.recordTimeout,
    memoryLimitMb: start.settings.memoryLimit ?? defaultMemoryLimitMb(start.settings.workers),
    send: (message) => line.send(message),
    elapsedSeconds: () => start.elapsedSeconds + (performance.now() - begin) / 1000,
  };
  return { kind: 'done', ...(await (await verb)(start, runner)) };
}

async function tryRecord({ job, record }: TrialMessage): Promise<FromRunner> {
  const pool = new WorkerPool(job, 1, counters, FLIGHT_FD);
  await pool.runAll([{ kind: 'trial' as const, record }], () => undefined);
  return { kind: 'tried' };
}

async function lastWord(act: () => Promise<FromRunner>): Promise<FromRunner> {
  try {
    return await act();
  } catch (thrown) {
    if (thrown instanceof MemoryFull) return { kind: 'recycle', residentMb: thrown.residentMb };
    const error = toErrorData(thrown, 'undertone');
    if (error.code === 'internal' && thrown instanceof Error) process.stderr.write(`${thrown.stack}\n`);
    return { kind: 'failed', error };
  }
}

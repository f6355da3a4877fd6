/** A suspect by itself in a fresh process: does it end that one too, or hang it? */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ManifestRecord } from '@undertone/shared';
import type { QuarantineNote } from '../commit/quarantine.js';
import { HangWatch } from '../flight/hang-watch.js';
import type { Counters } from '../worker/counters.js';
import type { Job } from '../worker/job.js';
import type { FromRunner, ToRunner } from './messages.js';
import { endRunner, forkRunner } from './runner-process.js';

/** null: it did nothing wrong. */
export type Verdict = Pick<QuarantineNote, 'code' | 'message'> | null;

/** Somebody else may have killed the process; nobody does so this often. */
const KILLS_TO_BLAME = 3;
const STOP_POLL_MS = 100;

/** @returns undefined when a stop was requested before the verdict */
export async function tryAlone(
  record: ManifestRecord,
  job: Job,
  limitSeconds: number,
  counters: Counters,
): Promise<Verdict | undefined> {
  for (let kills = 0; ; ) {
    const ended = await onceAlone(record, job, limitSeconds, counters);
    if (ended === 'stopped') return undefined;
    if (ended === 'well') return null;
    if (ended === 'hung')
      return { code: 'timeout', message: 'Processing makes no progress (see --record-timeout)' };
    if (ended !== 'SIGKILL' || ++kills === KILLS_TO_BLAME)
      return { code: 'crash', message: `Processing ends the program (${ended})` };
  }
}

/** @returns `well`, `hung`, `stopped`, or the signal or exit code that it died with */
function onceAlone(
  record: ManifestRecord,
  job: Job,
  limitSeconds: number,
  counters: Counters,
): Promise<string> {
  // Matrices go where nobody looks for them.
  const out = mkdtempSync(join(tmpdir(), 'undertone-trial-'));
  const runner = forkRunner(job.kind === 'label' ? 'run' : 'features');
  const { child, flight } = runner;
  return new Promise<string>((resolve, reject) => {
    let how: string | null = null;
    const end = (as: string): void => {
      how ??= as;
      child.kill('SIGKILL');
    };
    const watch = new HangWatch(flight, limitSeconds, () => end('hung'));
    const stopPoll = setInterval(() => {
      if (counters.stopRequested) end('stopped');
    }, STOP_POLL_MS);
    child.on('message', (message) => {
      // An error of its own (a full disk, say) is not the record's fault either: the run will meet it and say so.
      const { kind } = message as FromRunner;
      if (kind === 'tried' || kind === 'failed') end('well');
    });
    child.on('error', (thrown) => {
      if (child.pid === undefined) reject(thrown);
    });
    child.once('exit', (code, signal) => {
      watch.stop();
      clearInterval(stopPoll);
      resolve(how ?? signal ?? `exit code ${code}`);
    });
    child.send({ kind: 'trial', job: { ...job, out }, record } satisfies ToRunner, () => undefined);
  }).finally(() => {
    endRunner(runner);
    rmSync(out, { recursive: true, force: true });
  });
}

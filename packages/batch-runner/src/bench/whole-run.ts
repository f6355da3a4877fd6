/** `undertone run` as a person would start it, timed from outside: a process of its own and an empty output folder. */
import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { fileURLToPath } from 'node:url';
import { UndertoneError } from '@undertone/shared';

const CLI = fileURLToPath(new URL('../../bin/undertone.js', import.meta.url));

export interface RunTimes {
  /** From the start of the process to its end. */
  readonly wallSeconds: number;
  /** Of all workers together, by stage. */
  readonly stageSeconds: Readonly<Record<string, number>>;
}

/** Runs one after the other; whoever is interrupted ends the one that is at work. */
export class WholeRuns {
  #child: ChildProcess | null = null;

  /** @param args inputs and flags of the run, without those given here */
  constructor(readonly args: readonly string[]) {}

  /** @throws UndertoneError as the run failed, with its own sentence */
  async once(workers: number, out: string): Promise<RunTimes> {
    rmSync(out, { recursive: true, force: true });
    const flags = ['--out', out, '--workers', String(workers), '--quiet', '--max-error-share', '1'];
    const begin = performance.now();
    // A process group of its own: the run has processes of its own, and all of them must end.
    const child = spawn(process.execPath, [CLI, 'run', ...this.args, ...flags], {
      detached: true,
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    this.#child = child;
    const { code, said } = await ended(child);
    const wallSeconds = (performance.now() - begin) / 1000;
    this.#child = null;
    if (code !== 0) {
      const sentence = said.trim().split('\n').at(-1) || `undertone run ended with exit code ${code}`;
      throw new UndertoneError(code === 64 ? 'usage' : 'internal', 'run', sentence);
    }
    const { totals } = JSON.parse(readFileSync(join(out, 'run.json'), 'utf8')) as {
      totals: { workerSeconds: Record<string, number> };
    };
    return { wallSeconds, stageSeconds: totals.workerSeconds };
  }

  kill(): void {
    const pid = this.#child?.pid;
    this.#child = null;
    if (pid !== undefined) process.kill(-pid, 'SIGKILL');
  }
}

function ended(child: ChildProcess): Promise<{ code: number | null; said: string }> {
  let said = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, said }));
  });
}

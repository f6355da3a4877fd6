/** The parent's hold on a process that benchmarks under one instruction set. One request at a time. */
import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { fromErrorData, UndertoneError } from '@undertone/shared';
import type { ChildRequest } from './child.js';
import type { LaneAnswer, Stretch } from './lane.js';
import type { Limits, PassFacts, Task } from './task.js';

export class IsaProcess {
  readonly isa: string;
  readonly #child: ChildProcess;

  constructor(isa: string) {
    this.isa = isa;
    this.#child = fork(fileURLToPath(new URL('./child.js', import.meta.url)), {
      env: { ...process.env, UNDERTONE_ISA: isa },
      execArgv: [],
      serialization: 'advanced',
    });
  }

  /** @throws UndertoneError unsupported_device for an instruction set that this build or machine lacks */
  async start(lanes: number): Promise<void> {
    try {
      await this.#ask({ kind: 'start', lanes });
    } catch (thrown) {
      if (!(thrown instanceof UndertoneError)) throw thrown;
      throw new UndertoneError(thrown.code, '--isa', thrown.message.replace('UNDERTONE_ISA', '--isa'));
    }
  }

  /** Every lane makes every task ready. @returns what a pass of each is */
  async prepare(tasks: readonly Task[]): Promise<PassFacts[]> {
    const [facts] = await this.#ask<PassFacts[]>({ kind: 'prepare', tasks });
    return facts ?? [];
  }

  /** Seconds from the first thread's begin to the last one's end, `passes` passes by each of `lanes` threads. */
  async measure(task: number, passes: number, lanes: number): Promise<number> {
    const stretches = await this.#ask<Stretch>({ kind: 'measure', task, passes, lanes });
    const begin = Math.min(...stretches.map((one) => one.begin));
    const end = Math.max(...stretches.map((one) => one.end));
    return (end - begin) / 1e9;
  }

  /** Of `lanes` threads at once, together. */
  async limits(lanes: number): Promise<Limits> {
    const each = await this.#ask<Limits>({ kind: 'limits', lanes });
    return {
      multiplyAddsPerSecond: each.reduce((sum, one) => sum + one.multiplyAddsPerSecond, 0),
      bytesPerSecond: each.reduce((sum, one) => sum + one.bytesPerSecond, 0),
    };
  }

  kill(): void {
    this.#child.kill('SIGKILL');
  }

  async #ask<Answer extends LaneAnswer>(request: ChildRequest): Promise<Answer[]> {
    const child = this.#child;
    const answers = await new Promise<LaneAnswer[]>((resolve, reject) => {
      const settle = (act: () => void): void => {
        child.off('message', onMessage).off('exit', onExit);
        act();
      };
      const onMessage = (message: unknown): void => settle(() => resolve(message as LaneAnswer[]));
      const onExit = (code: number | null, signal: string | null): void =>
        settle(() =>
          reject(
            new UndertoneError(
              'internal',
              this.isa,
              `The ${this.isa} process ended unasked (${signal ?? `exit ${code}`})`,
            ),
          ),
        );
      child.on('message', onMessage).on('exit', onExit);
      child.send(request);
    });
    for (const answer of answers) if ('error' in answer) throw fromErrorData(answer.error);
    return answers as Answer[];
  }
}

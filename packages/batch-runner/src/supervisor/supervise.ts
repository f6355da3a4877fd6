/** The supervisor: starts the runner, shows how far it is, passes signals on, and starts another one when it dies. */
import { fromErrorData } from '@undertone/shared';
import { Progress, type ProgressNumbers } from '../report/progress.js';
import { interrupted } from '../runner/interrupted.js';
import type { DoneMessage, FromRunner, PlanMessage, StartMessage } from '../runner/messages.js';
import { forkRunner, type RunnerVerb } from '../runner/runner-process.js';
import type { FeaturesSettings, RunSettings } from '../settings.js';
import { takeAhead } from './ahead.js';
import { Deaths } from './deaths.js';
import { type Ending, RunnerSession } from './runner-session.js';
import { onStopSignals } from './signals.js';
import { keepStdin } from './stdin-file.js';

/** What a command reports when its tables are written. */
export interface Supervised extends Omit<DoneMessage, 'kind'> {
  readonly decodedSeconds: number;
  readonly wallSeconds: number;
  /** Committed before this command was given. */
  readonly resumedRecords: number;
}

/** Workers look at a stop request between reads; native code that does not return is not waited for. */
const STOP_GRACE_MS = 10_000;

/** @throws UndertoneError what the runner failed with, interrupted, or runner_crash */
export async function supervise(
  verb: RunnerVerb,
  inputs: readonly string[],
  settings: RunSettings | FeaturesSettings,
): Promise<Supervised> {
  const stdin = inputs.includes('-') ? await keepStdin() : 'ignore';
  return new Supervisor(verb, inputs, settings, stdin).run();
}

class Supervisor {
  readonly #begin = performance.now();
  #session: RunnerSession | null = null;
  #plan: PlanMessage | null = null;
  #progress: Progress | null = null;
  #numbers: ProgressNumbers | null = null;
  #decodedBefore = 0;
  #resumedRecords: number | null = null;
  #committedShards = 0;
  #stopping = false;
  readonly #deaths = new Deaths();

  constructor(
    readonly verb: RunnerVerb,
    readonly inputs: readonly string[],
    readonly settings: RunSettings | FeaturesSettings,
    readonly stdin: number | 'ignore',
  ) {}

  async run(): Promise<Supervised> {
    const forget = onStopSignals(
      () => this.#stop(),
      () => this.#stopAtOnce(),
    );
    try {
      for (;;) {
        const ending = await this.#runOnce();
        if (ending.kind === 'done') return this.#result(ending);
        if (ending.kind === 'failed') throw fromErrorData(ending.error);
        if (this.#stopping) throw interrupted(this.#committedShards, this.#plan?.shards ?? 0);
        process.stderr.write(`${this.#deaths.add(ending)}\n`);
      }
    } finally {
      forget();
      this.#progress?.stop();
    }
  }

  async #runOnce(): Promise<Ending> {
    const runner = takeAhead(this.verb) ?? forkRunner(this.verb, this.stdin);
    this.#session = new RunnerSession(runner, this.#start(), (message) => this.#hear(message));
    const ending = await this.#session.ended;
    this.#session = null;
    this.#decodedBefore += this.#numbers?.decodedSeconds ?? 0;
    this.#numbers = null;
    return ending;
  }

  #start(): StartMessage {
    return {
      kind: 'start',
      inputs: this.inputs,
      settings: this.settings,
      elapsedSeconds: (performance.now() - this.#begin) / 1000,
      suspects: this.#deaths.suspects,
      incidents: this.#deaths.incidents,
    };
  }

  #hear(message: FromRunner): void {
    switch (message.kind) {
      case 'plan':
        this.#plan = message;
        this.#committedShards = message.committed.shards;
        this.#resumedRecords ??= message.committed.files;
        this.#progress?.stop();
        this.#progress = new Progress(
          () => this.#numbers,
          message,
          process.stderr,
          this.settings.quiet || this.#stopping,
        );
        break;
      case 'progress':
        this.#numbers = message.numbers;
        break;
      case 'committed':
        this.#committedShards += 1;
        this.#deaths.forgive();
        break;
      case 'quarantined':
        this.#deaths.forgive();
        process.stderr.write(`${message.file}: ${message.message} (error_code ${message.code})\n`);
        break;
      case 'judged':
        this.#deaths.judged(message.index);
        break;
    }
  }

  #stop(): void {
    this.#stopping = true;
    process.stderr.write('\nStopping: committed shards stay (once more to stop at once)\n');
    // Before there is a plan there is nothing to finish.
    if (!this.#plan) this.#session?.kill();
    this.#session?.stop();
    setTimeout(() => this.#session?.kill(), STOP_GRACE_MS).unref();
  }

  #stopAtOnce(): void {
    this.#session?.kill();
  }

  #result(done: DoneMessage): Supervised {
    return {
      ...done,
      decodedSeconds: this.#decodedBefore,
      wallSeconds: (performance.now() - this.#begin) / 1000,
      resumedRecords: this.#resumedRecords ?? 0,
    };
  }
}

/** The supervisor: starts the runner, shows how far it is, passes signals on, and starts another one when it dies. */
import { fromErrorData, toErrorData } from '@undertone/shared';
import { EventStream, type RunEvent } from '../report/events.js';
import { ProgressTrack } from '../report/progress.js';
import { ProgressDisplay } from '../report/progress-display.js';
import { type WorkerState, WorkerStates } from '../report/worker-states.js';
import { interrupted } from '../runner/interrupted.js';
import type {
  CommittedMessage,
  DoneMessage,
  FromRunner,
  PlanMessage,
  StartMessage,
} from '../runner/messages.js';
import { forkRunner, type RunnerVerb } from '../runner/runner-process.js';
import type { FeaturesSettings, RunSettings } from '../settings.js';
import { takeAhead } from './ahead.js';
import { Deaths, sentenceOf } from './deaths.js';
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
  readonly #track = new ProgressTrack();
  readonly #deaths = new Deaths();
  readonly #workerStates = new WorkerStates();
  readonly #events: EventStream | null;
  readonly #display: ProgressDisplay | null;
  #session: RunnerSession | null = null;
  #plan: PlanMessage | null = null;
  #decoded = { before: 0, now: 0 };
  #resumedRecords: number | null = null;
  #committedShards = 0;
  #stopping = false;

  constructor(
    readonly verb: RunnerVerb,
    readonly inputs: readonly string[],
    readonly settings: RunSettings | FeaturesSettings,
    readonly stdin: number | 'ignore',
  ) {
    const { json, quiet } = settings;
    this.#events = json ? new EventStream(process.stdout) : null;
    this.#events?.emitProgress(() => this.#progressEvent());
    this.#display =
      json || quiet
        ? null
        : new ProgressDisplay(
            process.stderr,
            () => this.#track.facts(),
            () => this.#workers(),
          );
  }

  async run(): Promise<Supervised> {
    const forget = onStopSignals(
      () => this.#stop(),
      () => this.#stopAtOnce(),
    );
    try {
      return await this.#untilDone();
    } catch (thrown) {
      const { code, message } = toErrorData(thrown, 'undertone');
      this.#events?.emit(
        code === 'interrupted' ? { event: 'interrupted', message } : { event: 'failed', code, message },
      );
      throw thrown;
    } finally {
      forget();
      this.#events?.stop();
      this.#display?.stop();
    }
  }

  async #untilDone(): Promise<Supervised> {
    for (;;) {
      const ending = await this.#runOnce();
      if (ending.kind === 'done') return this.#result(ending);
      if (ending.kind === 'failed') throw fromErrorData(ending.error);
      if (this.#stopping) throw interrupted(this.#committedShards, this.#plan?.shards ?? 0);
      const incident =
        ending.kind === 'recycle' ? this.#deaths.recycled(ending.residentMb) : this.#deaths.add(ending);
      const { kind, how, files } = incident;
      this.#events?.emit({ event: 'restart', kind, how, files });
      this.#say(sentenceOf(incident));
    }
  }

  async #runOnce(): Promise<Ending> {
    const runner = takeAhead(this.verb) ?? forkRunner(this.verb, this.stdin);
    this.#session = new RunnerSession(runner, this.#start(), (message) => this.#hear(message));
    const ending = await this.#session.ended;
    this.#session = null;
    this.#decoded = { before: this.#decoded.before + this.#decoded.now, now: 0 };
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
        this.#planned(message);
        break;
      case 'progress':
        this.#track.numbers(message.numbers);
        this.#decoded.now = message.numbers.decodedSeconds;
        break;
      case 'committed':
        this.#committed(message);
        break;
      case 'quarantined': {
        const { kind: _kind, ...facts } = message;
        this.#deaths.forgive();
        this.#events?.emit({ event: 'quarantine', ...facts });
        this.#say(`${message.file}: ${message.message} (error_code ${message.code})`);
        break;
      }
      case 'judged':
        this.#deaths.judged(message.index);
        break;
      case 'warning':
        this.#say(message.sentence);
        break;
    }
  }

  #planned(plan: PlanMessage): void {
    const { shards, files, committed } = plan;
    const { seconds, ...done } = committed;
    this.#plan = plan;
    this.#committedShards = committed.shards;
    this.#resumedRecords ??= committed.files;
    this.#track.plan(plan);
    const audio = { audioSeconds: plan.seconds, committed: { ...done, audioSeconds: seconds } };
    this.#events?.emit({ event: 'plan', shards, files, ...audio });
  }

  #committed({ shard, records, errors, failures }: CommittedMessage): void {
    this.#committedShards += 1;
    this.#deaths.forgive();
    for (const failure of failures) this.#events?.emit({ event: 'record_error', ...failure });
    this.#events?.emit({ event: 'shard', shard, records, errors });
  }

  #say(sentence: string): void {
    if (this.#display) this.#display.say(sentence);
    else process.stderr.write(`${sentence}\n`);
  }

  #workers(): WorkerState[] {
    return this.settings.verbose && this.#session ? this.#workerStates.read(this.#session.inFlight) : [];
  }

  #progressEvent(): Extract<RunEvent, { event: 'progress' }> | null {
    const facts = this.#track.facts();
    const workers = this.settings.verbose ? { workers: this.#workers() } : {};
    return facts && { event: 'progress', ...facts, ...workers };
  }

  #stop(): void {
    this.#stopping = true;
    this.#say('Stopping: committed shards stay (once more to stop at once)');
    // Before there is a plan there is nothing to finish.
    if (!this.#plan) this.#session?.kill();
    this.#session?.stop();
    setTimeout(() => this.#session?.kill(), STOP_GRACE_MS).unref();
  }

  #stopAtOnce(): void {
    this.#session?.kill();
  }

  #result(done: DoneMessage): Supervised {
    const { records, errors, audioSeconds, passedOver, rows } = done;
    const resumedRecords = this.#resumedRecords ?? 0;
    const wallSeconds = (performance.now() - this.#begin) / 1000;
    const last = this.#progressEvent();
    if (last) this.#events?.emit(last);
    this.#events?.emit({
      event: 'done',
      ...{ records, errors, audioSeconds, resumedRecords, passedOver, rows, elapsedSeconds: wallSeconds },
    });
    return { ...done, decodedSeconds: this.#decoded.before, wallSeconds, resumedRecords };
  }
}

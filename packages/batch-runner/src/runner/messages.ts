/** What supervisor and runner tell each other. Plain data, as everything that crosses a process border. */
import type { ErrorData } from '@undertone/shared';
import type { Changes } from '../commit/earlier-plan.js';
import type { ProgressNumbers, ProgressPlan } from '../report/progress.js';
import type { FeaturesSettings, Part, RunSettings } from '../settings.js';

/** What to do; sent once, first. */
export interface StartMessage {
  readonly kind: 'start';
  readonly inputs: readonly string[];
  readonly settings: RunSettings | FeaturesSettings;
  /** Seconds since the command was given; more than a moment in a runner that takes another's place. */
  readonly elapsedSeconds: number;
}

/** Finish or abandon the current shards, then end with an error `interrupted`. */
export interface StopMessage {
  readonly kind: 'stop';
}

export type ToRunner = StartMessage | StopMessage;

/** The plan stands, and what of it is committed already. */
export interface PlanMessage extends ProgressPlan {
  readonly kind: 'plan';
  readonly shards: number;
  readonly committed: ProgressPlan['committed'] & { readonly shards: number };
}

export interface ProgressMessage {
  readonly kind: 'progress';
  readonly numbers: ProgressNumbers;
}

/** One shard more is committed. */
export interface CommittedMessage {
  readonly kind: 'committed';
  readonly shard: string;
  readonly records: number;
  readonly errors: number;
}

/** A part of the plan, and how much of the whole plan is committed in the folder now. */
export interface PartDone extends Part {
  readonly committed: number;
  readonly shards: number;
}

/** Everything asked for is committed, and the tables are written unless it was a part. */
export interface DoneMessage {
  readonly kind: 'done';
  readonly records: number;
  readonly errors: number;
  readonly audioSeconds: number;
  readonly passedOver: number;
  readonly rows: Readonly<Record<string, number>>;
  /** Names of the files with the tables. */
  readonly written: readonly string[];
  /** Against the plan of an earlier call; null when there was none. */
  readonly changes: Changes | null;
  /** Set when a part of the plan was asked for: no tables are written then. */
  readonly part: PartDone | null;
}

/** The command ends with this error. */
export interface FailedMessage {
  readonly kind: 'failed';
  readonly error: ErrorData;
}

export type FromRunner = PlanMessage | ProgressMessage | CommittedMessage | DoneMessage | FailedMessage;

/** What supervisor and runner tell each other. Plain data, as everything that crosses a process border. */
import type { ErrorData, ManifestRecord, RecordError } from '@undertone/shared';
import type { Changes } from '../commit/earlier-plan.js';
import type { InFlight } from '../flight/in-flight.js';
import type { ProgressNumbers, ProgressPlan } from '../report/progress.js';
import type { FeaturesSettings, Part, RunSettings } from '../settings.js';
import type { Job } from '../worker/job.js';

/** What to do; sent once, first. */
export interface StartMessage {
  readonly kind: 'start';
  readonly inputs: readonly string[];
  readonly settings: RunSettings | FeaturesSettings;
  /** Seconds since the command was given; more than a moment in a runner that takes another's place. */
  readonly elapsedSeconds: number;
  /** What the workers of runners that died were at, and nobody has been cleared of yet. */
  readonly suspects: readonly InFlight[];
  /** What became of the runners before this one. */
  readonly incidents: readonly Incident[];
}

/** Why a runner had to be started in another's place; kept in run.json. */
export interface Incident {
  readonly at: string;
  readonly kind: 'crash' | 'timeout' | 'memory';
  /** The signal or exit code, or the memory in use. */
  readonly how: string;
  /** What its workers were at. */
  readonly files: readonly string[];
}

/** Do everything that is done with one record, and keep nothing of it. */
export interface TrialMessage {
  readonly kind: 'trial';
  readonly job: Job;
  readonly record: ManifestRecord;
}

/** Finish or abandon the current shards, then end with an error `interrupted`. */
export interface StopMessage {
  readonly kind: 'stop';
}

export type ToRunner = StartMessage | StopMessage | TrialMessage;

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
  /** Its rows whose status is `error`. */
  readonly failures: readonly RecordError[];
}

/** A record that ends the program or hangs it: it has its row, and is left alone from now on. */
export interface QuarantinedMessage {
  readonly kind: 'quarantined';
  readonly record: string;
  readonly file: string;
  readonly code: 'crash' | 'timeout';
  readonly message: string;
}

/** The record of the manifest is a suspect no more. */
export interface JudgedMessage {
  readonly kind: 'judged';
  readonly index: number;
}

/** Something to tell people. */
export interface WarningMessage {
  readonly kind: 'warning';
  readonly sentence: string;
}

/** The runner holds too much memory and ended between shards: another one goes on. */
export interface RecycleMessage {
  readonly kind: 'recycle';
  readonly residentMb: number;
}

/** The record of a trial was worked through. */
export interface TriedMessage {
  readonly kind: 'tried';
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

export type FromRunner =
  | PlanMessage
  | ProgressMessage
  | CommittedMessage
  | QuarantinedMessage
  | JudgedMessage
  | TriedMessage
  | WarningMessage
  | RecycleMessage
  | DoneMessage
  | FailedMessage;

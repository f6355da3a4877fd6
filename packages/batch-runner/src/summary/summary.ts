/** What `undertone summary` tells, as data: this is its JSON. docs/analysts.md explains it. */
import type { RecordTiming } from '@undertone/shared';

export interface Summary {
  readonly schema: 'undertone-summary/1';
  readonly run: {
    readonly model: string;
    readonly startedAt: string;
    readonly finishedAt: string;
    readonly root: string;
  };
  readonly totals: {
    readonly recordings: number;
    /** Rows of table files: channels that were labelled by themselves count each. */
    readonly rows: number;
    readonly windows: number;
    /** Sums over those rows. */
    readonly audioSeconds: number;
    /** null where no row has it. */
    readonly speechSeconds: number | null;
    readonly bytes: number;
    /** Of the recordings, how many have an error row. */
    readonly failed: number;
  };
  /** Rows of table files. */
  readonly statuses: readonly Count[];
  readonly errorCodes: readonly Count[];
  /** Windows by label. */
  readonly labels: readonly LabelCount[];
  /** By the hour into the recording in which a window starts. */
  readonly hours: readonly Group<number>[];
  /** By the hour of the day, of recordings whose name tells when they began. */
  readonly clock: { readonly windows: number; readonly hours: readonly Group<number>[] };
  readonly roles: readonly Group<string>[];
  /** The largest; `count` is how many there are. */
  readonly folders: { readonly count: number; readonly largest: readonly Group<string>[] };
  /** Windows that carry each flag. */
  readonly flags: readonly Count[];
  /** Windows with a confidence in [0, 0.1), [0.1, 0.2), …, [0.9, 1]. */
  readonly confidence: readonly number[];
  /** Of every shard at most its five slowest are known. */
  readonly slowest: readonly RecordTiming[];
  readonly failed: readonly FailedFile[];
}

export interface Count {
  readonly name: string;
  readonly count: number;
}

export interface LabelCount extends Count {
  /** null for no_speech. */
  readonly meanConfidence: number | null;
}

/** Windows of a group, and how many of them each label has. */
export interface Group<Key> {
  readonly key: Key;
  readonly windows: number;
  readonly labels: Readonly<Record<string, number>>;
}

export interface FailedFile {
  readonly file: string;
  readonly channel: number | null;
  readonly code: string;
  readonly message: string;
}

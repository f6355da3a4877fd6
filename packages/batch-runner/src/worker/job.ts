/** What a worker is told once, when it starts. Plain data. */
import type { ChannelPlan, FrontEnd, RoleRules } from '@undertone/shared';

interface JobBase {
  readonly out: string;
  readonly fingerprint: string;
  readonly channels: ChannelPlan;
}

export interface LabelJob extends JobBase {
  readonly kind: 'label';
  readonly modelFolder: string;
  /** Workers take these in turn: one word for `openModel` each. */
  readonly devices: readonly [string, ...string[]];
  readonly windowS: number | null;
  readonly hopS: number | null;
  /** What one row of the segments table is of. */
  readonly segments: 'window' | 'speech' | 'file';
  readonly silenceDbfs: number;
  readonly minSpeech: number;
  readonly roles: RoleRules;
}

export interface FeaturesJob extends JobBase {
  readonly kind: 'features';
  readonly frontEnd: FrontEnd;
  readonly npy: boolean;
  readonly frameRows: boolean;
}

export type Job = LabelJob | FeaturesJob;

/** What a worker thread starts with. */
export interface WorkerData {
  readonly job: Job;
  readonly counters: SharedArrayBuffer;
}

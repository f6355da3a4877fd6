/** What a worker is told once, when it starts. Plain data. */
import type { WindowOverrides } from '@undertone/inference';
import type { ChannelPlan, FrontEnd, RoleRules } from '@undertone/shared';

interface JobBase {
  readonly out: string;
  readonly fingerprint: string;
  readonly channels: ChannelPlan;
  /** Workers take these in turn: `cpu` or `cuda:<index>`, one word for `openModel` and `featureBackend` each. */
  readonly devices: readonly [string, ...string[]];
  /** Most memory of a GPU that a worker's features take; null for the backend's default. */
  readonly gpuMemoryMib: number | null;
}

export interface JobModel {
  readonly folder: string;
  readonly overrides: WindowOverrides;
}

export interface LabelJob extends JobBase {
  readonly kind: 'label';
  /** Their probabilities are averaged; the first one's windows and card hold for all. */
  readonly models: readonly [JobModel, ...JobModel[]];
  /** What one row of the segments table is of. */
  readonly segments: 'window' | 'speech' | 'file';
  readonly silenceDbfs: number;
  readonly minSpeech: number;
  readonly abstainBelow: number;
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
  /** Descriptor of the file in which workers note what they are at. */
  readonly flight: number;
}

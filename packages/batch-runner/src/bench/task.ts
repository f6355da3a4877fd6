/** What a row of a benchmark measures, as plain data: it crosses process and thread borders. */
import type { FrontEnd } from '@undertone/shared';

export type Task =
  | {
      readonly kind: 'features';
      readonly name: string;
      readonly frontEnd: FrontEnd;
      /** Audio of one pass. */
      readonly seconds: number;
      /** A recording to take it from; null makes a signal up. */
      readonly input: string | null;
    }
  | {
      readonly kind: 'resample';
      readonly name: string;
      readonly fromHz: number;
      readonly toHz: number;
      readonly seconds: number;
      readonly input: string | null;
    }
  | { readonly kind: 'decode'; readonly name: string; readonly files: readonly string[] };

/** One pass of a task, by one thread. */
export interface PassFacts {
  readonly audioSeconds: number;
  /** Analysis frames of features; samples handed out (per channel) of the others. */
  readonly frames: number;
  /** Read and written: samples and features, or the bytes of the files. */
  readonly bytes: number;
  /** What the pass asks of the machine at least; null where that has no agreed count. */
  readonly work: { readonly operations: number; readonly bytes: number } | null;
}

/** What the machine does at most: the sum over the threads that were measured together. */
export interface Limits {
  readonly multiplyAddsPerSecond: number;
  readonly bytesPerSecond: number;
}

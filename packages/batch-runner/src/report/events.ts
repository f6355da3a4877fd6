/**
 * The events of `--json`, one JSON object a line on standard output; docs/events.md describes each. The list is closed:
 * what is added here is added there.
 */
import type { RecordError } from '@undertone/shared';
import type { ProgressFacts } from './progress.js';
import type { WorkerState } from './worker-states.js';

export const EVENTS = [
  'plan',
  'progress',
  'shard',
  'record_error',
  'restart',
  'quarantine',
  'done',
  'interrupted',
  'failed',
] as const;

export type RunEvent =
  | {
      readonly event: 'plan';
      readonly shards: number;
      readonly files: number;
      readonly audioSeconds: number;
      readonly committed: {
        readonly shards: number;
        readonly files: number;
        readonly audioSeconds: number;
        readonly errors: number;
      };
    }
  | ({ readonly event: 'progress'; readonly workers?: readonly WorkerState[] } & ProgressFacts)
  | { readonly event: 'shard'; readonly shard: string; readonly records: number; readonly errors: number }
  | ({ readonly event: 'record_error' } & RecordError)
  | {
      readonly event: 'restart';
      readonly kind: 'crash' | 'timeout' | 'memory';
      readonly how: string;
      readonly files: readonly string[];
    }
  | {
      readonly event: 'quarantine';
      readonly record: string;
      readonly file: string;
      readonly code: 'crash' | 'timeout';
      readonly message: string;
    }
  | {
      readonly event: 'done';
      readonly records: number;
      readonly errors: number;
      readonly audioSeconds: number;
      readonly resumedRecords: number;
      readonly passedOver: number;
      readonly rows: Readonly<Record<string, number>>;
      readonly elapsedSeconds: number;
    }
  | { readonly event: 'interrupted'; readonly message: string }
  | { readonly event: 'failed'; readonly code: string; readonly message: string };

const PROGRESS_INTERVAL_MS = 1000;

export class EventStream {
  #timer: NodeJS.Timeout | null = null;

  constructor(readonly stream: NodeJS.WritableStream) {}

  emit(event: RunEvent): void {
    this.stream.write(`${JSON.stringify({ ...event, time: new Date().toISOString() })}\n`);
  }

  /** @param read null before there is anything to tell */
  emitProgress(read: () => Extract<RunEvent, { event: 'progress' }> | null): void {
    this.#timer = setInterval(() => {
      const event = read();
      if (event) this.emit(event);
    }, PROGRESS_INTERVAL_MS).unref();
  }

  stop(): void {
    if (this.#timer) clearInterval(this.#timer);
  }
}

/** Between a pipeline and whoever keeps its rows. */
import type { ManifestRecord, Row, Shard } from '@undertone/shared';
import type { Table } from '../sink/table.js';
import type { StageClock } from '../stage/stage-clock.js';

export interface RowWriter {
  write(table: string, row: Row): void;
  /**
   * @param decodedSeconds seconds already counted as decoded for this record
   * @param wallSeconds how long it kept the worker
   */
  recordDone(record: ManifestRecord, decodedSeconds: number, wallSeconds: number, failed: boolean): void;
  /** What a piece of a recording adds to the row that will be made of all its pieces. */
  pieceDone(tally: object): void;
}

/** The same writer, with the time that rows take on the clock. */
export const timedRows = (rows: RowWriter, clock: StageClock): RowWriter => ({
  ...rows,
  write: (table, row) => clock.time('rows', () => rows.write(table, row)),
});

export interface ShardPipeline {
  readonly tables: readonly Table[];
  /** @throws Stopped when a stop was requested; anything else it throws ends the run */
  run(shard: Shard, rows: RowWriter): Promise<{ audioSeconds: number; stageSeconds: Record<string, number> }>;
}

/** Thrown inside a pipeline when the run was asked to stop. */
export class Stopped extends Error {}

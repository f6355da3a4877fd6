/** What became of the files: counts and sums out of one pass over the rows of table files, and those that failed. */
import type { CommittedTable } from '../commit/finished-run.js';
import { type PartQuery, partsSource } from '../read/part-query.js';
import type { Count, FailedFile, Summary } from './summary.js';

/** Makes the table `outcomes`: one row a status and error code. */
export async function countOutcomes(query: PartQuery, { columns, parts }: CommittedTable): Promise<void> {
  await query.all(`
    CREATE TEMP TABLE outcomes AS
    SELECT status, error_code, CAST(count(*) AS DOUBLE) AS n, sum(CAST(duration_s AS DOUBLE)) AS audio,
      sum(CAST(speech_s AS DOUBLE)) AS speech, sum(CAST(bytes AS DOUBLE)) AS bytes
    FROM ${partsSource(columns, parts)} GROUP BY ALL`);
}

export async function fileTotals(
  query: PartQuery,
): Promise<Pick<Summary['totals'], 'rows' | 'audioSeconds' | 'speechSeconds' | 'bytes'>> {
  const [row] = await query.all(
    'SELECT sum(n) AS n, sum(audio) AS audio, sum(speech) AS speech, sum(bytes) AS bytes FROM outcomes',
  );
  return {
    rows: Number(row?.n ?? 0),
    audioSeconds: Number(row?.audio ?? 0),
    speechSeconds: row?.speech == null ? null : Number(row.speech),
    bytes: Number(row?.bytes ?? 0),
  };
}

export async function outcomeCounts(query: PartQuery, column: 'status' | 'error_code'): Promise<Count[]> {
  const rows = await query.all(`
    SELECT ${column} AS name, sum(n) AS n FROM outcomes WHERE ${column} IS NOT NULL
    GROUP BY ${column} ORDER BY n DESC, name`);
  return rows.map(({ name, n }) => ({ name: String(name), count: Number(n) }));
}

/** The first `top` in the order of the table. */
export async function failedFiles(
  query: PartQuery,
  { columns, parts }: CommittedTable,
  top: number,
): Promise<FailedFile[]> {
  const rows = await query.all(`
    SELECT file, CAST(channel AS DOUBLE) AS channel, error_code, error_message
    FROM ${partsSource(columns, parts)} WHERE status = 'error' LIMIT ${top}`);
  return rows.map(({ file, channel, error_code, error_message }) => ({
    file: String(file),
    channel: channel == null ? null : Number(channel),
    code: String(error_code),
    message: String(error_message ?? ''),
  }));
}

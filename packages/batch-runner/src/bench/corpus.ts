/** What a run worked on, as its own rows say. */
import type { FinishedRun } from '../commit/finished-run.js';
import { type PartQuery, partsSource } from '../read/part-query.js';
import type { Corpus } from './run-rows.js';

export async function corpusOf(run: FinishedRun, query: PartQuery): Promise<Corpus> {
  const files = run.table('files');
  const segments = run.table('segments');
  // Channels that were labelled by themselves are rows of one recording.
  const recordings = `(
    SELECT record_id, max(CAST(bytes AS DOUBLE)) AS bytes, max(CAST(duration_s AS DOUBLE)) AS duration,
      any_value(codec || ' ' || sample_rate_hz || ' Hz ' ||
        CASE channels WHEN '1' THEN 'mono' WHEN '2' THEN 'stereo' ELSE channels || ' channels' END) AS format
    FROM ${partsSource(files.columns, files.parts)} GROUP BY record_id)`;
  const formats = await query.all(`
    SELECT format, CAST(count(*) AS DOUBLE) AS n, sum(bytes) AS bytes, sum(coalesce(duration, 0)) AS duration
    FROM ${recordings} GROUP BY format ORDER BY bytes DESC, format`);
  const [windows] = await query.all(`
    SELECT CAST(count(*) AS DOUBLE) AS n, CAST(count(top_label) AS DOUBLE) AS scored
    FROM ${partsSource(segments.columns, segments.parts)}`);
  const sum = (column: 'n' | 'bytes' | 'duration'): number =>
    formats.reduce((total, row) => total + Number(row[column]), 0);
  const known = formats.filter(({ format }) => format !== null);
  const others = known.length > 1 ? ` and ${known.length - 1} other` : '';
  return {
    format: `${known[0]?.format ?? 'no format'}${others}`,
    recordings: sum('n'),
    audioSeconds: sum('duration'),
    bytes: sum('bytes'),
    windows: Number(windows?.n ?? 0),
    scored: Number(windows?.scored ?? 0),
  };
}

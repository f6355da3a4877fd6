/** Counts of windows by one key each, out of a single pass over the rows of table segments. */
import type { CommittedTable } from '../commit/finished-run.js';
import { type PartQuery, partsSource } from '../read/part-query.js';
import type { Count, Group, LabelCount } from './summary.js';

const KEYS = ['folder', 'role', 'hour', 'clock', 'flags', 'bin'] as const;
type Key = (typeof KEYS)[number];

/** Where a name says when a recording began: hour and minute after a date, as in `2026-03-01_14-30` or `20260301T1430`. */
const DATE = '(?:19|20)[0-9]{2}[-_.]?(?:0[1-9]|1[0-2])[-_.]?(?:0[1-9]|[12][0-9]|3[01])';
const BEGIN = `(?:^|[^0-9])${DATE}[-_.T ]{0,2}([01][0-9]|2[0-3])[-_.:h]?([0-5][0-9])[^/]*$`;

/** Makes the table `counts`: one row a key, its value and label; `n` windows, `sure` the sum of their confidence. */
export async function countWindows(query: PartQuery, { columns, parts }: CommittedTable): Promise<void> {
  await query.all(`
    CREATE TEMP TABLE counts AS
    WITH typed AS (
      SELECT *, CAST(start_s AS DOUBLE) / 3600 AS start_h, CAST(confidence AS DOUBLE) AS sure,
        TRY_CAST(regexp_extract(file, '${BEGIN}', 1) AS DOUBLE) AS begin_h,
        TRY_CAST(regexp_extract(file, '${BEGIN}', 2) AS DOUBLE) / 60 AS begin_min
      FROM ${partsSource(columns, parts)}
    ), keyed AS (
      SELECT label, sure, flags,
        regexp_replace(file, '/[^/]*$', '') AS folder,
        coalesce(role, 'channel ' || channel, 'mixed channels') AS role,
        floor(start_h) AS hour,
        floor(begin_h + begin_min + start_h) % 24 AS clock,
        CASE WHEN sure IS NULL THEN NULL ELSE least(9, floor(10 * sure)) END AS bin
      FROM typed
    )
    SELECT GROUPING(${KEYS.join(', ')}) AS keys, ${KEYS.join(', ')}, label,
      CAST(count(*) AS DOUBLE) AS n, sum(sure) AS sure
    FROM keyed
    GROUP BY GROUPING SETS ((label), ${KEYS.map((key) => `(${key}, label)`).join(', ')})`);
}

/** GROUPING has a bit for each key, the last one's lowest, that a row was not counted by. */
function countedBy(key: Key): string {
  const bits = 2 ** KEYS.length - 1 - 2 ** (KEYS.length - 1 - KEYS.indexOf(key));
  return `(FROM counts WHERE keys = ${bits} AND ${key} IS NOT NULL)`;
}

export async function labelCounts(query: PartQuery): Promise<LabelCount[]> {
  const rows = await query.all(
    `SELECT label, n, sure / n AS mean FROM counts WHERE keys = ${2 ** KEYS.length - 1} ORDER BY n DESC, label`,
  );
  return rows.map(({ label, n, mean }) => ({
    name: String(label),
    count: Number(n),
    meanConfidence: mean == null ? null : Number(mean),
  }));
}

/** In order of the key, or the `top` largest. */
export async function groups<K extends string | number>(
  query: PartQuery,
  key: Key,
  top?: number,
): Promise<Group<K>[]> {
  const chosen =
    top === undefined
      ? `SELECT DISTINCT ${key} FROM ${countedBy(key)}`
      : `SELECT ${key} FROM ${countedBy(key)} GROUP BY ${key} ORDER BY sum(n) DESC, ${key} LIMIT ${top}`;
  const rows = await query.all(`
    SELECT ${key} AS key, label, n, sum(n) OVER (PARTITION BY ${key}) AS windows
    FROM ${countedBy(key)} WHERE ${key} IN (${chosen})
    ORDER BY ${top === undefined ? '' : 'windows DESC, '}${key}, n DESC, label`);
  const found = new Map<K, { key: K; windows: number; labels: Record<string, number> }>();
  for (const row of rows) {
    const name = row.key as K;
    const group = found.get(name) ?? { key: name, windows: Number(row.windows), labels: {} };
    group.labels[String(row.label)] = Number(row.n);
    found.set(name, group);
  }
  return [...found.values()];
}

export async function folderCount(query: PartQuery): Promise<number> {
  const [row] = await query.all(
    `SELECT CAST(count(DISTINCT folder) AS DOUBLE) AS n FROM ${countedBy('folder')}`,
  );
  return Number(row?.n ?? 0);
}

export async function flagCounts(query: PartQuery): Promise<Count[]> {
  const rows = await query.all(`
    SELECT name, sum(n) AS n FROM (SELECT unnest(string_split(flags, ';')) AS name, n FROM ${countedBy('flags')})
    GROUP BY name ORDER BY n DESC, name`);
  return rows.map(({ name, n }) => ({ name: String(name), count: Number(n) }));
}

/** Ten bins from 0 to 1. */
export async function confidenceBins(query: PartQuery): Promise<number[]> {
  const rows = await query.all(`SELECT bin, sum(n) AS n FROM ${countedBy('bin')} GROUP BY bin`);
  const bins = new Map(rows.map(({ bin, n }) => [Number(bin), Number(n)]));
  return Array.from({ length: 10 }, (_, i) => bins.get(i) ?? 0);
}

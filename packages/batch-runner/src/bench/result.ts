/** The file that `--json` writes and `--compare` reads. docs/bench.md explains every field. */
import { readFileSync } from 'node:fs';
import { parseSettings, UndertoneError } from '@undertone/shared';
import { z } from 'zod';
import { threadsText } from './numbers.js';

export const RESULT_SCHEMA = 'undertone-bench/1';

const rate = z.number().positive();

const limitsSchema = z.object({
  isa: z.string(),
  threads: z.int().min(1),
  multiplyAddsPerSecond: rate,
  bytesPerSecond: rate,
});

const rowSchema = z.object({
  name: z.string(),
  device: z.string(),
  isa: z.string(),
  threads: z.int().min(1),
  timesRealTime: rate,
  min: rate,
  max: rate,
  lowerQuartile: rate,
  upperQuartile: rate,
  repeats: z.int().min(1),
  passes: z.int().min(1),
  audioSeconds: rate,
  framesPerSecond: rate.nullable(),
  gigabytesPerSecond: rate,
  shareOfLimit: rate.nullable(),
  limitedBy: z.enum(['arithmetic', 'memory']).nullable(),
  /** Of whole runs alone. */
  run: z
    .object({
      wallSeconds: rate,
      terabytesANight: rate,
      stages: z.array(
        z.object({
          name: z.string(),
          workerSeconds: z.number(),
          share: z.number(),
          timesRealTime: rate.nullable(),
        }),
      ),
    })
    .optional(),
});

const corpusSchema = z.object({
  format: z.string(),
  recordings: z.int().min(1),
  audioSeconds: rate,
  bytes: rate,
  windows: z.int().min(1),
  scored: z.int().min(0),
  pageCache: z.enum(['warm', 'too small']),
});

export const resultSchema = z.object({
  schema: z.literal(RESULT_SCHEMA),
  benchmark: z.enum(['features', 'resample', 'decode', 'run']),
  command: z.string(),
  startedAt: z.string(),
  settings: z.record(z.string(), z.unknown()),
  machine: z.object({
    cpu: z.string(),
    cores: z.int().min(1),
    memoryBytes: z.number(),
    governor: z.string().nullable(),
    loadAverage: z.number(),
  }),
  versions: z.record(z.string(), z.unknown()),
  limits: z.array(limitsSchema),
  /** What whole runs worked on. */
  corpus: corpusSchema.optional(),
  rows: z.array(rowSchema).min(1),
});

export type BenchResult = z.output<typeof resultSchema>;
export type BenchRow = BenchResult['rows'][number];
export type BenchCorpus = NonNullable<BenchResult['corpus']>;
export type BenchLimits = BenchResult['limits'][number];

/** @throws UndertoneError usage for a file that cannot be read or is no result */
export function readResult(path: string): BenchResult {
  const refuse = (why: string): never => {
    throw new UndertoneError('usage', path, `"${path}" is no result of undertone bench --json: ${why}`);
  };
  let value: unknown;
  try {
    value = JSON.parse(readFileSync(path, 'utf8'));
  } catch (thrown) {
    return refuse((thrown as Error).message);
  }
  try {
    return parseSettings(resultSchema, value, 'result');
  } catch (thrown) {
    return refuse((thrown as Error).message);
  }
}

/** What a row is called in sentences. */
export const rowLabel = (row: BenchRow): string => [row.name, row.isa, lanesText(row)].join(', ');

const lanesText = ({ threads, run }: BenchRow): string =>
  run ? `${threads} ${threads === 1 ? 'worker' : 'workers'}` : threadsText(threads);

/** The same for charts, without what all rows share. */
export function chartLabels(rows: readonly BenchRow[]): string[] {
  const varies = (part: (row: BenchRow) => unknown): boolean => new Set(rows.map(part)).size > 1;
  const [isas, threads] = [varies((row) => row.isa), varies((row) => row.threads)];
  return rows.map((row) =>
    [row.name, isas ? row.isa : '', threads ? lanesText(row) : ''].filter(Boolean).join(', '),
  );
}

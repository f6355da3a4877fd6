/** The arithmetic of `undertone bench`: spread, verdicts, shares, and what reads and shows results. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { compare, judge } from '../../packages/batch-runner/src/bench/compare.ts';
import { percent, scaled, times } from '../../packages/batch-runner/src/bench/numbers.ts';
import { reportFor } from '../../packages/batch-runner/src/bench/report.ts';
import { type BenchResult, type BenchRow, readResult } from '../../packages/batch-runner/src/bench/result.ts';
import { shareOfLimit, toRows } from '../../packages/batch-runner/src/bench/rows.ts';
import { spreadOf } from '../../packages/batch-runner/src/bench/statistics.ts';
import { resampleTasks } from '../../packages/batch-runner/src/bench/tasks.ts';
import { asText } from '../../packages/batch-runner/src/bench/text.ts';
import { seeded } from '../fixtures/random.ts';

const work = mkdtempSync(join(tmpdir(), 'undertone-bench-test-'));
afterAll(() => rmSync(work, { recursive: true }));

function row(speeds: readonly number[], more: Partial<BenchRow> = {}): BenchRow {
  const { median, ...spread } = spreadOf(speeds);
  return {
    name: 'kaldi-fbank-80',
    device: 'cpu',
    isa: 'avx2',
    threads: 1,
    timesRealTime: median,
    ...spread,
    repeats: speeds.length,
    passes: 10,
    audioSeconds: 60,
    framesPerSecond: 100 * median,
    gigabytesPerSecond: 1.5,
    shareOfLimit: 0.5,
    limitedBy: 'arithmetic',
    ...more,
  };
}

function result(rows: readonly BenchRow[], more: Partial<BenchResult> = {}): BenchResult {
  return {
    schema: 'undertone-bench/1',
    benchmark: 'features',
    command: 'undertone bench features',
    startedAt: '2026-01-01T00:00:00.000Z',
    settings: { seconds: 60 },
    machine: { cpu: 'A <fast> one', cores: 2, memoryBytes: 2 ** 33, governor: null, loadAverage: 0.5 },
    versions: { undertone: '0.1.0', node: '20.20.2', compiler: 'gcc 12' },
    limits: [{ isa: 'avx2', threads: 1, multiplyAddsPerSecond: 5e10, bytesPerSecond: 2e10 }],
    rows: [...rows],
    ...more,
  };
}

describe('spread', () => {
  it('is that of numpy.quantile', () => {
    expect(spreadOf([4, 1, 3, 2])).toEqual({
      median: 2.5,
      min: 1,
      max: 4,
      lowerQuartile: 1.75,
      upperQuartile: 3.25,
    });
    expect(spreadOf([7])).toEqual({ median: 7, min: 7, max: 7, lowerQuartile: 7, upperQuartile: 7 });
  });
});

describe('verdict', () => {
  const around = (middle: number): number[] => [-3, -2, -1, 0, 1, 2, 3].map((step) => middle + step);

  it.each([
    ['faster', around(120), around(100)],
    ['slower', around(80), around(100)],
    ['the same', around(103), around(100)],
    ['the same', around(100), around(100)],
    // One disturbed repeat hides nothing.
    ['faster', [...around(120).slice(1), 40], around(100)],
    // Four repeats show no spread.
    ['the same', [120, 120, 120, 120], around(100)],
  ])('%s', (verdict, now, old) => {
    expect(judge(row(now), row(old))).toBe(verdict);
  });

  it('calls fewer than 1 in 50 of equal noise different, and finds a shift of five times it', () => {
    const random = seeded(1);
    // The sum of twelve uniform numbers is normal enough.
    const noise = (shift: number): number[] =>
      Array.from(
        { length: 7 },
        () => 100 + shift + Array.from({ length: 12 }, () => random.next()).reduce((a, b) => a + b) - 6,
      );
    const share = (shift: number, verdict: string): number =>
      Array.from({ length: 1000 }, () => judge(row(noise(shift)), row(noise(0)))).filter((v) => v === verdict)
        .length / 1000;
    expect(1 - share(0, 'the same')).toBeLessThan(0.02);
    expect(share(5, 'faster')).toBeGreaterThan(0.95);
    expect(share(-5, 'slower')).toBeGreaterThan(0.95);
  });
});

describe('compare', () => {
  const speeds = [98, 99, 100, 101, 102];

  it('matches rows by name, device, instruction set and threads, and names those without partner', () => {
    const now = result([row(speeds), row(speeds, { threads: 2 })]);
    const old = result([row(speeds.map((x) => x / 2)), row(speeds, { isa: 'sse4' })]);
    const found = compare(now, old);
    expect(found.rows.map(({ ratio, verdict }) => [ratio, verdict])).toEqual([[2, 'faster']]);
    expect(found.onlyNew).toEqual(['kaldi-fbank-80, avx2, 2 threads']);
    expect(found.onlyOld).toEqual(['kaldi-fbank-80, sse4, 1 thread']);
    expect(found.warnings).toEqual([]);
  });

  it('says what differs besides the speed', () => {
    const limit = { isa: 'avx2', threads: 1, multiplyAddsPerSecond: 4e10, bytesPerSecond: 2e10 };
    const now = result([row(speeds)], {
      machine: { cpu: 'B', cores: 8, memoryBytes: 1, governor: null, loadAverage: 0 },
      settings: { seconds: 10, input: 'a.wav' },
      limits: [limit],
    });
    expect(compare(now, result([row(speeds.slice(1))])).warnings).toEqual([
      'The machines differ: A <fast> one, 2 cores then, B, 8 cores now',
      'The settings differ: seconds 60 then, 10 now',
      'The settings differ: input null then, "a.wav" now',
      'Rows of fewer than 5 repeats count as the same: they show no spread',
      "The machine's own peak under avx2, 1 thread was 0.80 × that of the old run",
    ]);
  });

  it('matches nothing of another benchmark', () => {
    const found = compare(result([row(speeds)]), result([row(speeds)], { benchmark: 'decode' }));
    expect(found.rows).toEqual([]);
    expect(found.onlyNew).toHaveLength(1);
    expect(found.onlyOld).toHaveLength(1);
    expect(found.warnings[0]).toBe('The old result is of bench decode, this one of bench features');
  });
});

describe('rows', () => {
  const limits = { multiplyAddsPerSecond: 100, bytesPerSecond: 1000 };

  it('hold the time at the binding limit over the time taken', () => {
    expect(shareOfLimit({ operations: 50, bytes: 10 }, 1, limits)).toEqual({
      shareOfLimit: 0.25,
      limitedBy: 'arithmetic',
    });
    expect(shareOfLimit({ operations: 50, bytes: 500 }, 1, limits)).toEqual({
      shareOfLimit: 0.5,
      limitedBy: 'memory',
    });
    expect(shareOfLimit(null, 1, limits)).toEqual({ shareOfLimit: null, limitedBy: null });
  });

  it('count the work of all threads and passes', () => {
    const facts = { audioSeconds: 60, frames: 6000, bytes: 3e6, work: { operations: 1e6, bytes: 1e6 } };
    const task = { kind: 'decode', name: 'x', files: [] } as const;
    const [made] = toRows(
      [{ task, isa: 'avx2', threads: 2, facts, passes: 5, seconds: [0.3, 0.1, 0.2] }],
      [{ isa: 'avx2', threads: 2, multiplyAddsPerSecond: 5e8, bytesPerSecond: 1e9 }],
    );
    // Ten passes of a minute in 0.2 s.
    expect(made).toMatchObject({ repeats: 3, passes: 5, limitedBy: 'arithmetic', threads: 2 });
    expect(made?.timesRealTime).toBeCloseTo(3000);
    expect(made?.min).toBeCloseTo(2000);
    expect(made?.max).toBeCloseTo(6000);
    expect(made?.framesPerSecond).toBeCloseTo(300_000);
    expect(made?.gigabytesPerSecond).toBeCloseTo(0.15);
    expect(made?.shareOfLimit).toBeCloseTo(0.05);
  });
});

describe('readResult', () => {
  const file = join(work, 'result.json');

  it('reads what was written', () => {
    const written = result([row([1, 2, 3])]);
    writeFileSync(file, JSON.stringify(written));
    expect(readResult(file)).toEqual(written);
  });

  it.each([
    ['nothing like it', /is no result of undertone bench --json: Unexpected token/],
    ['{}', /Expected "undertone-bench\/1" for result\.schema but received nothing$/],
    [JSON.stringify(result([])), /Expected at least 1 entries for result\.rows/],
    [
      JSON.stringify({ ...result([row([1])]), rows: [{ ...row([1]), timesRealTime: 'fast' }] }),
      /Expected a number for result\.rows\.0\.timesRealTime but received "fast" of type string$/,
    ],
  ])('refuses %s', (text, sentence) => {
    writeFileSync(file, text);
    expect(() => readResult(file)).toThrow(sentence);
  });
});

describe('resample tasks', () => {
  it('take pairs and rates, each once', () => {
    const source = { seconds: 1, input: null };
    const tasks = resampleTasks(['48000', '22050:8000', '48000:16000'], source);
    expect(tasks.map(({ name }) => name)).toEqual(['48000:16000', '22050:8000']);
    expect(() => resampleTasks(['16000'], source)).toThrow(
      'Expected two different rates from 1000 to 1000000 Hz for --rates but received "16000" of type string',
    );
  });
});

describe('what people see', () => {
  it('numbers', () => {
    expect([0, 8.314, 41.26, 412.4, 33012.6].map(times)).toEqual(['0.00', '8.31', '41.3', '412', '33,013']);
    expect([12, 3412, 3.31e6, 5.87e10].map(scaled)).toEqual(['12.0', '3.41 k', '3.31 M', '58.7 G']);
    expect([0.004, 0.0321, 0.478, 1.04].map(percent)).toEqual(['0.4 %', '3 %', '48 %', '104 %']);
  });

  it('a table and a chart in plain text', () => {
    const text = asText(
      result([row([90, 100, 110]), row([45, 50, 55], { isa: 'sse4', shareOfLimit: null })]),
    );
    expect(text).toContain('A <fast> one, 2 cores, load 0.50 before, undertone 0.1.0, Node 20.20.2, gcc 12');
    expect(text).toContain('limit  avx2, 1 thread: 50.0 G multiply-adds/s, 20.0 GB/s copied');
    expect(text).toMatch(
      /^kaldi-fbank-80 {2}avx2 +1 +100 {2}\(90\.0–110\) +10\.0 k {2}1\.50 {2}50 % arithmetic$/m,
    );
    expect(text).toMatch(/^kaldi-fbank-80 {2}sse4 .* –$/m);
    expect(text).toMatch(/^kaldi-fbank-80, avx2 {2}█+▓+░+ 100$/m);
    expect(text).not.toContain('\x1b');
  });

  it.each([1, 40])('a page and a chart of %d rows, with every row and nothing from elsewhere', (count) => {
    const rows = Array.from({ length: count }, (_, i) => row([10 + i, 12 + i, 15 + i], { name: `set-${i}` }));
    const page = reportFor('r.html', result(rows), compare(result(rows), result(rows)));
    expect(page).toContain('A &lt;fast&gt; one');
    expect(page).not.toMatch(/(src|href)=|url\(|@import/);
    expect(page).toContain('prefers-color-scheme: dark');
    expect(page.match(/<rect /g)).toHaveLength(count);
    const svg = reportFor('r.svg', result(rows), null);
    expect(svg.match(/<rect /g)).toHaveLength(count);
    for (const { name } of rows) expect(svg).toContain(`>${name}</text>`);
    const [, width = 0, height = 0] = svg.match(/width="(\d+)" height="(\d+)"/)?.map(Number) ?? [];
    for (const [, x, y] of svg.matchAll(/<text x="([\d.]+)" y="([\d.]+)"/g)) {
      expect(Number(x)).toBeLessThan(width);
      expect(Number(y)).toBeLessThan(height);
    }
  });
});

/** The progress line people trust: what resume skipped counts as done, speed and ETA come from audio seconds. */
import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { duration, Progress, progressLine } from '../../packages/batch-runner/src/report/progress.ts';
import { Counters } from '../../packages/batch-runner/src/worker/counters.ts';

const totals = {
  kind: 'plan',
  shards: 10,
  files: 100,
  seconds: 36_000,
  committed: { shards: 4, files: 40, seconds: 7200, errors: 2 },
} as const;

describe('progressLine', () => {
  it('counts what was committed before as done, but not as speed', () => {
    const now = { files: 10, errors: 1, decodedSeconds: 10_800, progressSeconds: 10_800 };
    expect(progressLine(now, totals, 10)).toBe(
      '50/100 files · 5.00/10.00 h · 1,080 × real time · ETA 17 s · 3 errors',
    );
  });

  it('promises nothing before the first second is decoded', () => {
    const now = { files: 0, errors: 0, decodedSeconds: 0, progressSeconds: 0 };
    expect(progressLine(now, totals, 1)).toContain('0 × real time · ETA –');
  });

  it('never shows more done than there is', () => {
    const now = { files: 60, errors: 0, decodedSeconds: 50_000, progressSeconds: 50_000 };
    expect(progressLine(now, totals, 10)).toContain('15.89/15.89 h');
  });
});

it('duration is short and readable', () => {
  expect([0.4, 59.6, 61, 3599, 3600, 86_399].map(duration)).toEqual([
    '0 s',
    '1 min 0 s',
    '1 min 1 s',
    '59 min 59 s',
    '1 h 0 min',
    '23 h 59 min',
  ]);
});

describe('Progress', () => {
  const printed = (terminal: boolean, quiet: boolean): string => {
    const stream = new PassThrough() as unknown as NodeJS.WriteStream;
    stream.isTTY = terminal;
    new Progress(() => null, totals, stream, quiet).stop();
    return String(stream.read() ?? '');
  };

  it('leaves a clean line on a terminal, a plain line elsewhere, nothing when quiet', () => {
    expect(printed(true, false)).toBe('\r\u001b[K');
    expect(printed(false, false)).toBe('40/100 files · 2.00/10.00 h · 0 × real time · ETA – · 2 errors\n');
    expect(printed(false, true)).toBe('');
  });
});

describe('Counters', () => {
  it('adds up across views of one buffer and carries the stop request', () => {
    const ours = new Counters();
    const theirs = new Counters(ours.buffer);
    theirs.addFile(false);
    theirs.addFile(true);
    theirs.addDecoded(1.5);
    theirs.correctProgress(-0.25);
    expect(ours.read()).toEqual({ files: 2, errors: 1, decodedSeconds: 1.5, progressSeconds: 1.25 });
    expect(theirs.stopRequested).toBe(false);
    ours.requestStop();
    expect(theirs.stopRequested).toBe(true);
  });
});

/** The progress line people trust: what resume skipped counts as done, speed and ETA come from audio seconds. */
import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import {
  duration,
  type ProgressFacts,
  type ProgressNumbers,
  ProgressTrack,
  progressLine,
} from '../../packages/batch-runner/src/report/progress.ts';
import { ProgressDisplay, workerLine } from '../../packages/batch-runner/src/report/progress-display.ts';
import { WorkerStates } from '../../packages/batch-runner/src/report/worker-states.ts';
import { Counters } from '../../packages/batch-runner/src/worker/counters.ts';

const plan = { files: 100, seconds: 36_000, committed: { files: 40, seconds: 7200, errors: 2 } };

/** What is shown some seconds after the plan. */
function shown(seconds: number, now: Partial<ProgressNumbers>, of = plan): ProgressFacts {
  const track = new ProgressTrack();
  track.plan(of, 5000);
  track.numbers({ files: 0, errors: 0, decodedSeconds: 0, progressSeconds: 0, ...now });
  const facts = track.facts(5000 + 1000 * seconds);
  if (!facts) throw new Error('No facts after a plan');
  return facts;
}

describe('progress', () => {
  it('counts what was committed before as done, but not as speed', () => {
    const facts = shown(10, { files: 10, errors: 1, decodedSeconds: 10_800, progressSeconds: 10_800 });
    expect(progressLine(facts)).toBe('50/100 files · 5.00/10.00 h · 1,080 × real time · ETA 17 s · 3 errors');
  });

  it('promises nothing before the first second is decoded', () => {
    expect(progressLine(shown(1, {}))).toContain('0 × real time · ETA –');
    expect(shown(0, {}).etaSeconds).toBe(null);
    expect(new ProgressTrack().facts()).toBe(null);
  });

  it('never shows more done than there is', () => {
    const facts = shown(10, { files: 60, decodedSeconds: 50_000, progressSeconds: 50_000 });
    expect(progressLine(facts)).toContain('15.89/15.89 h');
    expect(facts.etaSeconds).toBe(0);
  });

  it('takes broken files for done, not for speed', () => {
    // Ten files that cannot be opened: half an hour less to do, nothing decoded.
    const facts = shown(10, { files: 20, errors: 10, decodedSeconds: 3600, progressSeconds: 5400 });
    expect(facts.timesRealTime).toBe(360);
    expect(facts.etaSeconds).toBe((36_000 - 7200 - 5400) / 360);
    const onlyBroken = shown(10, { files: 10, errors: 10, progressSeconds: 1800 });
    expect(onlyBroken.etaSeconds).toBe(null);
  });

  it('goes by the number of files where no header tells a length', () => {
    const unknown = { files: 100, seconds: 0, committed: { files: 40, seconds: 0, errors: 0 } };
    const facts = shown(10, { files: 20, decodedSeconds: 500, progressSeconds: 500 }, unknown);
    expect(facts.etaSeconds).toBe(20);
  });

  it('does not count twice what a runner that died has to do again', () => {
    const track = new ProgressTrack();
    track.plan(plan, 0);
    track.numbers({ files: 30, errors: 0, decodedSeconds: 14_400, progressSeconds: 14_400 });
    // Half of it was committed.
    track.plan({ ...plan, committed: { files: 55, seconds: 14_400, errors: 2 } }, 10_000);
    expect(track.facts(20_000)).toMatchObject({ files: 55, audioSeconds: 14_400, timesRealTime: 360 });
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

describe('the display', () => {
  const printed = (terminal: boolean, act: (display: ProgressDisplay) => void): string => {
    const stream = new PassThrough() as unknown as NodeJS.WriteStream;
    stream.isTTY = terminal;
    act(
      new ProgressDisplay(
        stream,
        () => shown(1, {}),
        () => [],
      ),
    );
    return String(stream.read() ?? '');
  };

  it('leaves a plain line in a log, nothing on a terminal', () => {
    const line = '40/100 files · 2.00/10.00 h · 0 × real time · ETA – · 2 errors\n';
    expect(printed(false, (display) => display.stop())).toBe(line);
    expect(printed(true, (display) => display.stop())).toBe('');
  });

  it('says sentences on lines of their own', () => {
    const said = printed(false, (display) => {
      display.say('Something happened');
      display.stop();
    });
    expect(said.startsWith('Something happened\n')).toBe(true);
  });

  it('tells what a worker is at and for how long, whatever a file is called', () => {
    const states = new WorkerStates();
    const one = {
      worker: 2,
      phase: 'decode',
      first: 7,
      last: 7,
      file: './a\n\u001b[2J.wav',
      beats: 1,
      seconds: 60,
    } as const;
    states.read([one], 1000);
    const [state] = states.read([{ ...one, seconds: 90 }], 6000);
    if (!state) throw new Error('No state');
    expect(workerLine(state)).toBe('  worker 2: decode ./a��[2J.wav, for 5 s, 1 min 30 s of audio read');
    expect(states.read([{ ...one, last: 8 }], 9000)[0]?.seconds).toBe(0);
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

/** Every export format, written for hostile names and roles and read back; and the rule for windows that overlap. */
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse } from 'csv-parse/sync';
import { afterAll, describe, expect, it } from 'vitest';
import type { FinishedRecord } from '../../packages/batch-runner/src/commit/finished-run.ts';
import { openFinishedRun } from '../../packages/batch-runner/src/commit/finished-run.ts';
import { type ExportResult, exportRun } from '../../packages/batch-runner/src/export/export.ts';
import { intervals } from '../../packages/batch-runner/src/export/intervals.ts';
import { mirrorPath } from '../../packages/batch-runner/src/export/mirror.ts';
import { EXPORTS } from '../../packages/batch-runner/src/export/registry.ts';
import { PartQuery } from '../../packages/batch-runner/src/read/part-query.ts';
import type { LabelledWindow } from '../../packages/batch-runner/src/read/recordings.ts';
import { EXPORT_FORMATS } from '../../packages/batch-runner/src/settings.ts';
import { readAudacity, readEaf, readRttm, readTextGrid } from '../fixtures/annotation-readers.ts';
import { CLASSES, type MadeRecording, makeFinishedRun } from '../fixtures/finished-run.ts';
import { seeded } from '../fixtures/random.ts';

const work = mkdtempSync(join(tmpdir(), 'undertone-export-'));
afterAll(() => rmSync(work, { recursive: true }));

const window = (startMs: number, endMs: number, label: string, confidence: number | null = 0.5) =>
  ({ startMs, endMs, label, topLabel: label === 'no_speech' ? null : label, confidence }) as LabelledWindow;
const settings = { label: 'label', minConfidence: 0, merge: false, overlaps: false } as const;

describe('intervals', () => {
  const three = [
    window(0, 3000, 'sad', 0.8),
    window(1500, 4500, 'sad', 0.4),
    window(3000, 5000, 'happy', 0.9),
  ];

  it('cut overlaps halfway between the centres', () => {
    expect(intervals(three, settings)).toEqual([
      { startMs: 0, endMs: 2250, label: 'sad', confidence: 0.8 },
      { startMs: 2250, endMs: 3500, label: 'sad', confidence: 0.4 },
      { startMs: 3500, endMs: 5000, label: 'happy', confidence: 0.9 },
    ]);
  });

  it('join neighbours of one label, with the mean of the confidence by time', () => {
    const [first, second] = intervals(three, { ...settings, merge: true });
    expect(first).toMatchObject({ startMs: 0, endMs: 3500, label: 'sad' });
    expect(first?.confidence).toBeCloseTo((0.8 * 2250 + 0.4 * 1250) / 3500);
    expect(second).toMatchObject({ startMs: 3500, endMs: 5000, label: 'happy' });
  });

  it('leave what is below --min-confidence blank, and keep no_speech', () => {
    const quiet = [...three, window(6000, 9000, 'no_speech', null)];
    const found = intervals(quiet, { ...settings, minConfidence: 0.8, merge: true });
    expect(found.map(({ startMs, endMs, label }) => [startMs, endMs, label])).toEqual([
      [0, 2250, 'sad'],
      [3500, 5000, 'happy'],
      [6000, 9000, 'no_speech'],
    ]);
    expect(intervals(quiet, { ...settings, label: 'top_label' })).toHaveLength(3);
  });

  it('keep windows as they are where overlaps are allowed, unless merged', () => {
    expect(intervals(three, { ...settings, overlaps: true }).map(({ endMs }) => endMs)).toEqual([
      3000, 4500, 5000,
    ]);
    expect(intervals(three, { ...settings, overlaps: true, merge: true })).toHaveLength(2);
  });

  it('give every instant to the window whose centre is nearest, on grids of any length and hop', () => {
    const random = seeded(5);
    for (let round = 0; round < 300; ++round) {
      const length = 500 + random.below(5000);
      const hop = 1 + random.below(6000);
      const windows = Array.from({ length: 1 + random.below(12) }, (_, i) =>
        window(i * hop, i * hop + length, `w${i}`),
      );
      const found = intervals(windows, settings);
      for (const [i, { startMs }] of found.entries())
        expect(startMs).toBeGreaterThanOrEqual(found[i - 1]?.endMs ?? 0);
      for (let k = 0; k < 30; ++k) {
        const at = random.next() * (windows.at(-1)?.endMs ?? 0);
        const distance = ({ startMs, endMs }: LabelledWindow): number => Math.abs(at - (startMs + endMs) / 2);
        const inside = windows.filter(({ startMs, endMs }) => startMs <= at && at < endMs);
        const nearest = Math.min(...inside.map(distance));
        const own = found.find(({ startMs, endMs }) => startMs <= at && at < endMs);
        expect(own === undefined).toBe(inside.length === 0);
        // A cut is a whole millisecond.
        if (own)
          expect(distance(windows[Number(own.label.slice(1))] as LabelledWindow)).toBeLessThanOrEqual(
            nearest + 1,
          );
      }
    }
  });

  it('never overlap, whatever the windows', () => {
    const random = seeded(6);
    for (let round = 0; round < 300; ++round) {
      let [start, end] = [0, 0];
      const windows = Array.from({ length: 10 }, () => {
        start += random.below(3) * random.below(2000);
        end = Math.max(end, start + random.below(4000));
        return window(start, end, 'x');
      });
      const found = intervals(windows, settings);
      found.forEach(({ startMs, endMs }, i) => {
        expect(startMs).toBeGreaterThanOrEqual(found[i - 1]?.endMs ?? 0);
        expect(endMs).toBeGreaterThan(startMs);
      });
    }
  });
});

describe('mirrorPath', () => {
  it('keeps folders and the whole name, so that names that differ in their ending do not meet', () => {
    expect(mirrorPath('./a b/c.wav', '.eaf')).toBe('a b/c.wav.eaf');
    expect(mirrorPath('./a b/c.mp3', '.eaf')).toBe('a b/c.mp3.eaf');
  });

  it('never leaves the folder', () => {
    expect(mirrorPath('./../../etc/x.wav', '.eaf')).toBe('etc/x.wav.eaf');
  });

  it('cuts names that get too long between characters, and tells them apart', () => {
    const long = (last: string): string => `./${'ü'.repeat(125)}${last}.wav`;
    const [one, two] = [mirrorPath(long('a'), '.TextGrid'), mirrorPath(long('b'), '.TextGrid')];
    for (const name of [one, two]) {
      expect(Buffer.byteLength(name)).toBeLessThanOrEqual(255);
      expect(name).toMatch(/^ü+~[0-9a-f]{12}\.TextGrid$/);
    }
    expect(one).not.toBe(two);
  });
});

const HOSTILE = [
  './=cmd.wav',
  './a "b", c\nd.wav',
  './sub dir/50% & <x>;#?\u0007.wav',
  './sub dir/one.flac',
  './sub dir/one.wav',
  `./${'ü'.repeat(124)}.wav`,
  './tab\tand\u2028line\u00a0.wav',
];
const labels = ['happy', 'happy', 'sad', 'abstain', 'no_speech', 'angry'];
const made: MadeRecording[][] = [
  [
    ...HOSTILE.map((file) => ({ file, labels })),
    { file: './broken.wav', labels: [] },
    { file: './call.wav', labels, channel: 0, role: 'agent "A"\t<1>' },
    { file: './call.wav', labels: labels.toReversed(), channel: 1, role: 'agent "A" <1>' },
  ],
  [
    { file: './pair.wav', labels, channel: 0 },
    { file: './pair.wav', labels: ['no_speech'], channel: 1 },
  ],
];
const run = join(work, 'run');
makeFinishedRun(run, made);
const windowCount = made.flat().reduce((sum, one) => sum + one.labels.length, 0);

async function exported(
  format: keyof typeof EXPORTS,
  over: object = {},
): Promise<{ path: string; result: ExportResult }> {
  const path = mkdtempSync(join(work, `${format}-`));
  const target = EXPORTS[format].makes === 'file' ? join(path, 'x') : path;
  const query = await PartQuery.open(join(work, 'spill'));
  try {
    const plan = {
      format: EXPORTS[format],
      settings: { label: 'label', minConfidence: 0, merge: false, ...over } as const,
      program: '9.9.9',
      temporary: target,
      target,
    };
    return { path: target, result: await exportRun(openFinishedRun(run), query, plan) };
  } finally {
    query.close();
  }
}

const read = (folder: string, path: string): string => readFileSync(join(folder, path), 'utf8');
/** What the overlap rule makes of the labels above: nothing is joined. */
const expectedLabels = (of: readonly string[]) => of.filter((label) => label !== '');

describe('formats', () => {
  it('are the ones that the flag takes', () => {
    expect(Object.keys(EXPORTS).sort()).toEqual([...EXPORT_FORMATS].sort());
  });

  it.each(EXPORT_FORMATS)('%s is described in docs/export.md', (format) => {
    const page = readFileSync(fileURLToPath(new URL('../../docs/export.md', import.meta.url)), 'utf8');
    expect(page).toContain(`### ${format}\n`);
  });

  it.each(EXPORT_FORMATS)('%s leaves out what has no window, and counts', async (format) => {
    const { result } = await exported(format);
    expect(result).toEqual({ recordings: HOSTILE.length + 2, intervals: windowCount, leftOut: 1 });
  });

  it('rttm', async () => {
    const { path } = await exported('rttm');
    const turns = readRttm(readFileSync(path, 'utf8'));
    expect([...new Set(turns.map(({ file }) => decodeURIComponent(file)))]).toEqual([
      ...HOSTILE.map((file) => file.slice(2)),
      'call.wav',
      'pair.wav',
    ]);
    expect(turns.some(({ label }) => label === 'no_speech')).toBe(false);
    expect(turns[0]).toEqual({
      file: '=cmd.wav',
      channel: 1,
      start: 0,
      duration: 2.25,
      label: 'happy',
      confidence: '0.5500',
    });
    expect(turns.filter(({ file }) => file === 'call.wav').map(({ channel }) => channel)).toEqual([
      1, 1, 1, 1, 1, 2, 2, 2, 2, 2,
    ]);
  });

  it('textgrid', async () => {
    const { path } = await exported('textgrid');
    for (const file of HOSTILE) {
      const { xmax, tiers } = readTextGrid(read(path, mirrorPath(file, '.TextGrid')));
      expect(xmax).toBe(10.5);
      expect([...tiers.keys()]).toEqual(['emotion']);
      expect(tiers.get('emotion')?.map(({ text }) => text)).toEqual(expectedLabels(labels));
    }
    const call = readTextGrid(read(path, 'call.wav.TextGrid'));
    expect([...call.tiers.keys()]).toEqual(['agent "A" <1> (channel 0)', 'agent "A" <1> (channel 1)']);
    const pair = readTextGrid(read(path, 'pair.wav.TextGrid'));
    expect(pair.tiers.get('channel 1')).toEqual([
      { start: 0, end: 3, text: 'no_speech' },
      { start: 3, end: 10.5, text: '' },
    ]);
    expect(existsSync(join(path, 'broken.wav.TextGrid'))).toBe(false);
  });

  it('textgrid with nothing sure enough has an empty tier', async () => {
    const { path } = await exported('textgrid', { minConfidence: 1, label: 'top_label' });
    expect(readTextGrid(read(path, '=cmd.wav.TextGrid')).tiers.get('emotion')).toEqual([
      { start: 0, end: 10.5, text: '' },
    ]);
  });

  it('audacity', async () => {
    const { path } = await exported('audacity');
    for (const file of HOSTILE)
      expect(readAudacity(read(path, mirrorPath(file, '.txt'))).map(({ text }) => text)).toEqual(labels);
    expect(readAudacity(read(path, 'call.wav.channel1-agent_A_1_.txt'))).toHaveLength(labels.length);
    expect(readAudacity(read(path, 'pair.wav.channel1.txt'))).toEqual([
      { start: 0, end: 3, text: 'no_speech' },
    ]);
  });

  it('elan', async () => {
    const { path } = await exported('elan', { merge: true });
    for (const file of HOSTILE) {
      const { mediaUrl, tiers } = readEaf(read(path, mirrorPath(file, '.eaf')));
      expect(fileURLToPath(mediaUrl)).toBe(join('/recordings', file));
      expect(tiers.get('emotion')?.map(({ text }) => text)).toEqual(labels.slice(1));
      expect(tiers.get('emotion')?.[0]).toEqual({ start: 0, end: 3.75, text: 'happy' });
    }
    const { relativeUrl } = readEaf(read(path, 'sub dir/one.wav.eaf'));
    expect(join(path, 'sub dir', decodeURIComponent(relativeUrl))).toBe('/recordings/sub dir/one.wav');
    expect([...readEaf(read(path, 'pair.wav.eaf')).tiers.keys()]).toEqual(['channel 0', 'channel 1']);
  });

  it('audformat', async () => {
    const { path } = await exported('audformat');
    const header = read(path, 'db.yaml');
    for (const id of ['segments', 'files', 'segments.channel0', 'files.channel1'])
      expect(header).toMatch(new RegExp(`^ {2}${id}:\n {4}type: (segmented|filewise)$`, 'm'));
    expect(header).toContain(
      `labels: [${[...CLASSES, 'abstain', 'no_speech'].map((one) => `"${one}"`).join(', ')}]`,
    );
    expect(header).toMatch(/^usage: other$/m);
    const rows: Record<string, string>[] = parse(read(path, 'db.segments.csv'), { columns: true });
    expect([...new Set(rows.map(({ file }) => file))]).toEqual(HOSTILE.map((file) => file.slice(2)));
    expect(rows[1]).toEqual({
      file: '=cmd.wav',
      start: '0 days 00:00:01.500000',
      end: '0 days 00:00:04.500000',
      emotion: 'happy',
      confidence: '0.6500',
      role: '',
    });
    const keys = rows.map(({ file, start, end }) => `${file} ${start} ${end}`);
    expect(new Set(keys).size).toBe(keys.length);
    const whole: Record<string, string>[] = parse(read(path, 'db.files.channel1.csv'), { columns: true });
    expect(whole.map(({ file, role }) => [file, role])).toEqual([
      ['call.wav', 'agent "A" <1>'],
      ['pair.wav', ''],
    ]);
  });

  it('audformat writes days as pandas does', () => {
    const folder = mkdtempSync(join(work, 'day-'));
    const exporter = EXPORTS.audformat.open(folder, {
      run: JSON.parse(read(run, 'run.json')) as FinishedRecord,
      labels: [],
      program: '1',
      target: folder,
    });
    const day = { startMs: 90_061_001, endMs: 180_000_000, label: 'sad', confidence: null };
    exporter.write({
      file: './x.wav',
      durationMs: 180_000_000,
      tiers: [
        { channel: null, role: null, name: 'emotion', label: null, confidence: null, intervals: [day] },
      ],
    });
    exporter.finish();
    expect(read(folder, 'db.segments.csv').split('\n')[1]).toBe(
      'x.wav,1 days 01:01:01.001000,2 days 02:00:00.000000,sad,,',
    );
  });
});

describe('a finished run', () => {
  it('is refused when parts and commits disagree', async () => {
    const broken = join(work, 'broken');
    makeFinishedRun(broken, [[{ file: './a.wav', labels }]]);
    const folder = join(broken, 'shards', '0'.repeat(16));
    const commit = JSON.parse(read(folder, 'COMMIT.json'));
    commit.parts[0].rows += 1;
    mkdirSync(join(broken, 'out'));
    writeFileSync(join(folder, 'COMMIT.json'), JSON.stringify(commit));
    const query = await PartQuery.open(join(work, 'spill'));
    const plan = {
      format: EXPORTS.audacity,
      settings: { label: 'label', minConfidence: 0, merge: false } as const,
      program: '1',
      temporary: join(broken, 'out'),
      target: join(broken, 'out'),
    };
    await expect(exportRun(openFinishedRun(broken), query, plan)).rejects.toThrow(
      'The parts hold 6 of the 7 rows',
    );
    query.close();
  });
});

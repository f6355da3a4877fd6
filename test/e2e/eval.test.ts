/** `undertone eval`: labels by the road of `undertone run`, joined with truths; folds, broken recordings, interruptions. */
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Metrics } from '../../packages/batch-runner/dist/evaluate/metrics.js';
import { babble, wav16 } from '../fixtures/wav.ts';
import { readBytes, readTable, start, undertone } from './cli.ts';
import { until } from './processes.ts';

const work = mkdtempSync(join(tmpdir(), 'undertone-eval-'));
const corpus = join(work, 'corpus');
const labels = join(corpus, 'labels.csv');
const shipped = fileURLToPath(new URL('../../models/undertone-s', import.meta.url));
afterAll(() => rmSync(work, { recursive: true }));

/** Of actors 01, 02 and 03: neutral, calm, angry, and one of each that makes trouble. */
const names = ['01', '02', '03'].flatMap((actor) =>
  ['01', '02', '05', '08'].map((emotion) => `03-01-${emotion}-01-01-01-${actor}.wav`),
);
const odd = ['03-01-06-01-01-01-01.wav', '03a01La.wav', 'nobody.wav'];

beforeAll(() => {
  mkdirSync(corpus);
  names.forEach((name, i) => {
    writeFileSync(join(corpus, name), wav16(babble(4.2, 16000, i + 1), 16000));
  });
  writeFileSync(join(corpus, odd[0] ?? ''), 'no audio');
  for (const name of odd.slice(1)) writeFileSync(join(corpus, name), wav16(babble(2, 16000, 50), 16000));
  writeFileSync(labels, `file\n${[...names, ...odd].join('\n')}\n`);
});

const TABLES = [
  'metrics.json',
  'report.html',
  ...['predictions', 'confusion', 'per_class', 'groups', 'reliability', 'risk_coverage'].map(
    (name) => `${name}.csv`,
  ),
];
const metricsIn = (out: string): Metrics => JSON.parse(readBytes(out, 'metrics.json'));
const evaluate = (out: string, ...flags: string[]) =>
  undertone([
    'eval',
    '--labels',
    labels,
    '--out',
    out,
    '--draws',
    '200',
    '--max-error-share',
    '0.5',
    ...flags,
  ]);

/** The shipped model without boredom under another temperature: the same labels, other confidences. */
function modelAt(name: string, temperature: number): string {
  const folder = join(work, name);
  cpSync(shipped, folder, { recursive: true });
  const card = JSON.parse(readFileSync(join(folder, 'card.json'), 'utf8'));
  card.calibration.temperature = temperature;
  card.labelMap.boredom = null;
  writeFileSync(join(folder, 'card.json'), JSON.stringify(card));
  return folder;
}

describe('one model', () => {
  const model = modelAt('one-model', 1);
  const out = join(work, 'one');
  let said = { code: -1, stdout: '', stderr: '' };
  beforeAll(async () => {
    said = await evaluate(out, '--model', model, '--workers', '1');
  });

  it('judges what has a truth and could be labelled, and counts the rest by reason', () => {
    expect(said.code, said.stderr).toBe(0);
    expect(metricsIn(out)).toMatchObject({
      schema: 'undertone-eval/1',
      split: null,
      corpora: ['ravdess'],
      recordings: {
        ...{ labelled: 15, judged: 12, partial: 0 },
        leftOut: { failed: 1, no_class: 1, no_truth: 1 },
        failed: [[odd[0], 'unsupported_codec']],
      },
      speakers: 3,
      intervals: { draws: 200, seed: 1, over: 'speakers, then their items' },
      recording: { n: 12, ece: { bins: 15 } },
      window: { n: 24 },
    });
    expect(said.stdout).toContain('12 of 15 labelled recordings judged; left out: ');
    expect(said.stdout).toMatch(/^recordings +12 +/m);
  });

  it('gives the labels and probabilities that a run gives', async () => {
    const run = join(work, 'run');
    await undertone(['run', corpus, '--out', run, '--model', model, '--max-error-share', '1']);
    const byName = new Map(readTable(run, 'files.csv').map((row) => [row.file, row]));
    const predictions = readTable(out, 'predictions.csv');
    expect(predictions.map(({ file }) => file)).toEqual(names);
    for (const row of predictions) {
      const same = byName.get(`./${row.file}`);
      expect(row).toMatchObject({ label: same?.label, truth: same?.truth, p_angry: same?.p_angry });
    }
  });

  it('its tables hold what metrics.json holds', () => {
    const metrics = metricsIn(out);
    const predictions = readTable(out, 'predictions.csv');
    const right = predictions.filter(({ truth, label }) => truth === label).length;
    expect(metrics.recording.accuracy.value).toBeCloseTo(right / 12, 3);
    expect(metrics.recording.confusion.flat().reduce((a, b) => a + b)).toBe(12);
    const confusion = readTable(out, 'confusion.csv').filter(({ unit }) => unit === 'recording');
    expect(confusion.map((row) => metrics.classes.map((name) => Number(row[name])))).toEqual(
      metrics.recording.confusion,
    );
    const groups = readTable(out, 'groups.csv').filter(({ unit }) => unit === 'recording');
    expect(groups.filter(({ kind }) => kind === 'emotion').map(({ group, n }) => [group, n])).toEqual([
      ['angry', '3'],
      ['calm', '3'],
      ['neutral', '3'],
      ['surprised', '3'],
    ]);
    expect(groups.filter(({ kind }) => kind === 'gender').map(({ group, n }) => [group, n])).toEqual([
      ['female', '4'],
      ['male', '8'],
    ]);
  });

  it('its page stands alone, with pictures and plain words', () => {
    const page = readBytes(out, 'report.html');
    expect(page.match(/<svg /g)?.length).toBeGreaterThanOrEqual(6);
    for (const picture of [
      'Confusion matrix',
      'Reliability diagram',
      'Risk–coverage curve',
      'Recall by class',
    ])
      expect(page).toContain(`aria-label="${picture}"`);
    expect(page).toContain('This is acted speech.');
    expect(page).toContain('No folds were given.');
    expect(page).not.toMatch(/(src|href)=|https?:\/\/(?!www\.w3\.org\/2000\/svg)/);
  });

  it('gives the same bytes again, from scratch and with other workers; other draws move intervals alone', async () => {
    const again = join(work, 'again');
    expect((await evaluate(again, '--model', model, '--workers', '3')).code).toBe(0);
    for (const name of TABLES) expect(readBytes(again, name) === readBytes(out, name), name).toBe(true);
    expect((await evaluate(again, '--model', model, '--seed', '2')).code).toBe(0);
    expect(readBytes(again, 'predictions.csv')).toBe(readBytes(out, 'predictions.csv'));
    expect(metricsIn(again).recording.uar.value).toBe(metricsIn(out).recording.uar.value);
    expect(metricsIn(again).intervals.seed).toBe(2);
  });

  it('recordings whose speaker nothing tells are drawn one by one, and that is said', async () => {
    // As links would be: names that tell nothing.
    const plain = names.map((name, i) => {
      const to = `${i}.wav`;
      cpSync(join(corpus, name), join(corpus, to));
      return `${to},${i % 2 ? 'angry' : 'neutral'}`;
    });
    const lists = ['first.csv', 'second.csv'].map((name) => join(corpus, name));
    lists.forEach((list, i) => {
      writeFileSync(list, `file,truth\n${plain.slice(6 * i, 6 * (i + 1)).join('\n')}\n`);
    });
    const to = join(work, 'own');
    const named = lists.flatMap((list) => ['--labels', list]);
    const flags = ['--model', model, '--out', to, '--draws', '100'];
    const { code, stdout, stderr } = await undertone(['eval', ...named, ...flags]);
    expect(code, stderr).toBe(0);
    expect(stdout).toContain(
      'draws of recordings: nothing tells who speaks, so the intervals are too narrow',
    );
    expect(metricsIn(to)).toMatchObject({ speakers: 0, withoutSpeaker: 12, corpora: ['unknown'] });
    expect(Object.keys(metricsIn(to).recording.groups)).toEqual(['emotion']);
  });

  it('merged classes share their probability', async () => {
    const merged = join(work, 'merged');
    const { code, stderr } = await evaluate(merged, '--model', model, '--merge', 'surprised=happy');
    expect(code, stderr).toBe(0);
    const before = readTable(out, 'predictions.csv');
    readTable(merged, 'predictions.csv').forEach((row, i) => {
      const sum = Number(before[i]?.p_happy) + Number(before[i]?.p_surprised);
      expect(Number(row.p_happy)).toBeCloseTo(sum, 6);
      expect(row.truth).toBe(before[i]?.truth === 'surprised' ? 'happy' : before[i]?.truth);
    });
    expect(metricsIn(merged)).toMatchObject({ merged: { surprised: 'happy' }, recordings: { judged: 12 } });
  });

  it('more failures than allowed end with 65, after everything is written', async () => {
    const out65 = join(work, 'strict');
    const { code, stderr } = await evaluate(out65, '--model', model, '--max-error-share', '0');
    expect(code).toBe(65);
    expect(stderr).toContain(
      '1 of 13 recordings failed, more than --max-error-share 0 allows; metrics.json says why',
    );
    expect(readdirSync(out65)).toEqual(expect.arrayContaining(TABLES));
  });
});

describe('folds', () => {
  const foldsFile = (name: string, folds: object[], split = 'speaker-independent'): string => {
    const path = join(work, name);
    const head = { schema: 'undertone-folds/1', split, rule: 'by actor', seeds: [5, 6] };
    writeFileSync(path, JSON.stringify({ ...head, folds }));
    return path;
  };

  it('each recording is judged by the model of its fold; what no fold names is left out', async () => {
    modelAt('cold', 0.5);
    modelAt('warm', 3);
    const path = foldsFile('folds.json', [
      { name: 'first', model: 'cold', speakers: ['ravdess-01'] },
      { name: 'second', model: 'warm', files: ['corpus/03-01-05-01-01-01-02.wav'] },
    ]);
    const out = join(work, 'folds');
    const { code, stderr } = await evaluate(out, '--folds', path);
    expect(code, stderr).toBe(0);
    const metrics = metricsIn(out);
    expect(metrics).toMatchObject({
      ...{ split: 'speaker-independent', rule: 'by actor', seeds: [5, 6] },
      folds: [
        { name: 'first', temperature: 0.5, judged: 4 },
        { name: 'second', temperature: 3, judged: 1 },
      ],
      recordings: { judged: 5, leftOut: { failed: 1, no_fold: 9 } },
    });
    expect(metrics.recording.groups.fold?.map(({ group, n }) => [group, n])).toEqual([
      ['first', 4],
      ['second', 1],
    ]);
    const one = new Map(readTable(join(work, 'one'), 'predictions.csv').map((row) => [row.file, row]));
    for (const row of readTable(out, 'predictions.csv')) {
      const shippedRow = one.get(row.file);
      const surer = Number(row.confidence) > Number(shippedRow?.confidence);
      expect(surer, `${row.file}: temperature ${row.fold}`).toBe(row.fold === 'first');
    }
    // Both models are the same network, so that taking the temperatures back gives the same error as the shipped one's.
    expect(metrics.window.ece.before).not.toBe(metrics.window.ece.after);
  });

  it('several models judge by the mean of their probabilities', async () => {
    const [cold, warm] = [modelAt('cold', 0.5), modelAt('warm', 3)];
    const alone = async (name: string, ...flags: string[]) => {
      const { code, stderr } = await evaluate(join(work, name), ...flags);
      expect(code, stderr).toBe(0);
      return readTable(join(work, name), 'predictions.csv');
    };
    const coldRows = await alone('by-cold', '--model', cold);
    const warmRows = await alone('by-warm', '--model', warm);
    const bothRows = await alone('by-both', '--model', cold, '--model', warm);
    bothRows.forEach((row, i) => {
      const mean = (Number(coldRows[i]?.p_angry) + Number(warmRows[i]?.p_angry)) / 2;
      expect(Number(row.p_angry)).toBeCloseTo(mean, 5);
    });
    const name = metricsIn(join(work, 'by-cold')).folds[0]?.model;
    expect(metricsIn(join(work, 'by-both'))).toMatchObject({
      folds: [{ model: `${name} + ${name}`, temperature: null, judged: 12 }],
      recording: { ece: { before: null } },
    });
  });

  it('random files are marked as optimistic; names that no label has are told', async () => {
    const folds = [{ name: 'r', model: 'cold', speakers: ['ravdess-02', 'ravdes-01'] }];
    const out = join(work, 'random');
    const { code, stderr } = await evaluate(out, '--folds', foldsFile('random.json', folds, 'random-files'));
    expect(code).toBe(0);
    expect(stderr).toContain('The labels have nothing of what the folds name: speaker ravdes-01');
    expect(readBytes(out, 'report.html')).toContain('Optimistic: same voices on both sides.');
  });

  it.each<[string, object[], RegExp]>([
    [
      'a recording named twice',
      [
        { name: 'a', model: 'cold', speakers: ['ravdess-01'] },
        { name: 'b', model: 'warm', corpora: ['ravdess'] },
      ],
      /^Folds a and b both name .*-01\.wav: one model can judge it$/,
    ],
    [
      'a model that is not there',
      [{ name: 'a', model: 'gone', speakers: ['ravdess-01'] }],
      /^Expected a directory with a card\.json for the model of fold a but received ".*gone" of type string$/,
    ],
    [
      'nothing to judge',
      [{ name: 'a', model: 'cold', speakers: ['tess-OAF'] }],
      /^No recording of .*labels\.csv can be judged: no_fold$/m,
    ],
  ])('%s is refused in one sentence', async (what, folds, sentence) => {
    modelAt('cold', 0.5);
    modelAt('warm', 3);
    const path = foldsFile('refused.json', folds);
    const { code, stderr } = await evaluate(join(work, `refused-${what.length}`), '--folds', path);
    expect(stderr).toMatch(sentence);
    expect(code).toBe(64);
  });
});

describe('wrong use', () => {
  const flags = ['--labels', labels, '--out', join(work, 'wrong')];
  it.each<[string, string[], RegExp]>([
    ['no model', flags, /^Expected one of them for --model and --folds but received nothing$/],
    [
      'both',
      [...flags, '--model', 'undertone-s', '--folds', 'f.json'],
      /^Expected one of them for --model and --folds but received "undertone-s f\.json"/,
    ],
    ['no labels', ['--out', 'o', '--model', 'undertone-s'], /^Missing --labels: /],
    ['an unknown model', [...flags, '--model', 'nothing'], /^Expected one of the models .* for --model but/],
    [
      'labels that are none',
      ['--labels', join(shipped, 'card.json'), '--out', 'o', '--model', 'undertone-s'],
      /^Expected a column file for the header of ".*card\.json" but/,
    ],
    ['few draws', [...flags, '--model', 'undertone-s', '--draws', '9'], /^Expected at least 100 for --draws/],
    [
      'a merge of one word',
      [...flags, '--model', 'undertone-s', '--merge', 'calm'],
      /classes of the form calm=neutral/,
    ],
    [
      'a merge into nothing',
      [...flags, '--model', 'undertone-s', '--merge', 'calm=joy'],
      /^Expected <class>=<class it counts as>, .* for --merge but received "calm=joy"/,
    ],
  ])('%s', async (_what, args, sentence) => {
    const { code, stderr, stdout } = await undertone(['eval', ...args]);
    expect(stderr.trim()).toMatch(sentence);
    expect(stderr.trim().split('\n')).toHaveLength(1);
    expect(code).toBe(64);
    expect(stdout).toBe('');
  });
});

it('interrupted, it goes on by the same command and gives the bytes of an undisturbed one', async () => {
  const long = join(work, 'long');
  mkdirSync(long);
  const bytes = wav16(babble(300, 16000, 1), 16000);
  const files = Array.from(
    { length: 12 },
    (_, i) => `03-01-05-01-01-01-${String(i + 1).padStart(2, '0')}.wav`,
  );
  for (const name of files) writeFileSync(join(long, name), bytes);
  writeFileSync(join(long, 'labels.csv'), `file\n${files.join('\n')}\n`);
  const command = (out: string) =>
    [
      'eval',
      '--labels',
      join(long, 'labels.csv'),
      '--model',
      'undertone-s',
      '--out',
      out,
      '--draws',
      '100',
    ].concat(...['--workers', '1']);
  const whole = join(work, 'whole');
  expect((await undertone(command(whole))).code).toBe(0);
  const out = join(work, 'interrupted');
  const running = start(command(out));
  const commits = (): number => {
    try {
      return readdirSync(join(out, 'runs/model/shards'), { recursive: true, encoding: 'utf8' }).filter(
        (name) => /^[^/]+\/COMMIT\.json$/.test(name),
      ).length;
    } catch {
      return 0;
    }
  };
  await until(() => commits() >= 2 || running.exitCode !== null, 'two commits');
  running.kill('SIGINT');
  const stopped = await running;
  expect(stopped.exitCode, String(stopped.stderr)).toBe(75);
  expect(stopped.stderr).toMatch(/run the same command again to go on/);
  expect(readdirSync(out)).toEqual(['runs']);
  const resumed = await undertone(command(out));
  expect(resumed.code, resumed.stderr).toBe(0);
  for (const name of TABLES) expect(readBytes(out, name) === readBytes(whole, name), name).toBe(true);
});

/** `--model a --model b`: the mean of two models of other families, rates and class orders, through a whole run. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type Json,
  linearModel,
  matrixCard,
  melFrontEnd,
  removeRoot,
  root,
  vectorCard,
  writeModel,
} from '../conformance/inference-models.ts';
import { babble, wav16 } from '../fixtures/wav.ts';
import { readTable, type TableRow, undertone } from './cli.ts';

const folder = join(root, 'in');
const out = (name: string): string => join(root, name);
const models = { a: join(root, 'a'), b: join(root, 'b'), other: join(root, 'other') };
const window = { lengthS: 0.06, hopS: 0.04, minS: 0.025 };
const licence = (weights: string): Json => ({ weights, because: 'made up' });

afterAll(removeRoot);
beforeAll(async () => {
  mkdirSync(folder);
  // Of other rates than either model, one of them long enough to be cut into pieces.
  const seconds = [0.05, 0.3, 1, 21];
  for (const [seed, length] of seconds.entries()) {
    const rate = seed % 2 ? 8000 : 44_100;
    writeFileSync(join(folder, `${seed}.wav`), wav16(babble(length, rate, seed), rate));
  }
  writeFileSync(join(folder, 'broken.wav'), 'nothing');
  writeModel(matrixCard({ name: 'a', window, licence: licence('CC0-1.0') }), linearModel([5, 4]), models.a);
  const card = vectorCard({
    name: 'b',
    window,
    frontEnd: { ...melFrontEnd(), sampleRateHz: 22_050, statistics: ['mean', 'std'] },
    classes: ['sad', 'neutral', 'happy'],
    calibration: { temperature: 3, abstainBelow: 0.9, fittedOn: 'nothing' },
    licence: licence('CC-BY-4.0'),
  });
  writeModel(card, linearModel([8]), models.b);
  const classes = { classes: ['neutral', 'happy'], labelMap: {}, polarity: null };
  writeModel(matrixCard({ name: 'other', window, ...classes }), linearModel([5, 4], 2), models.other);
  await run('a', ['a']);
  await run('b', ['b']);
  await run('ab', ['a', 'b']);
});

async function attempt(name: string, members: readonly (keyof typeof models)[], ...flags: string[]) {
  const chosen = members.flatMap((member) => ['--model', models[member]]);
  const measures = ['--min-speech', '0', '--max-error-share', '1'];
  return undertone(['run', folder, '--out', out(name), ...chosen, ...measures, ...flags]);
}
async function run(...given: Parameters<typeof attempt>): Promise<void> {
  const { code, stderr } = await attempt(...given);
  expect(code, stderr).toBe(0);
}

const text = (name: string, file: string): string => readFileSync(join(out(name), file), 'utf8');
const windows = (name: string): TableRow[] => readTable(out(name), 'segments.csv');
const probability = (row: TableRow | undefined, label: string): number => Number(row?.[`p_${label}`]);

describe('two models', () => {
  it('give the mean of their probabilities, window by window, whatever their rates and orders', () => {
    const [a, b, both] = [windows('a'), windows('b'), windows('ab')];
    expect(both.length).toBeGreaterThan(500);
    expect([b.length, both.length]).toEqual([a.length, a.length]);
    let scored = 0;
    for (const [i, row] of both.entries()) {
      expect(row.start_s).toBe(a[i]?.start_s);
      if (row.label === 'no_speech' || b[i]?.label === 'no_speech') continue;
      scored += 1;
      for (const label of ['neutral', 'happy', 'sad']) {
        const mean = (probability(a[i], label) + probability(b[i], label)) / 2;
        expect(Math.abs(probability(row, label) - mean)).toBeLessThan(2e-6);
      }
    }
    expect(scored).toBeGreaterThan(300);
  });

  it("are measured, and laid out, by the first one's card", () => {
    expect(Object.keys(windows('ab')[0] ?? {})).toEqual(Object.keys(windows('a')[0] ?? {}));
    const measured = (row: TableRow) => [
      row.speech_ratio,
      row.snr_db,
      row.level_dbfs,
      row.flags,
      row.segment,
    ];
    expect(windows('ab').map(measured)).toEqual(windows('a').map(measured));
    expect(new Set(windows('ab').map(({ model }) => model))).toEqual(new Set(['a@1.0.0+b@1.0.0']));
    // The second one's threshold is for itself alone.
    expect(windows('ab').some(({ label }) => label === 'abstain')).toBe(false);
    expect(windows('b').some(({ label }) => label === 'abstain')).toBe(true);
  });

  it('abstain by what they say together', async () => {
    await run('unsure', ['a', 'b'], '--abstain-below', '1');
    const labelled = windows('unsure').filter(({ label }) => label !== 'no_speech');
    expect(new Set(labelled.map(({ label }) => label))).toEqual(new Set(['abstain']));
    expect(labelled.map((row) => row.top_label)).toEqual(
      windows('ab')
        .filter(({ label }) => label !== 'no_speech')
        .map((row) => row.top_label),
    );
  });

  it('stand in run.json, whose fingerprint holds both', async () => {
    const record = JSON.parse(text('ab', 'run.json'));
    expect(record.models.map(({ name }: { name: string }) => name)).toEqual(['a', 'b']);
    expect(record.fingerprintParts.model).toMatch(/^[0-9a-f]{64}\+[0-9a-f]{64}$/);
    const { code, stderr } = await attempt('ab', ['b', 'a']);
    expect(code).toBe(64);
    expect(stderr).toMatch(/model \(was [0-9a-f]{12}\+[0-9a-f]{12}, now [0-9a-f]{12}\+[0-9a-f]{12}\)/);
  });

  it('go on, in pieces and parts, with the same bytes', async () => {
    const before = text('ab', 'segments.csv');
    await run('ab', ['a', 'b']);
    expect(text('ab', 'segments.csv') === before).toBe(true);
    await run('pieces', ['a', 'b'], '--piece', '10', '--shard', '1/2');
    await run('pieces', ['a', 'b'], '--piece', '10', '--shard', '2/2');
    expect((await undertone(['merge', out('pieces')])).code).toBe(0);
    for (const table of ['segments.csv', 'files.csv'])
      expect(text('pieces', table) === text('ab', table), table).toBe(true);
  });

  it('are read by verify, summary and export', async () => {
    expect((await undertone(['verify', out('ab')])).code).toBe(0);
    expect((await undertone(['summary', out('ab')])).stdout).toContain('a@1.0.0+b@1.0.0, finished');
    const target = out('database');
    expect((await undertone(['export', out('ab'), '--to', 'audformat', '--out', target])).code).toBe(0);
    expect(readFileSync(join(target, 'db.yaml'), 'utf8')).toContain('license: "CC0-1.0; CC-BY-4.0"');
  });
});

describe('one model twice', () => {
  it.each(['window', 'speech', 'file'])('is that model: segments of %s', async (segments) => {
    await run(`one-${segments}`, ['b'], '--segments', segments);
    await run(`twice-${segments}`, ['b', 'b'], '--segments', segments);
    for (const table of ['segments.csv', 'files.csv']) {
      const twice = text(`twice-${segments}`, table).replaceAll('b@1.0.0+b@1.0.0', 'b@1.0.0');
      expect(twice === text(`one-${segments}`, table), table).toBe(true);
    }
  });
});

describe('models that do not go together', () => {
  it('are refused with what each has', async () => {
    const { code, stderr } = await attempt('refused', ['a', 'other']);
    expect(code).toBe(64);
    expect(stderr.trim()).toBe(
      'Expected the classes of a (neutral, happy, sad), in any order, for --model but received those of other (neutral, happy)',
    );
  });

  it('are told of the flag where windows are the trouble', async () => {
    const { code, stderr } = await attempt('refused', ['a', 'b'], '--hop', '0.03');
    expect(code).toBe(64);
    expect(stderr.trim()).toMatch(
      /^Expected windows of whole samples .* for --model .* --window and --hop set others$/,
    );
  });
});

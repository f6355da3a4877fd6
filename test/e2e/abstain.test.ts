/** --abstain-below: who is labelled abstain, what stays, and that it belongs to a run's identity. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { linearModel, matrixCard, removeRoot, root, writeModel } from '../conformance/inference-models.ts';
import { babble, wav16 } from '../fixtures/wav.ts';
import { readTable, type TableRow, undertone } from './cli.ts';

const folder = join(root, 'in');
const model = join(root, 'unsure');
afterAll(removeRoot);
beforeAll(() => {
  mkdirSync(folder);
  for (const seed of [1, 2, 3, 4]) {
    writeFileSync(join(folder, `${seed}.wav`), wav16(babble(0.5, 16_000, seed), 16_000));
  }
  // Far from sure of anything, so that a threshold parts its windows.
  const calibration = { temperature: 20, abstainBelow: 0.45, fittedOn: 'nothing' };
  writeModel(matrixCard({ name: 'unsure', calibration }), linearModel([5, 4]), model);
});

const out = (name: string): string => join(root, name);
async function run(name: string, ...flags: string[]): Promise<string> {
  const args = ['run', folder, '--out', out(name), '--model', model, '--min-speech', '0', ...flags];
  const { code, stderr } = await undertone(args);
  expect(code, stderr).toBe(0);
  return out(name);
}

const labelled = (rows: readonly TableRow[]): TableRow[] => rows.filter(({ label }) => label !== 'no_speech');
const record = (name: string): Record<string, never> =>
  JSON.parse(readFileSync(join(out(name), 'run.json'), 'utf8'));

describe('--abstain-below', () => {
  it('0 abstains from nothing', async () => {
    await run('none', '--abstain-below', '0');
    for (const row of labelled(readTable(out('none'), 'segments.csv'))) expect(row.label).toBe(row.top_label);
  });

  it('abstains below the threshold, in windows and in files, and in nothing else', async () => {
    const plain = readTable(out('none'), 'segments.csv');
    // Between two values that the table can show.
    const threshold = median(labelled(plain).map(({ confidence }) => Number(confidence))) - 0.000_05;
    await run('half', '--abstain-below', String(threshold));
    const segments = readTable(out('half'), 'segments.csv');
    const expected = plain.map((row) => withThreshold(row, threshold));
    expect(segments).toEqual(expected);
    const abstained = segments.filter(({ label }) => label === 'abstain').length;
    expect(abstained).toBeGreaterThan(0);
    expect(abstained).toBeLessThan(labelled(segments).length);
    const files = readTable(out('none'), 'files.csv');
    expect(readTable(out('half'), 'files.csv')).toEqual(files.map((row) => withThreshold(row, threshold)));
  });

  it('1 abstains from whatever is not certain; the top class stays', async () => {
    await run('all', '--abstain-below', '1');
    const rows = labelled(readTable(out('all'), 'segments.csv'));
    expect(new Set(rows.map(({ label }) => label))).toEqual(new Set(['abstain']));
    expect(rows.map((row) => row.top_label)).toEqual(
      labelled(readTable(out('none'), 'segments.csv')).map((row) => row.top_label),
    );
    expect(readTable(out('all'), 'files.csv').map(({ label }) => label)).toEqual(Array(4).fill('abstain'));
  });

  it("is the card's where it is not given, and stands in run.json", async () => {
    await run('card');
    await run('said', '--abstain-below', '0.45');
    const bytes = (name: string): string => readFileSync(join(out(name), 'segments.csv'), 'utf8');
    expect(bytes('card')).toBe(bytes('said'));
    expect(record('card')).toMatchObject({
      fingerprintParts: { abstainBelow: 0.45 },
      models: [{ calibration: { temperature: 20, abstainBelow: 0.45, fittedOn: 'nothing' } }],
    });
    expect(record('all')).toMatchObject({
      settings: { abstainBelow: 1 },
      fingerprintParts: { abstainBelow: 1 },
    });
  });

  it('another one is another run', async () => {
    const args = ['run', folder, '--out', out('card'), '--model', model, '--min-speech', '0'];
    const { code, stderr } = await undertone([...args, '--abstain-below', '0.5']);
    expect(code).toBe(64);
    expect(stderr).toContain('abstainBelow (was 0.45, now 0.5)');
  });
});

const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;

function withThreshold(row: TableRow, threshold: number): TableRow {
  const sure = row.confidence === '' || Number(row.confidence) >= threshold;
  return sure ? row : { ...row, label: 'abstain' };
}

/** What models/claims.mjs takes for a claim, and what it refuses. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { checked, evaluationRecords, readModels, speedOf } from '../../models/claims/read.mjs';
import { details, mainClaims, overview } from '../../models/claims/tables.mjs';

const models = readModels();
// README.md claims the project's own models only.
const [model] = models.filter(({ card }) => card.name.startsWith('undertone-'));
const [evaluation] = model.evaluations;
const percent = (share: number): string => (100 * share).toFixed(1);

it('every figure of a table is one of the evaluation: another one there is another one here', () => {
  const { uar, accuracy, n } = evaluation.metrics.recording;
  for (const lines of [overview(models), mainClaims(models)]) {
    expect(lines.join('\n')).toContain(`${percent(uar.value)} (${uar.ci95.map(percent).join('–')})`);
    expect(lines.join('\n')).toContain(
      `${percent(accuracy.value)} (${accuracy.ci95.map(percent).join('–')})`,
    );
    expect(lines.join('\n')).toContain(n.toLocaleString('en-US'));
  }
  const other = structuredClone(model);
  other.evaluations[0].metrics.recording.uar.value = 0.123;
  expect(overview([other]).join('\n')).toContain('| 12.3 (');
  expect(mainClaims([other]).join('\n')).toContain('| 12.3 (');
  expect(evaluationRecords(other.evaluations)[0]?.uar).toBe(0.123);
});

it('a model has its rule, genders, confusion and terms in words', () => {
  const text = details(model).join('\n');
  expect(text).toContain(evaluation.metrics.rule);
  expect(text).toMatch(/UAR by gender: female [\d.]+ \(n \d+\), male/);
  for (const name of evaluation.metrics.classes)
    expect(text).toMatch(new RegExp(`^\\| ${name} \\|( \\d+ \\|)+`, 'm'));
  expect(text).toContain(model.card.licence.weights);
});

it('random files are marked as optimistic', () => {
  const random = structuredClone(model);
  random.evaluations[0].metrics.split = 'random-files';
  expect(overview([random]).join('\n')).toContain('random-files (optimistic: same voices on both sides)');
});

const metrics = (over: object) => ({ ...structuredClone(evaluation.metrics), ...over });
const judged = (over: object) => metrics({ folds: [{ ...evaluation.metrics.folds[0], ...over }] });

it.each([
  [
    'other weights',
    judged({ sha256: '0'.repeat(64) }),
    /^here judges other weights than model\.onnx: judge the model again$/,
  ],
  ['another model', judged({ model: 'other@1.0.0' }), /^here judges other@1\.0\.0, not /],
  ['no split', metrics({ split: null }), /^here was judged without folds/],
  ['another schema', metrics({ schema: 'x/1' }), /^here holds x\/1, not undertone-eval\/1/],
])('figures of %s are no claim', (_what, one, sentence) => {
  expect(() => checked(model.card, { ...one, split: one.split && 'reserve-speakers' }, 'here')).toThrow(
    sentence,
  );
});

it('the schema of cards has every key that is written', () => {
  const card = JSON.parse(
    readFileSync(fileURLToPath(new URL('../../models/undertone-s/card.json', import.meta.url)), 'utf8'),
  );
  const written = readModels().find((one) => one.card.name === 'undertone-s');
  expect(card.evaluation).toEqual(evaluationRecords(written?.evaluations ?? []));
});

it('speed stands beside the figures when it is of these weights, and is refused when it is not', () => {
  const rates = { median: 4321.4, min: 4000, max: 5000 };
  const speed = (sha256: string) => ({
    model: { sha256 },
    machine: { cpu: 'a processor' },
    conditions: 'quiet',
    timesRealTime: { road: rates, graph: { ...rates, median: 9999 } },
  });
  const scratch = mkdtempSync(join(tmpdir(), 'undertone-speed-'));
  try {
    const path = join(scratch, 'speed.json');
    expect(speedOf(model.card, path)).toBe(null);
    writeFileSync(path, JSON.stringify(speed(model.card.model.sha256)));
    const timed = { ...model, speed: speedOf(model.card, path) };
    expect(overview([timed]).join('\n')).toContain('| 4,321 (9,999) |');
    expect(details(timed).join('\n')).toContain('4,321 (4,000–5,000) × real time on one worker');
    writeFileSync(path, JSON.stringify(speed('0'.repeat(64))));
    expect(() => speedOf(model.card, path)).toThrow(
      /speed\.json is of other weights than model\.onnx: measure again/,
    );
  } finally {
    rmSync(scratch, { recursive: true });
  }
});

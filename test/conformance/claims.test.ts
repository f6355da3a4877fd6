/** What models/claims.mjs takes for a claim, and what it refuses. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { checked, evaluationRecords, readModels } from '../../models/claims/read.mjs';
import { details, mainClaims, overview } from '../../models/claims/tables.mjs';

const models = readModels();
const [model] = models;
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

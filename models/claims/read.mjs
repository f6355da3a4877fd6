// The models that lie in models/, with what undertone eval and bench/models.mjs found of them.
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { SPLITS } from '../../packages/inference/dist/index.js';

const folder = fileURLToPath(new URL('..', import.meta.url));

/** null where there is no such file. */
function readJson(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return null;
    throw new Error(`${path}: ${error.message}`);
  }
}

const namesIn = (path) => {
  try {
    return readdirSync(path).sort();
  } catch (error) {
    if (error.code === 'ENOENT') return [];
    throw error;
  }
};

/** Every model by name: card, evaluations, speed and size. */
export function readModels() {
  return readdirSync(folder)
    .sort()
    .flatMap((name) => {
      const path = join(folder, name);
      const card = readJson(join(path, 'card.json'));
      if (!card) return [];
      return [
        {
          path,
          card,
          evaluations: evaluationsOf(card, join(path, 'evaluation')),
          speed: speedOf(card, join(path, 'evaluation', 'speed.json')),
          kilobytes: statSync(join(path, card.model.file)).size / 1000,
        },
      ];
    });
}

/** The most telling first: by split, then by how much was judged. */
function evaluationsOf(card, path) {
  return namesIn(path)
    .map((name) => ({ name, metrics: readJson(join(path, name, 'metrics.json')) }))
    .filter(({ metrics }) => metrics)
    .map(({ name, metrics }) => ({ name, metrics: checked(card, metrics, join(path, name)) }))
    .sort(
      (a, b) =>
        SPLITS.indexOf(a.metrics.split) - SPLITS.indexOf(b.metrics.split) ||
        b.metrics.recording.n - a.metrics.recording.n,
    );
}

/** Figures of another model, of other weights, or of voices that may have been heard, are no claim of this one. */
export function checked(card, metrics, where) {
  const refuse = (why) => {
    throw new Error(`${where} ${why}: judge the model again`);
  };
  if (metrics.schema !== 'undertone-eval/1') refuse(`holds ${metrics.schema}, not undertone-eval/1`);
  if (!SPLITS.includes(metrics.split)) refuse('was judged without folds, so that nothing says what the model had heard');
  for (const { model, sha256, judged } of metrics.folds) {
    if (model !== `${card.name}@${card.version}`) refuse(`judges ${model}, not ${card.name}@${card.version}`);
    if (metrics.split === 'reserve-speakers' && judged > 0 && sha256 !== card.model.sha256)
      refuse(`judges other weights than ${card.model.file}`);
  }
  return metrics;
}

/** null where it was not measured. */
export function speedOf(card, path) {
  const speed = readJson(path);
  if (speed && speed.model.sha256 !== card.model.sha256)
    throw new Error(`${path} is of other weights than ${card.model.file}: measure again`);
  return speed;
}

/** What the card says of its evaluations: one record an evaluation and unit. */
export const evaluationRecords = (evaluations) =>
  evaluations.flatMap(({ name, metrics }) =>
    ['recording', 'window'].map((unit) => {
      const { n, uar, accuracy, macroF1, ece } = metrics[unit];
      return {
        name,
        corpus: metrics.corpora.join(' + '),
        split: metrics.split,
        folds: metrics.folds.filter(({ judged }) => judged > 0).length,
        rule: metrics.rule,
        unit,
        classes: metrics.classes,
        n,
        uar: uar.value,
        uarCi95: uar.ci95,
        accuracy: accuracy.value,
        accuracyCi95: accuracy.ci95,
        macroF1: macroF1.value,
        eceBefore: ece.before,
        eceAfter: ece.after,
        seeds: metrics.seeds,
      };
    }),
  );

/** `undertone models`: the models that come along, what they take, what they claim and under which terms. */
import { basename } from 'node:path';
import { FEATURE_SETS } from '@undertone/dsp-native';
import { type Card, columnsOf, listModels, type ModelListing } from '@undertone/inference';
import { canonicalJson } from '@undertone/shared';
import type { Command } from 'commander';
import { MODELS_FOLDER } from '../models-folder.js';

export function addModels(program: Command): void {
  program
    .command('models')
    .summary('list the models: task, classes, input, how they were judged, and the terms of their weights')
    .option('--json', 'print JSON')
    .action(async (flags: { json?: boolean }) => {
      const models = await listModels(MODELS_FOLDER);
      process.stdout.write(
        flags.json ? `${JSON.stringify(models, null, 2)}\n` : models.map(modelText).join('\n'),
      );
    });
}

export function modelText(model: ModelListing): string {
  if ('error' in model) return `${basename(model.directory)}: cannot be used: ${model.error.message}\n`;
  const { name, version, task, card, classes, licence, headline } = model;
  const percent = (share: number): string => (100 * share).toFixed(1);
  const judged = headline
    ? `UAR ${percent(headline.uar)} % (95 % interval ${headline.uarCi95.map(percent).join('–')}) on ${headline.n} ${headline.unit}s of ${headline.corpus}, ${headline.split}: ${headline.rule}`
    : 'its card holds no evaluation: nothing is known about how far its labels can be trusted';
  return [
    `${name}@${version}  ${card.description}`,
    `  task     ${task}: ${classes.join(', ')}`,
    `  input    ${inputText(card)}`,
    `  judged   ${judged}`,
    `  licence  ${licence.weights}: ${licence.because}`,
    '',
  ].join('\n');
}

/** Family, what a window is made into, and the grid of windows. */
function inputText(card: Card): string {
  const { family, input, window } = card;
  const columns = columnsOf(card);
  const made = {
    vector: `${columns} values`,
    matrix: `${input.frames} frames × ${columns} columns`,
    stretch: `${input.frames} frames × ${columns} columns, ${input.windows} windows in one go`,
    sequence: `${input.steps} steps of ${input.frames} frames × ${columns} columns`,
    waveform: 'samples',
  }[family];
  const rate = `${card.frontEnd.sampleRateHz.toLocaleString('en-US')} Hz`;
  return `${family}: ${made}${setOf(card)} at ${rate}, windows of ${window.lengthS} s every ${window.hopS} s`;
}

/** The named feature set that the card's front-end is. */
function setOf({ family, frontEnd }: Card): string {
  if (family === 'waveform') return '';
  const wanted = canonicalJson(frontEnd);
  const same = [...FEATURE_SETS.values()].find((set) => canonicalJson(set.frontEnd) === wanted);
  return same ? ` (${same.name})` : '';
}

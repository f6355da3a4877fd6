/** `undertone models`: the models that come along, what they claim and under which terms. */
import { basename } from 'node:path';
import { listModels, type ModelListing } from '@undertone/inference';
import type { Command } from 'commander';
import { MODELS_FOLDER } from '../models-folder.js';

export function addModels(program: Command): void {
  program
    .command('models')
    .summary('list the models, their classes, licences and how they were judged')
    .option('--json', 'print JSON')
    .action(async (flags: { json?: boolean }) => {
      const models = await listModels(MODELS_FOLDER);
      process.stdout.write(
        flags.json ? `${JSON.stringify(models, null, 2)}\n` : models.map(asText).join('\n'),
      );
    });
}

function asText(model: ModelListing): string {
  if ('error' in model) return `${basename(model.directory)}: cannot be used: ${model.error.message}\n`;
  const { name, version, card, classes, licence, headline } = model;
  const percent = (share: number): string => (100 * share).toFixed(1);
  const judged = headline
    ? `UAR ${percent(headline.uar)} % (95 % interval ${headline.uarCi95.map(percent).join('–')}) on ${headline.n} ${headline.unit}s of ${headline.corpus}, ${headline.split}: ${headline.rule}`
    : 'its card holds no evaluation: nothing is known about how far its labels can be trusted';
  return [
    `${name}@${version}  ${card.description}`,
    `  classes  ${classes.join(', ')}`,
    `  judged   ${judged}`,
    `  licence  ${licence}`,
    '',
  ].join('\n');
}

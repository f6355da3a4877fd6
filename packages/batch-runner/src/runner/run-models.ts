/** --model: the models of a run, found, checked against each other, and what run.json says of them. */
import { type Card, cardDigest, loadCard, type Member, membersOf, resolveModel } from '@undertone/inference';
import { MODELS_FOLDER } from '../models-folder.js';
import { namingFlags } from '../naming-flags.js';
import type { RunSettings } from '../settings.js';

export interface RunModel extends Member {
  readonly folder: string;
}
export type RunModels = readonly [RunModel, ...RunModel[]];

/** @throws UndertoneError usage, invalid_card, digest_mismatch */
export async function runModels({ model, window, hop }: RunSettings): Promise<RunModels> {
  const flags = { model: '--model', 'run.windowS': '--window', 'run.hopS': '--hop' };
  return namingFlags(flags, async () => {
    const folders: string[] = [];
    const cards: Card[] = [];
    for (const name of model) {
      const folder = await resolveModel(name, [MODELS_FOLDER]);
      folders.push(folder);
      cards.push(await loadCard(folder));
    }
    const members = membersOf(cards as [Card, ...Card[]], { windowS: window, hopS: hop });
    const withFolder = (member: Member, i: number): RunModel => ({ ...member, folder: folders[i] as string });
    const [first, ...others] = members;
    return [withFolder(first, 0), ...others.map((member, i) => withFolder(member, i + 1))];
  });
}

/** Digests of all graphs, and of all cards: whatever of them changes makes it another run. */
export const modelDigests = (models: RunModels): { model: string; card: string } => ({
  model: models.map(({ card }) => card.model.sha256).join('+'),
  card: models.map(({ card }) => cardDigest(card)).join('+'),
});

/** Fewest windows that are whole stretches of every model. */
export const stretchWindowsOf = (models: RunModels): number =>
  models.reduce((windows, { window }) => leastCommonMultiple(windows, window.stretchWindows), 1);

export const modelRecord = ({ name, version, task, model, licence, calibration }: Card): object => ({
  name,
  version,
  task,
  sha256: model.sha256,
  licence,
  calibration,
});

function leastCommonMultiple(a: number, b: number): number {
  let [divisor, rest] = [a, b];
  while (rest > 0) [divisor, rest] = [rest, divisor % rest];
  return (a / divisor) * b;
}

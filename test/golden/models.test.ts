/** Every model that comes along: its card fits its graph, and the graph gives the outputs of golden.json. */
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { checkGolden, listModels, openModel } from '@undertone/inference';
import { EMOTIONS } from '@undertone/shared';
import { describe, expect, it } from 'vitest';

const listings = await listModels(fileURLToPath(new URL('../../models', import.meta.url)));

it('has a model', () => expect(listings.length).toBeGreaterThan(0));

describe.each(listings)('$directory', (listing) => {
  if ('error' in listing) throw new Error(listing.error.message);
  const { card, directory } = listing;

  it('gives its golden outputs', async () => {
    const model = await openModel(directory, { device: 'cpu' });
    expect(await checkGolden(model)).toMatchObject({ present: true });
    await model.close();
  });

  it('says how it was judged on voices it had not heard, and under which terms it may be used', () => {
    const splits = card.evaluation.map((entry) => entry.split);
    expect(splits.some((split) => split === 'speaker-independent' || split === 'reserve-speakers')).toBe(
      true,
    );
    expect(card.licence.weights).not.toBe('');
    expect(card.calibration.fittedOn).not.toBe('');
  });

  it('maps every emotion a corpus may name, or drops it in words', () => {
    for (const emotion of EMOTIONS) {
      if (card.task === 'emotion') expect(card.labelMap, emotion).toHaveProperty(emotion);
    }
  });
});

it('undertone-s is small', () => {
  const found = listings.find((one) => 'card' in one && one.name === 'undertone-s');
  expect(statSync(join(found?.directory ?? '', 'model.onnx')).size).toBeLessThanOrEqual(600_000);
});

// Runs the shipped model's golden inputs on the first GPU. A process of its own: LD_LIBRARY_PATH is read when one starts.
import path from 'node:path';
import { checkGolden, openModel } from '../packages/inference/dist/index.js';
import { root } from './base.mjs';

try {
  const model = await openModel(path.join(root, 'models/undertone-s'), { device: 'cuda:0' });
  const golden = await checkGolden(model);
  await model.close();
  console.log(
    `undertone-s ran on ${model.providerName}: golden outputs within ${golden.worst.toExponential(1)}`,
  );
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
}

// A worker that extracts, synchronously and asynchronously, until it is ended from outside.

import { parentPort, workerData } from 'node:worker_threads';
import { FEATURE_SETS, FeaturePlan } from '@undertone/dsp-native';

const plans = [...FEATURE_SETS.values()].map((set) => new FeaturePlan(set.frontEnd));
const samples = Float32Array.from({ length: 16000 }, (_, i) => Math.sin(i * 0.01 * (workerData + 1)));
parentPort.postMessage('ready');
for (let round = 0; ; round++) {
  const plan = plans[round % plans.length];
  const pending = plan.extractAsync([samples, samples, samples]);
  const [sync] = plan.extract([samples]);
  const [first] = await pending;
  if (Buffer.compare(Buffer.from(sync.values), Buffer.from(first.values)) !== 0)
    throw new Error('results differ');
}

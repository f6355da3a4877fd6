/** The add-on in many worker threads that start and end at any time while it works. */
import { Worker } from 'node:worker_threads';
import { FeaturePlan, featureSet } from '@undertone/dsp-native';
import { expect, it } from 'vitest';
import { seeded } from '../fixtures/random.ts';

const script = new URL('features-worker.mjs', import.meta.url);
const pause = (ms: number): Promise<void> => new Promise((done) => setTimeout(done, ms));

/** Starts a worker and ends it after a random while: before it has loaded the add-on, or in the middle of its work. */
async function live(random: ReturnType<typeof seeded>, index: number): Promise<void> {
  const worker = new Worker(script, { workerData: index });
  const failed = new Promise<never>((_, reject) => worker.once('error', reject));
  const ready = new Promise<void>((done) => worker.once('message', done));
  const impatient = random.below(4) === 0;
  if (!impatient) await Promise.race([ready, failed]);
  await Promise.race([pause(random.below(60)), failed]);
  await worker.terminate();
}

it('survives workers that end at random, and goes on working itself', async () => {
  const random = seeded(17);
  for (let wave = 0; wave < 6; wave++) {
    await Promise.all(Array.from({ length: 4 }, (_, i) => live(random, i)));
  }
  const plan = new FeaturePlan(featureSet('undertone-logmel-64').frontEnd);
  expect(plan.extract([new Float32Array(16000)])[0]?.frames).toBe(98);
});

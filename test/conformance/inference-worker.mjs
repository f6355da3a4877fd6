// One session in a worker thread: opens the model, scores the slices it was given, and posts the probabilities.
import { parentPort, workerData } from 'node:worker_threads';
import { openModel } from '@undertone/inference';

const model = await openModel(workerData.directory, { device: 'cpu' });
const scores = await model.score(workerData.slices);
await model.close();
parentPort?.postMessage(scores.values);

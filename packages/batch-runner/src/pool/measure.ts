/** Recordings measured in worker threads: length, level and digest of their sound. */
import type { Manifest } from '@undertone/shared';
import type { Measured, MeasureTask } from '../worker/measure.js';
import { TaskPool } from './task-pool.js';

/** Recordings of one task: enough to hide the message, few enough to share out. */
const SLICE = 16;

/**
 * @param places of the recordings in the manifest
 * @param take gets each of them once, in no order
 */
export async function measureRecordings(
  manifest: Manifest,
  places: Iterable<number>,
  workers: number,
  take: (measured: Measured, place: number) => void,
): Promise<void> {
  const pool = new TaskPool<MeasureTask>('worker/measure.js', workers, null, () => false);
  try {
    await pool.runAll(slices(manifest, places), (found: Measured[], task) => {
      found.forEach((one, i) => {
        take(one, task.places[i] ?? 0);
      });
    });
  } finally {
    await pool.close();
  }
}

function* slices(manifest: Manifest, places: Iterable<number>): Generator<MeasureTask> {
  let slice: number[] = [];
  const task = (): MeasureTask => ({ places: slice, records: slice.map((place) => manifest.record(place)) });
  for (const place of places) {
    slice.push(place);
    if (slice.length < SLICE) continue;
    yield task();
    slice = [];
  }
  if (slice.length > 0) yield task();
}

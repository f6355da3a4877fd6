/** What benchmarks need: the machine's limits, and the resampler by itself. */
import type { FrontEnd } from '@undertone/shared';
import { loadNative } from './load.js';
import type { NativeCudaFigures, NativeLimits } from './native.js';
import { mapNative } from './native-error.js';

/** Of the calling thread's core, under the instruction set in use; takes about a tenth of a second. */
export function measureLimits(): NativeLimits {
  return mapNative(() => loadNative().measureLimits(), 'measureLimits');
}

/**
 * A whole mono signal at another rate, by the resampler that recordings go through.
 * @param out receives ⌈samples.length · toHz / fromHz⌉ samples
 * @returns that number
 * @throws UndertoneError usage for rates outside 1000 to 1000000 Hz or an `out` that is too short
 */
export function resample(samples: Float32Array, fromHz: number, toHz: number, out: Float32Array): number {
  return mapNative(() => loadNative().resample(samples, fromHz, toHz, out), 'resample');
}

/** Recordings of a batch: with a minute each enough frames for every multiprocessor many times over. */
const CUDA_RECORDINGS = 64;

/**
 * Speed of a front-end's frames on a GPU, and what that GPU can copy.
 * @param seconds of each of 64 recordings
 * @throws UndertoneError unsupported_device, usage for a front-end that CUDA refuses, out_of_memory
 */
export function measureCuda(
  frontEnd: FrontEnd,
  device: number,
  seconds: number,
  rounds: number,
): NativeCudaFigures {
  const samples = Math.ceil(seconds * frontEnd.sampleRateHz);
  return mapNative(
    () => loadNative().measureCuda(frontEnd, device, samples, CUDA_RECORDINGS, rounds),
    'measureCuda',
  );
}

/** The audio that features and the resampler are timed on. */
import { openAudio } from '@undertone/dsp-native';
import { toErrorData, UndertoneError } from '@undertone/shared';

/**
 * Made-up speech: a pulse train of gliding pitch, louder and softer like syllables, with noise and pauses. The same
 * samples every time.
 */
export function madeUpSpeech(seconds: number, rateHz: number): Float32Array {
  const samples = new Float32Array(Math.max(1, Math.round(seconds * rateHz)));
  let state = 1;
  let cycle = 0;
  for (let i = 0; i < samples.length; ++i) {
    const t = i / rateHz;
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    cycle += (140 + 40 * Math.sin(2 * Math.PI * 0.7 * t)) / rateHz;
    const pulse = Math.exp(-12 * (cycle % 1)) - 0.08;
    const syllable = Math.max(0, Math.sin(2 * Math.PI * 3.1 * t) + 0.3);
    const noise = state / 2 ** 32 - 0.5;
    samples[i] = syllable * (0.4 * pulse + 0.05 * noise) + 0.0005 * noise;
  }
  return samples;
}

/**
 * The first `seconds` of a recording at `rateHz`, channels mixed; a shorter one is repeated.
 * @throws UndertoneError as decoding does, with the path in its sentence; too_short for one without a sample
 */
export function recordedAudio(path: string, seconds: number, rateHz: number): Float32Array {
  const samples = new Float32Array(Math.max(1, Math.round(seconds * rateHz)));
  const filled = namingFile(path, () => fill(samples, path, rateHz));
  if (filled === 0) throw new UndertoneError('too_short', path, `${path}: no sample (too_short)`);
  for (let at = filled; at < samples.length; at += filled) {
    samples.copyWithin(at, 0, Math.min(filled, samples.length - at));
  }
  return samples;
}

/** @returns samples written: all of the recording, or as many as there is room for */
function fill(samples: Float32Array, path: string, rateHz: number): number {
  const decoder = openAudio(path, { channels: 'mix', sampleRateHz: rateHz });
  try {
    let filled = 0;
    while (filled < samples.length) {
      const block = decoder.read(Math.min(10 * rateHz, samples.length - filled));
      if (!block) break;
      samples.set(block.samples, filled);
      filled += block.frames;
    }
    return filled;
  } finally {
    decoder.close();
  }
}

/** Runs `act`, and says in what it throws which file it was about. */
export function namingFile<T>(path: string, act: () => T): T {
  try {
    return act();
  } catch (thrown) {
    const { code, message } = toErrorData(thrown, path);
    throw new UndertoneError(code, path, `${path}: ${message} (${code})`, { cause: thrown });
  }
}

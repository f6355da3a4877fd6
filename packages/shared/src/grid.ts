/** Frame and window counts: the only place where lengths in samples, frames and windows are converted. */
import type { FrontEnd } from './settings.js';

/**
 * Number of frames of an utterance of `samples` samples.
 * snip: 1 + ⌊(N − length)/hop⌋ or 0; centre: 1 + ⌊N/hop⌋ (librosa); whisper-centre: ⌊N/hop⌋; kaldi-centre: ⌊(N + hop/2)/hop⌋ (Kaldi NumFrames).
 * An empty utterance has no frames in any placement.
 */
export function frameCount(samples: number, frame: FrontEnd['frame']): number {
  if (samples <= 0) return 0;
  switch (frame.placement) {
    case 'snip':
      return samples < frame.lengthSamples
        ? 0
        : 1 + Math.floor((samples - frame.lengthSamples) / frame.hopSamples);
    case 'centre':
      return 1 + Math.floor(samples / frame.hopSamples);
    case 'whisper-centre':
      return Math.floor(samples / frame.hopSamples);
    case 'kaldi-centre':
      return Math.floor((samples + Math.floor(frame.hopSamples / 2)) / frame.hopSamples);
  }
}

/** First sample of frame `t`, negative where the frame begins before the utterance. */
export function frameStart(t: number, frame: FrontEnd['frame']): number {
  switch (frame.placement) {
    case 'snip':
      return t * frame.hopSamples;
    case 'centre':
    case 'whisper-centre':
      // librosa centres an fftSize frame and the window inside it; both halves round down.
      return (
        t * frame.hopSamples -
        Math.floor(frame.fftSize / 2) +
        Math.floor((frame.fftSize - frame.lengthSamples) / 2)
      );
    case 'kaldi-centre':
      return t * frame.hopSamples + Math.floor(frame.hopSamples / 2) - Math.floor(frame.lengthSamples / 2);
  }
}

/** A window of the recording, in samples at the front-end's rate; half-open. */
export interface WindowSpan {
  readonly start: number;
  readonly end: number;
}

export interface WindowGrid {
  readonly lengthSamples: number;
  readonly hopSamples: number;
  /** Samples skipped at the start of the recording. */
  readonly offsetSamples: number;
  /** A last window with less audio than this is left out, unless it is the only one. */
  readonly minSamples: number;
}

/**
 * Number of windows that cover `samples` samples: one when they fit, else enough that the last one reaches the end.
 * The last window may be shorter than `lengthSamples`; a recording that ends inside the offset has no window.
 */
export function windowCount(samples: number, grid: WindowGrid): number {
  const usable = samples - grid.offsetSamples;
  if (usable <= 0) return 0;
  if (usable <= grid.lengthSamples) return 1;
  const count = 1 + Math.ceil((usable - grid.lengthSamples) / grid.hopSamples);
  return usable - (count - 1) * grid.hopSamples < grid.minSamples ? count - 1 : count;
}

export function windowSpan(index: number, samples: number, grid: WindowGrid): WindowSpan {
  const start = grid.offsetSamples + index * grid.hopSamples;
  return { start, end: Math.min(start + grid.lengthSamples, samples) };
}

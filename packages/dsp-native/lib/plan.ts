/** A front-end made ready to run: samples in, features out. */
import {
  columnNames,
  type FeatureMatrix,
  type FrontEnd,
  type FrontEndInput,
  frameStart,
  frontEndSettings,
  needsWholeUtterance,
  parseSettings,
  UndertoneError,
} from '@undertone/shared';
import type { FeatureBackend } from './backend.js';
import { loadNative } from './load.js';
import type { NativeFeatures, NativeFrameWork, NativePlan } from './native.js';
import { mapNative } from './native-error.js';

/** Many utterances in one array: `offsets` has one entry more than there are utterances, from 0 to samples.length. */
export interface UtteranceBatch {
  readonly samples: Float32Array;
  readonly offsets: Float64Array;
}

/** Part of a recording of which the rest is not in memory. */
export interface RecordingSpan {
  readonly samples: Float32Array;
  /** Index in the recording of samples[0]. */
  readonly start: number;
  /** Samples of the whole recording; null while that is not known. */
  readonly totalSamples: number | null;
}

/**
 * Computes the features of one front-end. Immutable, cheap to call, to be made once a thread and front-end.
 *
 * Samples are float32 at full scale 1 and at `frontEnd.sampleRateHz`. NaN and infinite samples count as 0 and others
 * are held within ±2^20, so that features are always finite; docs/features.md says what each is of silence, a constant and
 * other degenerate input. A frame's values depend on its own samples only, bit for bit, unless the settings say otherwise
 * (normalisation, dB relative to a maximum, flux, contrast, chroma, tonnetz, pitch, deltas, statistics).
 */
export class FeaturePlan {
  readonly frontEnd: FrontEnd;
  /** Values of a row. */
  readonly columns: number;
  readonly columnNames: readonly string[];
  readonly #handle: NativePlan;

  /**
   * @throws UndertoneError usage for settings out of range or that cannot be computed, e.g. an empty mel band;
   * unsupported_device where the backend's library or device is not there; out_of_memory
   */
  constructor(frontEnd: FrontEndInput | FrontEnd, backend: FeatureBackend = { name: 'cpu' }) {
    this.frontEnd = parseSettings(frontEndSettings, frontEnd, 'frontEnd');
    const choice = { device: 0, memoryBytes: 0, ...backend };
    this.#handle = mapNative(() => loadNative().createPlan(this.frontEnd, choice), 'frontEnd');
    this.columnNames = columnNames(this.frontEnd);
    this.columns = loadNative().planColumns(this.#handle);
  }

  /** True when frames cannot be computed along a stream, so that `extractSpan` refuses. */
  get needsWholeUtterance(): boolean {
    return needsWholeUtterance(this.frontEnd);
  }

  /** Flux needs the frame before the first one as well. */
  get #comparesFrames(): boolean {
    return this.frontEnd.features.some(({ kind }) => kind === 'spectral-flux');
  }

  /** What a frame asks for at least, or null where that has no agreed count. */
  get work(): NativeFrameWork | null {
    return loadNative().planWork(this.#handle);
  }

  /**
   * Features of every utterance: frames × columns, or one row of statistics. The matrices share one buffer.
   * @throws UndertoneError too_short for an utterance without a result (statistics of no frame, librosa's deltas of
   * fewer frames than deltas.width); usage for bad offsets or an `out` that is too short
   * @param out where the features go, from its start on; a new array when left out
   */
  extract(utterances: readonly Float32Array[] | UtteranceBatch, out?: Float32Array): FeatureMatrix[] {
    const { samples, offsets } = isBatch(utterances) ? utterances : concatenate(utterances);
    const features = mapNative(() => loadNative().extract(this.#handle, samples, offsets, out), 'extract');
    return split(features, this.columns);
  }

  /** `extract` on another thread, for interactive callers. The samples must not change until it resolves. */
  async extractAsync(utterances: readonly Float32Array[] | UtteranceBatch): Promise<FeatureMatrix[]> {
    const { samples, offsets } = isBatch(utterances) ? utterances : concatenate(utterances);
    try {
      return split(await loadNative().extractAsync(this.#handle, samples, offsets), this.columns);
    } catch (thrown) {
      return mapNative(() => {
        throw thrown;
      }, 'extract');
    }
  }

  /**
   * Frames firstFrame … firstFrame + frames − 1 of a recording, bit for bit those of `extract`.
   * @throws UndertoneError usage where the settings need the whole utterance, where the recording has no such frame
   * or where the span lacks a sample that they need (see `samplesNeeded`)
   */
  extractSpan(span: RecordingSpan, firstFrame: number, frames: number): FeatureMatrix {
    const total = span.totalSamples ?? -1;
    const values = mapNative(
      () => loadNative().extractSpan(this.#handle, span.samples, span.start, total, firstFrame, frames),
      'extractSpan',
    );
    return { values, frames, columns: this.columns };
  }

  /**
   * The samples that frames need, half-open; may reach beyond the ends of the recording, where padding stands in.
   * Mirrored padding needs the samples it mirrors as well: as many again inside the recording.
   */
  samplesNeeded(firstFrame: number, frames: number): { start: number; end: number } {
    const { frame } = this.frontEnd;
    if (frames <= 0)
      throw new UndertoneError('usage', 'frames', `Expected at least 1 for frames but received ${frames}`);
    const before = frame.preEmphasis !== 0 && frame.preEmphasisScope === 'signal' ? 1 : 0;
    const first = Math.max(0, firstFrame - (this.#comparesFrames ? 1 : 0));
    return {
      start: frameStart(first, frame) - before,
      end: frameStart(firstFrame + frames - 1, frame) + frame.lengthSamples,
    };
  }
}

function isBatch(utterances: readonly Float32Array[] | UtteranceBatch): utterances is UtteranceBatch {
  return !Array.isArray(utterances);
}

function concatenate(utterances: readonly Float32Array[]): UtteranceBatch {
  const offsets = new Float64Array(utterances.length + 1);
  utterances.forEach((utterance, i) => {
    offsets[i + 1] = (offsets[i] ?? 0) + utterance.length;
  });
  const samples = new Float32Array(offsets[utterances.length] ?? 0);
  utterances.forEach((utterance, i) => {
    samples.set(utterance, offsets[i]);
  });
  return { samples, offsets };
}

function split({ features, frameOffsets }: NativeFeatures, columns: number): FeatureMatrix[] {
  return Array.from({ length: frameOffsets.length - 1 }, (_, i) => {
    const from = frameOffsets[i] ?? 0;
    const to = frameOffsets[i + 1] ?? 0;
    return { values: features.subarray(from * columns, to * columns), frames: to - from, columns };
  });
}

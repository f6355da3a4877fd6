/** The package's only barrel. */
import { loadNative } from './load.js';
import type { NativeBuild, NativeCuda } from './native.js';
import { mapNative } from './native-error.js';

export { type FeatureBackend, featureBackend } from './backend.js';
export {
  AudioDecoder,
  type AudioEnding,
  announceAudio,
  type DecodeSettings,
  openAudio,
  probeAudio,
  sumSquares,
} from './decode.js';
export { FEATURE_SETS, type FeatureSet, featureSet } from './feature-table.js';
export { measureCuda, measureLimits, resample } from './limits.js';
export type {
  NativeBuild,
  NativeCuda,
  NativeCudaDevice,
  NativeCudaFigures,
  NativeFrameWork,
  NativeLimits,
} from './native.js';
export { FeaturePlan, type RecordingSpan, type UtteranceBatch } from './plan.js';
export {
  rowsShowSpeech,
  SPEECH_MARGIN_S,
  SpeechDetector,
  type SpeechFrames,
  speechBlockFrames,
  speechFrontEnd,
} from './speech.js';

/**
 * What this build and machine can do.
 * @throws UndertoneError no_native_build; usage or unsupported_device for an UNDERTONE_ISA that names nothing or that is
 * not there
 */
export function describeBuild(): NativeBuild {
  return mapNative(() => loadNative().describeBuild(), 'describeBuild');
}

/**
 * What CUDA this build and machine have; never fails for what is missing, but says why in `reason`.
 * @throws UndertoneError no_native_build
 */
export function describeCuda(): NativeCuda {
  return mapNative(() => loadNative().describeCuda(), 'describeCuda');
}

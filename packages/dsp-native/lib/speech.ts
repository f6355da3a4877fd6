/** Speech detection for TypeScript: log-mel rows of any front-end in, decided frames out. Method: src/plan/speech.h. */
import {
  columnNames,
  type FrontEnd,
  frontEndSettings,
  needsWholeUtterance,
  rowFeatures,
} from '@undertone/shared';
import { loadNative } from './load.js';
import type { NativeSpeechDetector, NativeSpeechFrames, NativeSpeechSpec } from './native.js';
import { mapNative } from './native-error.js';

export type SpeechFrames = NativeSpeechFrames;

/** Bands between these are looked at: what a telephone passes, without hum below it. */
const LOWEST_HZ = 150;
const HIGHEST_HZ = 3800;
const GROUPS = 12;
const FEWEST_BANDS = 4;

/** A block of the noise floor, and how many to each side are looked at. */
const BLOCK_S = 0.5;
const SIDE_BLOCKS = 6;

/** dB; chosen on recordings and made noise as docs/listening.md says. */
const DECIBELS = {
  floorBias: 4,
  powerFloorBias: 1.5,
  cap: 10,
  range: 28,
  threshold: 2.8,
  peak: 25,
  peakThreshold: 4,
};
const SECONDS = { minRun: 0.08, gap: 0.1, lead: 0.05, hangover: 0.15 };

/** Sound further away than this, in seconds, changes no decision on a frame. */
export const SPEECH_MARGIN_S = (SIDE_BLOCKS + 2) * BLOCK_S + 0.1;

/** Rows of another tool's making are looked at by their own front-end, which costs a second pass over the samples. */
export function rowsShowSpeech(frontEnd: FrontEnd): boolean {
  const { mel, log, frame, sampleRateHz } = frontEnd;
  if (!mel || !log || needsWholeUtterance(frontEnd)) return false;
  if (rowFeatures(frontEnd).every(({ kind }) => kind !== 'log')) return false;
  const hopS = frame.hopSamples / sampleRateHz;
  return hopS >= 0.005 && hopS <= 0.025 && groupEdges(frontEnd).length > GROUPS;
}

/** Log-mel for detection alone, for models whose own rows do not show speech: waveforms, cepstra, statistics. */
export function speechFrontEnd(sampleRateHz: number): FrontEnd {
  const lengthSamples = Math.max(2, Math.round(0.025 * sampleRateHz));
  const fMinHz = 100;
  const fMaxHz = Math.min(7600, sampleRateHz / 2);
  const bands = Math.max(FEWEST_BANDS, Math.floor((toMel(fMaxHz, 'htk') - toMel(fMinHz, 'htk')) / 60) - 1);
  return frontEndSettings.parse({
    sampleRateHz,
    frame: {
      lengthSamples,
      hopSamples: Math.max(1, Math.round(0.01 * sampleRateHz)),
      fftSize: 2 ** Math.ceil(Math.log2(lengthSamples)),
    },
    mel: { bands, fMinHz, fMaxHz, scale: 'htk', norm: 'none' },
    log: { kind: 'ln', floor: 1e-7 },
  });
}

export class SpeechDetector {
  readonly #handle: NativeSpeechDetector;
  /** Frames that have to be taken before the decision on one is sure to be out. */
  readonly lookaheadFrames: number;

  /**
   * @param frontEnd whose rows come; `rowsShowSpeech` holds of it, or it is `speechFrontEnd`
   * @param firstBlock of the recording that the first row begins, in blocks of `speechBlockFrames`
   */
  constructor(
    readonly frontEnd: FrontEnd,
    firstBlock = 0,
  ) {
    const spec = { ...specOf(frontEnd), firstBlock };
    this.#handle = mapNative(() => loadNative().createSpeechDetector(spec), 'speech');
    this.lookaheadFrames = (spec.sideBlocks + 2) * spec.blockFrames + 1;
  }

  /** Takes the next rows. @returns the frames that are now decided */
  push(rows: Float32Array): SpeechFrames {
    return mapNative(() => loadNative().pushSpeech(this.#handle, rows), 'speech');
  }

  /** Ends the recording. @returns the frames that are left */
  end(): SpeechFrames {
    return mapNative(() => loadNative().endSpeech(this.#handle), 'speech');
  }
}

/** Frames of a block: what a detector can begin with in the middle of a recording. */
export const speechBlockFrames = (frontEnd: FrontEnd): number => specOf(frontEnd).blockFrames;

function specOf(frontEnd: FrontEnd): Omit<NativeSpeechSpec, 'firstBlock'> {
  const { mel, frame, sampleRateHz } = frontEnd;
  const bands = mel?.bands ?? 0;
  const frames = (seconds: number): number =>
    Math.max(1, Math.round((seconds * sampleRateHz) / frame.hopSamples));
  const edges = bandEdges(frontEnd);
  return {
    columns: columnsBefore(frontEnd, true),
    firstColumn: columnsBefore(frontEnd, false),
    bands,
    highBand: highBand(edges),
    logScale: toNaturalPower(frontEnd),
    bandOffsets: Float32Array.from({ length: bands }, (_, b) =>
      mel?.norm === 'slaney' ? Math.log(((edges[b + 2] ?? 0) - (edges[b] ?? 0)) / 2) : 0,
    ),
    groupEdges: Float32Array.from(groupEdges(frontEnd)),
    blockFrames: frames(BLOCK_S),
    sideBlocks: SIDE_BLOCKS,
    minSideBlocks: 3,
    floorBias: nepers(DECIBELS.floorBias),
    powerFloorBias: nepers(DECIBELS.powerFloorBias),
    cap: nepers(DECIBELS.cap),
    range: nepers(DECIBELS.range),
    threshold: nepers(DECIBELS.threshold),
    peak: nepers(DECIBELS.peak),
    peakThreshold: nepers(DECIBELS.peakThreshold),
    minRunFrames: frames(SECONDS.minRun),
    gapFrames: frames(SECONDS.gap),
    leadFrames: frames(SECONDS.lead),
    hangoverFrames: frames(SECONDS.hangover),
  };
}

/** Natural logarithm of power. */
const nepers = (decibels: number): number => (decibels * Math.LN10) / 10;

/** The factor from a row's values to natural logarithms of power. */
function toNaturalPower({ log, spectrum }: FrontEnd): number {
  const ofMagnitude = spectrum.kind === 'magnitude' ? 2 : 1;
  const { kind = 'ln', multiply = 1 } = log ?? {};
  const factor = kind === 'db' ? Math.LN10 / 10 : (kind === 'log10' ? Math.LN10 : 1) * ofMagnitude;
  return factor / multiply;
}

/** Columns of a row before the log-mel bands, or all of them. */
function columnsBefore(frontEnd: FrontEnd, all: boolean): number {
  const features = rowFeatures(frontEnd);
  const before = all
    ? features
    : features.slice(
        0,
        features.findIndex(({ kind }) => kind === 'log'),
      );
  return before.length === 0 ? 0 : columnNames({ ...frontEnd, features: [...before] }).length;
}

/** Borders of groups of neighbouring bands, as even as they come. */
function groupEdges(frontEnd: FrontEnd): number[] {
  const { mel } = frontEnd;
  if (!mel) return [];
  const edges = bandEdges(frontEnd);
  const inside = Array.from({ length: mel.bands }, (_, b) => b).filter(
    (b) => (edges[b + 1] ?? 0) >= LOWEST_HZ && (edges[b + 1] ?? 0) <= HIGHEST_HZ,
  );
  const first = inside[0] ?? 0;
  // Two bands at least: one alone is too restless in noise.
  const groups = Math.max(1, Math.min(GROUPS, Math.floor(inside.length / 2)));
  return Array.from({ length: groups + 1 }, (_, g) => first + Math.round((g * inside.length) / groups));
}

/** Hz at the feet and peaks of the triangles: bands + 2 values. */
function bandEdges({ mel }: FrontEnd): number[] {
  if (!mel) return [];
  const low = toMel(mel.fMinHz, mel.scale);
  const high = toMel(mel.fMaxHz, mel.scale);
  return Array.from({ length: mel.bands + 2 }, (_, i) =>
    fromMel(low + ((high - low) * i) / (mel.bands + 1), mel.scale),
  );
}

/** A telephone passes up to 3.4 kHz, and resampling from 8 kHz leaves something just above 4. */
const TELEPHONE_HZ = 4300;

/** The first band that begins above what a telephone passes. */
function highBand(edges: readonly number[]): number {
  const feet = edges.slice(0, -2);
  const first = feet.findIndex((hz) => hz >= TELEPHONE_HZ);
  return first < 0 ? feet.length : first;
}

type MelScale = 'htk' | 'slaney';
/** Slaney's scale is linear below 1 kHz and logarithmic above (Auditory Toolbox). */
const SLANEY = { hzPerMel: 200 / 3, breakHz: 1000, step: Math.log(6.4) / 27 };

const toMel = (hz: number, scale: MelScale): number =>
  scale === 'htk'
    ? 2595 * Math.log10(1 + hz / 700)
    : hz < SLANEY.breakHz
      ? hz / SLANEY.hzPerMel
      : SLANEY.breakHz / SLANEY.hzPerMel + Math.log(hz / SLANEY.breakHz) / SLANEY.step;

const fromMel = (mel: number, scale: MelScale): number => {
  if (scale === 'htk') return 700 * (10 ** (mel / 2595) - 1);
  const above = mel - SLANEY.breakHz / SLANEY.hzPerMel;
  return above < 0 ? mel * SLANEY.hzPerMel : SLANEY.breakHz * Math.exp(above * SLANEY.step);
};

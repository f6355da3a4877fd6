/** Detection of speech: what is speech, what is not, and that a decision depends on its neighbourhood alone. */
import { fileURLToPath } from 'node:url';
import {
  FeaturePlan,
  featureSet,
  openAudio,
  rowsShowSpeech,
  SPEECH_MARGIN_S,
  SpeechDetector,
  speechFrontEnd,
} from '@undertone/dsp-native';
import { type FrontEnd, frontEndSettings } from '@undertone/shared';
import { describe, expect, it } from 'vitest';
import { seeded } from '../fixtures/random.ts';
import * as sounds from '../fixtures/sounds.ts';

const rate = 16000;
const rowsOf = (frontEnd: FrontEnd, samples: Float32Array): Float32Array =>
  new FeaturePlan(frontEnd).extract([samples])[0]?.values ?? new Float32Array(0);

const joined = (parts: readonly Uint8Array[]): Uint8Array =>
  Uint8Array.from(parts.flatMap((part) => [...part]));

function speechIn(frontEnd: FrontEnd, samples: Float32Array): Uint8Array {
  const detector = new SpeechDetector(frontEnd);
  return joined([detector.push(rowsOf(frontEnd, samples)).speech, detector.end().speech]);
}

const share = (flags: Uint8Array): number => flags.reduce((sum, x) => sum + x, 0) / flags.length;

/** A reader of LibriVox, from the fixtures. */
function reading(): Float32Array {
  const path = fileURLToPath(new URL('../fixtures/speech/librivox-16k.wav', import.meta.url));
  const decoder = openAudio(path, { channels: 'mix', sampleRateHz: rate });
  const block = decoder.read(60 * rate);
  decoder.close();
  if (!block) throw new Error('The fixture is empty');
  return block.samples;
}

const logMel = (name: string): FrontEnd => featureSet(name).frontEnd;
const frontEnds: [name: string, frontEnd: FrontEnd][] = [
  ['undertone-logmel-64', logMel('undertone-logmel-64')],
  ['kaldi-fbank-80', logMel('kaldi-fbank-80')],
  ['the one for detection alone', speechFrontEnd(rate)],
];

describe.each(frontEnds)('with rows of %s', (_name, frontEnd) => {
  it('finds a reader between two pauses, and neither pause', () => {
    const voice = reading();
    const padded = new Float32Array(voice.length + 6 * rate).fill(0);
    const room = sounds.white(padded.length / rate, rate, 1e-4);
    padded.set(room);
    for (let i = 0; i < voice.length; ++i) padded[i + 3 * rate] = (room[i] ?? 0) + (voice[i] ?? 0);
    const flags = speechIn(frontEnd, padded);
    expect(share(flags.subarray(0, 250))).toBe(0);
    expect(share(flags.subarray(-250))).toBe(0);
    expect(share(flags.subarray(300, 300 + Math.floor((voice.length / rate) * 100)))).toBeGreaterThan(0.8);
  });

  it('finds the reader 60 dB quieter', () => {
    expect(
      share(
        speechIn(
          frontEnd,
          reading().map((x) => x / 300),
        ),
      ),
    ).toBeGreaterThan(0.3);
  });

  it.each(Object.entries(sounds))('takes %s for no speech', (_what, sound) => {
    // Tones that hardly stand out of the noise cannot be told from speech that does not.
    for (const amplitude of sound === sounds.dialling ? [0.02, 0.3] : [0.001, 0.02, 0.3]) {
      expect(share(speechIn(frontEnd, sound(12, rate, amplitude)))).toBeLessThan(0.03);
    }
  });

  it('takes digital silence and a constant for no speech', () => {
    expect(share(speechIn(frontEnd, new Float32Array(5 * rate)))).toBe(0);
    expect(share(speechIn(frontEnd, new Float32Array(5 * rate).fill(0.5)))).toBe(0);
  });
});

describe('a decision', () => {
  const frontEnd = logMel('undertone-logmel-64');
  const voice = reading();
  const long = new Float32Array(40 * rate);
  for (let at = 0; at < long.length; at += voice.length) long.set(voice.subarray(0, long.length - at), at);
  const noisy = sounds.pink(40, rate, 0.01).map((x, i) => x + (long[i] ?? 0));
  const rows = rowsOf(frontEnd, noisy);
  const whole = speechIn(frontEnd, noisy);

  it('is the same however the rows arrive, one for each', () => {
    const random = seeded(11);
    const detector = new SpeechDetector(frontEnd);
    const parts: Uint8Array[] = [];
    for (let at = 0; at < rows.length; ) {
      const next = Math.min(rows.length, at + 64 * (1 + random.below(300)));
      parts.push(detector.push(rows.subarray(at, next)).speech);
      at = next;
    }
    parts.push(detector.end().speech);
    expect(joined(parts)).toEqual(whole);
    expect(whole).toHaveLength(rows.length / 64);
  });

  it('is out when lookaheadFrames more have come', () => {
    const detector = new SpeechDetector(frontEnd);
    let decided = 0;
    for (let t = 0; t < rows.length / 64; ++t) {
      decided += detector.push(rows.subarray(t * 64, (t + 1) * 64)).speech.length;
      expect(decided).toBeGreaterThanOrEqual(t + 1 - detector.lookaheadFrames);
    }
  });

  it('depends on SPEECH_MARGIN_S on each side alone', () => {
    const margin = Math.ceil(SPEECH_MARGIN_S * 100);
    // Blocks of half a second: pieces begin on one.
    const [from, to] = [1000, 3000];
    const begin = Math.floor((from - margin) / 50) * 50;
    const detector = new SpeechDetector(frontEnd, begin / 50);
    const first = detector.push(rows.subarray(begin * 64, (to + margin) * 64));
    const piece = joined([first.speech, detector.end().speech]);
    expect(piece.subarray(from - begin, to - begin)).toEqual(whole.subarray(from, to));
  });
});

describe('whose rows show speech', () => {
  const base = { sampleRateHz: rate, frame: { lengthSamples: 400, hopSamples: 160, fftSize: 512 } };
  const mel = { bands: 40, fMaxHz: 8000 };
  it.each([
    ['log-mel', { mel, log: { kind: 'db' } }, true],
    [
      'log-mel beside others',
      { mel, log: { kind: 'ln' }, features: [{ kind: 'rms' }, { kind: 'log' }] },
      true,
    ],
    ['linear mel', { mel }, false],
    ['cepstra', { mel, log: { kind: 'ln' }, cepstrum: { coefficients: 13 } }, false],
    ['few bands', { mel: { ...mel, bands: 8 }, log: { kind: 'ln' } }, false],
    ['a hop of 50 ms', { mel, log: { kind: 'ln' }, frame: { ...base.frame, hopSamples: 800 } }, false],
    ['decibels below the maximum', { mel, log: { kind: 'db', topDb: 80 } }, false],
  ])('%s', (_name, change, shows) => {
    expect(rowsShowSpeech(frontEndSettings.parse({ ...base, ...change }))).toBe(shows);
  });

  it.each([4000, 8000, 11025, 22050, 44100, 48000, 96000])('at %i Hz there is a front-end for it', (hz) => {
    const frontEnd = speechFrontEnd(hz);
    expect(share(speechIn(frontEnd, sounds.white(5, hz, 0.1)))).toBe(0);
  });
});

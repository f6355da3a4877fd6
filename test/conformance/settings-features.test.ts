/** Features whose settings make no sense: each message names the setting, its value and the bound. */
import { createRequire } from 'node:module';
import { FeaturePlan } from '@undertone/dsp-native';
import { type FrontEndInput, frontEndSettings, parseSettings, type UndertoneError } from '@undertone/shared';
import { describe, expect, it } from 'vitest';
import type { NativeAddon } from '../../packages/dsp-native/lib/native.js';

const cpu = { name: 'cpu', device: 0, memoryBytes: 0 };

const base: FrontEndInput = {
  sampleRateHz: 16000,
  frame: { lengthSamples: 400, hopSamples: 160, fftSize: 512 },
};

function refusal(act: () => unknown): string {
  try {
    act();
  } catch (thrown) {
    return `${(thrown as UndertoneError).code}: ${(thrown as Error).message}`;
  }
  throw new Error('nothing was refused');
}
const refused = (change: object): string =>
  refusal(() => parseSettings(frontEndSettings, { ...base, ...change }, 'frontEnd')).replace(
    /^usage: Expected /,
    '',
  );
const accepted = (change: object): boolean => frontEndSettings.safeParse({ ...base, ...change }).success;
const withFeature = (feature: object): object => ({ features: [feature] });
const frame = { lengthSamples: 400, hopSamples: 160, fftSize: 512 };
const mel = { bands: 20, fMaxHz: 8000 };

describe('the chain', () => {
  it.each([
    [
      { frame: { ...frame, lengthSamples: 513 } },
      'at most frame.fftSize (512) for frontEnd.frame.lengthSamples but received 513 of type number',
    ],
    [
      { frame: { ...frame, fftSize: 511 } },
      'a product of 2s, 3s and 5s for frontEnd.frame.fftSize but received 511 of type number',
    ],
    [
      { mel: { ...mel, fMaxHz: 8000.5 } },
      'at most half of sampleRateHz (8000) for frontEnd.mel.fMaxHz but received 8000.5 of type number',
    ],
    [
      { mel: { ...mel, fMinHz: 8000 } },
      'less than mel.fMaxHz (8000) for frontEnd.mel.fMinHz but received 8000 of type number',
    ],
    [{ mel: { ...mel, bands: 0 } }, 'at least 1 for frontEnd.mel.bands but received 0 of type number'],
    [
      { spectrum: { descriptorFftSize: 405 }, frame: { ...frame, lengthSamples: 406 } },
      'at least frame.lengthSamples (406) for frontEnd.spectrum.descriptorFftSize but received 405 of type number',
    ],
    [
      { spectrum: { descriptorFftSize: 511 } },
      'a product of 2s, 3s and 5s for frontEnd.spectrum.descriptorFftSize but received 511 of type number',
    ],
  ])('refuses %j', (change, message) => {
    expect(refused(change)).toBe(message);
  });

  it('accepts each at its bound', () => {
    expect(accepted({ frame: { ...frame, lengthSamples: 512 } })).toBe(true);
    expect(accepted({ mel })).toBe(true);
    expect(accepted({ mel: { ...mel, fMinHz: 7999.9 } })).toBe(true);
    expect(accepted({ spectrum: { descriptorFftSize: 400 } })).toBe(true);
  });
});

describe('features', () => {
  const at = 'for frontEnd.features.0';
  it.each([
    [{ kind: 'spectral-roll-off', share: 0 }, `at least 0.01 ${at}.share but received 0 of type number`],
    [{ kind: 'spectral-roll-off', share: 85 }, `at most 0.99 ${at}.share but received 85 of type number`],
    [
      { kind: 'spectral-roll-off', convention: 'matlab' },
      `one of "librosa", "pyaudioanalysis" ${at}.convention but received "matlab" of type string`,
    ],
    [{ kind: 'energy', windowed: 1 }, `a boolean ${at}.windowed but received 1 of type number`],
    [{ kind: 'energy-entropy', blocks: 1 }, `at least 2 ${at}.blocks but received 1 of type number`],
    [{ kind: 'energy-entropy', blocks: 257 }, `at most 256 ${at}.blocks but received 257 of type number`],
    [{ kind: 'energy-entropy', blocks: 2.5 }, `an integer ${at}.blocks but received 2.5 of type number`],
    [{ kind: 'spectral-contrast', bands: 17 }, `at most 16 ${at}.bands but received 17 of type number`],
    [{ kind: 'spectral-contrast', fMinHz: 0 }, `more than 0 ${at}.fMinHz but received 0 of type number`],
    [
      { kind: 'spectral-contrast', quantile: 0.6 },
      `at most 0.5 ${at}.quantile but received 0.6 of type number`,
    ],
    [
      { kind: 'spectral-contrast', fMinHz: 250 },
      `a highest band that begins below half of sampleRateHz (8000 Hz, not at 8000 Hz) ${at}.bands but received 6 of type number`,
    ],
    [
      { kind: 'chroma', spectrum: 'energy' },
      `one of "power", "magnitude" ${at}.spectrum but received "energy" of type string`,
    ],
    [
      { kind: 'pitch', frameSamples: 1024, fMaxHz: 4001 },
      `at most a quarter of sampleRateHz (4000) ${at}.fMaxHz but received 4001 of type number`,
    ],
    [
      { kind: 'pitch', frameSamples: 1024, fMinHz: 500 },
      `less than fMaxHz (500) ${at}.fMinHz but received 500 of type number`,
    ],
    [
      { kind: 'pitch', frameSamples: 493 },
      `at least two periods of fMinHz (494 samples) ${at}.frameSamples but received 493 of type number`,
    ],
    [
      { kind: 'pitch', frameSamples: 1024, voicedThreshold: 0 },
      `at least 0.01 ${at}.voicedThreshold but received 0 of type number`,
    ],
    [
      { kind: 'mel' },
      'mel settings, which features.0 (mel) needs, for frontEnd.mel but received null of type null',
    ],
    [
      { kind: 'log' },
      'log settings, which features.0 (log) needs, for frontEnd.log but received null of type null',
    ],
    [
      { kind: 'cepstrum' },
      'cepstrum settings, which features.0 (cepstrum) needs, for frontEnd.cepstrum but received null of type null',
    ],
  ])('refuse %j', (feature, message) => {
    expect(refused(withFeature(feature))).toBe(message);
  });

  it.each([
    [
      { blocks: 9 },
      { frame: { ...frame, lengthSamples: 8 } },
      'energy-entropy',
      'at most frame.lengthSamples (8)',
    ],
    [
      { blocks: 9 },
      { frame: { lengthSamples: 16, hopSamples: 8, fftSize: 16 } },
      'spectral-entropy',
      'at most the bins of the spectrum (8)',
    ],
  ])('refuse more blocks than there is to divide: %j', (settings, change, kind, bound) => {
    const features = [{ kind, ...settings }];
    expect(refused({ ...change, features })).toBe(
      `${bound} for frontEnd.features.0.blocks but received 9 of type number`,
    );
    expect(accepted({ ...change, features: [{ kind, blocks: 8 }] })).toBe(true);
  });

  it('refuse one that stands twice, whatever its settings', () => {
    const features = [{ kind: 'rms' }, { kind: 'energy' }, { kind: 'rms', windowed: true }];
    expect(refused({ features })).toBe(
      'each feature once for frontEnd.features.2 but received {"kind":"rms","windowed":true} of type object',
    );
  });

  it('refuse a kind that is none, and name those there are', () => {
    expect(refused(withFeature({ kind: 'loudness' }))).toMatch(
      /^one of "spectrum", "mel", .*"pitch" for frontEnd\.features\.0\.kind but received "loudness" of type string$/,
    );
  });

  it('accept each at its bound', () => {
    for (const feature of [
      { kind: 'spectral-roll-off', share: 0.01 },
      { kind: 'spectral-roll-off', share: 0.99 },
      { kind: 'spectral-contrast', fMinHz: 249.9, bands: 6, quantile: 0.5 },
      { kind: 'pitch', frameSamples: 494, fMinHz: 65, fMaxHz: 4000 },
      { kind: 'pitch', frameSamples: 3200, fMinHz: 10 },
    ]) {
      expect(accepted(withFeature(feature)), JSON.stringify(feature)).toBe(true);
    }
  });
});

describe('an empty mel band', () => {
  it.each(['hz', 'mel'] as const)('under slope %s is refused by name', (slope) => {
    const frontEnd = { ...base, mel: { ...mel, bands: 200, slope } };
    expect(refusal(() => new FeaturePlan(frontEnd))).toMatch(
      /^usage: Expected fewer bands, a larger frame\.fftSize or a higher mel\.fMinHz for mel\.bands but received 200 of type number: no FFT bin lies in band \d+ \([\d.]+ to [\d.]+ Hz\)$/,
    );
  });
});

describe('the add-on itself', () => {
  const path = new URL('../../packages/dsp-native/build/Release/undertone_dsp.node', import.meta.url)
    .pathname;
  const addon = createRequire(import.meta.url)(path) as NativeAddon;
  const resolved = frontEndSettings.parse(base);

  it.each([
    [
      { features: [{ kind: 'mel' as const }] },
      'mel settings, which features need, for frontEnd.mel but received null of type null',
    ],
    [
      { features: [{ kind: 'log' as const }] },
      'log settings, which features need, for frontEnd.log but received null of type null',
    ],
    [
      { features: [{ kind: 'cepstrum' as const }] },
      'cepstrum settings, which features need, for frontEnd.cepstrum but received null of type null',
    ],
    [
      { spectrum: { kind: 'power' as const, descriptorFftSize: 256 } },
      'a descriptorFftSize of at least frame.lengthSamples (400) for frontEnd.spectrum but received {"kind":"power","descriptorFftSize":256} of type object',
    ],
  ])('refuses what its kernels could not compute: %j', (change, message) => {
    expect(refusal(() => addon.createPlan({ ...resolved, ...change }, cpu))).toBe(
      `usage: Expected ${message}`,
    );
  });
});

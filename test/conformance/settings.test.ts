/** Settings and flags: defaults pinned; good, bad and edge values with the sentence they give. */
import { frontEndSettings, parseSettings, UndertoneError } from '@undertone/shared';
import { describe, expect, it } from 'vitest';
import { parseFlags } from '../../packages/batch-runner/src/command/flags.ts';
import { featuresSettings, labelSettings, runSettings } from '../../packages/batch-runner/src/settings.ts';

function refusal(act: () => unknown): { code: string; message: string } {
  try {
    act();
  } catch (thrown) {
    if (thrown instanceof UndertoneError) return { code: thrown.code, message: thrown.message };
    throw thrown;
  }
  throw new Error('nothing was refused');
}

describe('front-end settings', () => {
  const minimal = { sampleRateHz: 16000, frame: { lengthSamples: 400, hopSamples: 160, fftSize: 512 } };
  const mel = { bands: 40, fMaxHz: 8000 };

  it('has these defaults', () => {
    expect(frontEndSettings.parse(minimal)).toEqual({
      sampleRateHz: 16000,
      samples: { fullScale: 1, normalise: 'none', excerpt: null, gate: null },
      frame: {
        lengthSamples: 400,
        hopSamples: 160,
        fftSize: 512,
        placement: 'snip',
        padding: 'zero',
        window: 'hann',
        windowSymmetry: 'periodic',
        removeDc: false,
        preEmphasis: 0,
        preEmphasisScope: 'frame',
      },
      spectrum: { kind: 'power', descriptorFftSize: null },
      mel: null,
      log: null,
      cepstrum: null,
      features: [],
      cmvn: null,
      deltas: null,
      statistics: [],
      sequence: null,
    });
    expect(
      frontEndSettings.parse({
        ...minimal,
        mel,
        log: { kind: 'db' },
        cepstrum: { coefficients: 13 },
        deltas: { order: 1 },
        cmvn: { scope: 'sliding' },
        samples: { excerpt: { offsetSamples: 0 } },
      }),
    ).toMatchObject({
      mel: { fMinHz: 0, scale: 'slaney', slope: 'hz', norm: 'slaney' },
      log: { floor: 1e-10, reference: 1, topDb: null, add: 0, multiply: 1 },
      cepstrum: { c0: 'cepstrum', lifterLength: 0, lifterFirstIndex: 0 },
      deltas: { width: 9, convention: 'librosa' },
      cmvn: { normaliseVariance: false, windowFrames: 600, minWindowFrames: 100, centre: false },
      samples: { excerpt: { lengthSamples: null, pad: false } },
    });
  });

  const bad: [what: string, change: object, message: string][] = [
    [
      'a frame longer than the FFT',
      { frame: { ...minimal.frame, lengthSamples: 513 } },
      'Expected at most frame.fftSize (512) for card.frontEnd.frame.lengthSamples but received 513 of type number',
    ],
    [
      'an FFT size with a factor 7',
      { frame: { ...minimal.frame, fftSize: 448 } },
      'Expected a product of 2s, 3s and 5s for card.frontEnd.frame.fftSize but received 448 of type number',
    ],
    [
      'fMax above Nyquist',
      { mel: { ...mel, fMaxHz: 8001 } },
      'Expected at most half of sampleRateHz (8000) for card.frontEnd.mel.fMaxHz but received 8001 of type number',
    ],
    [
      'fMin not below fMax',
      { mel: { ...mel, fMinHz: 8000 } },
      'Expected less than mel.fMaxHz (8000) for card.frontEnd.mel.fMinHz but received 8000 of type number',
    ],
    [
      'a reference of max without dB',
      { mel, log: { kind: 'ln', reference: 'max' } },
      'Expected 1 unless log.kind is "db" for card.frontEnd.log.reference but received "max" of type string',
    ],
    [
      'a factor of 0',
      { mel, log: { kind: 'ln', multiply: 0 } },
      'Expected at least 0.000001 for card.frontEnd.log.multiply but received 0 of type number',
    ],
    [
      'padding without a length',
      { samples: { excerpt: { offsetSamples: 0, pad: true } } },
      'Expected an integer, which pad needs, for card.frontEnd.samples.excerpt.lengthSamples but received null of type null',
    ],
    [
      'an excerpt before the start',
      { samples: { excerpt: { offsetSamples: -1 } } },
      'Expected at least 0 for card.frontEnd.samples.excerpt.offsetSamples but received -1 of type number',
    ],
    [
      'an excerpt of nothing',
      { samples: { excerpt: { offsetSamples: 0, lengthSamples: 0 } } },
      'Expected at least 1 for card.frontEnd.samples.excerpt.lengthSamples but received 0 of type number',
    ],
    [
      'a gate above full scale',
      { samples: { gate: { windowSamples: 1600, threshold: 1.5 } } },
      'Expected at most 1 for card.frontEnd.samples.gate.threshold but received 1.5 of type number',
    ],
    [
      'a gate without a window',
      { samples: { gate: { windowSamples: 0, threshold: 0.1 } } },
      'Expected at least 1 for card.frontEnd.samples.gate.windowSamples but received 0 of type number',
    ],
    [
      'a scope that is none',
      { cmvn: { scope: 'speaker' } },
      'Expected one of "utterance", "sliding" for card.frontEnd.cmvn.scope but received "speaker" of type string',
    ],
    [
      'a smallest window above the window',
      { cmvn: { scope: 'sliding', windowFrames: 50 } },
      'Expected at most windowFrames (50) for card.frontEnd.cmvn.minWindowFrames but received 100 of type number',
    ],
    [
      'a sequence of no frame',
      { sequence: { frames: 0 } },
      'Expected at least 1 for card.frontEnd.sequence.frames but received 0 of type number',
    ],
    [
      'a sequence of statistics',
      { sequence: { frames: 2 }, statistics: ['mean'] },
      'Expected null when there are statistics for card.frontEnd.sequence but received {"frames":2} of type object',
    ],
    [
      'more cepstra than bands',
      { mel, log: { kind: 'ln' }, cepstrum: { coefficients: 41 } },
      'Expected at most mel.bands (40) for card.frontEnd.cepstrum.coefficients but received 41 of type number',
    ],
    [
      'cepstra without mel',
      { log: { kind: 'ln' }, cepstrum: { coefficients: 13 } },
      'Expected mel settings, which cepstrum needs, for card.frontEnd.mel but received null of type null',
    ],
    [
      'an even delta width',
      { deltas: { order: 1, width: 8 } },
      'Expected an odd number for card.frontEnd.deltas.width but received 8 of type number',
    ],
    [
      'an unknown window',
      { frame: { ...minimal.frame, window: 'kaiser' } },
      'Expected one of "hann", "hamming", "blackman", "povey", "rectangular" for card.frontEnd.frame.window but received "kaiser" of type string',
    ],
    [
      'a hop of 0',
      { frame: { ...minimal.frame, hopSamples: 0 } },
      'Expected at least 1 for card.frontEnd.frame.hopSamples but received 0 of type number',
    ],
    [
      'a rate as text',
      { sampleRateHz: '16000' },
      'Expected a number for card.frontEnd.sampleRateHz but received "16000" of type string',
    ],
    [
      'a missing rate',
      { sampleRateHz: undefined },
      'Expected a number for card.frontEnd.sampleRateHz but received nothing',
    ],
    ['an unknown setting', { windowing: 'hann' }, 'Expected no setting named "windowing" in card.frontEnd'],
  ];
  it.each(bad)('refuses %s', (_what, change, message) => {
    expect(
      refusal(() =>
        parseSettings(frontEndSettings, { ...minimal, ...change }, 'card.frontEnd', 'invalid_card'),
      ),
    ).toEqual({
      code: 'invalid_card',
      message,
    });
  });

  it('takes the edges', () => {
    expect(
      frontEndSettings.parse({ ...minimal, mel: { bands: 1, fMinHz: 0, fMaxHz: 8000 } }).mel?.bands,
    ).toBe(1);
    expect(
      frontEndSettings.parse({ ...minimal, frame: { lengthSamples: 2, hopSamples: 1, fftSize: 2 } }).frame
        .fftSize,
    ).toBe(2);
  });
});

describe('flags of run', () => {
  it('has these defaults', () => {
    const { workers, ...rest } = parseFlags(runSettings, { out: 'o' });
    expect(workers).toBeGreaterThan(0);
    expect(rest).toEqual({
      out: 'o',
      model: ['undertone-s'],
      channels: 'mix',
      device: 'auto',
      formats: ['csv'],
      roles: [],
      segments: 'window',
      minSpeech: 0.05,
      piece: 1800,
      silenceDbfs: -80,
      recordTimeout: 300,
      verbose: false,
      json: false,
      maxErrorShare: 0.05,
      excelBom: false,
      quiet: false,
    });
  });

  it('reads numbers, lists and channels from text', () => {
    expect(
      parseFlags(runSettings, {
        out: '1',
        window: '2.5',
        hop: '.5',
        workers: '3',
        channels: '1',
        formats: 'csv, parquet',
        abstainBelow: '0',
        recordTimeout: '1',
        memoryLimit: '1',
      }),
    ).toMatchObject({
      out: '1',
      window: 2.5,
      hop: 0.5,
      workers: 3,
      channels: 1,
      formats: ['csv', 'parquet'],
      abstainBelow: 0,
      recordTimeout: 1,
      memoryLimit: 1,
    });
  });

  const bad: [flags: Record<string, unknown>, message: string][] = [
    [{}, 'Missing --out: folder for the results; a run found there is continued'],
    [{ out: 'o', workers: '0' }, 'Expected at least 1 for --workers but received 0 of type number'],
    [{ out: 'o', workers: 'many' }, 'Expected a number for --workers but received "many" of type string'],
    [{ out: 'o', workers: '1.5' }, 'Expected an integer for --workers but received 1.5 of type number'],
    [{ out: 'o', window: '-1' }, 'Expected more than 0 for --window but received -1 of type number'],
    [
      { out: 'o', channels: 'left' },
      'Expected "mix" or "split" or a number for --channels but received "left" of type string',
    ],
    [
      { out: 'o', formats: 'csv,xlsx' },
      'Expected one of "csv", "parquet", "jsonl" for --formats but received "xlsx" of type string',
    ],
    [
      { out: 'o', device: 'gpu' },
      'Expected auto, cpu, cuda or cuda:<index>[,<index>…] for --device but received "gpu" of type string',
    ],
    [
      { out: 'o', recordTimeout: '0.9' },
      'Expected at least 1 for --record-timeout but received 0.9 of type number',
    ],
    [{ out: 'o', memoryLimit: '0' }, 'Expected at least 1 for --memory-limit but received 0 of type number'],
    [
      { out: 'o', memoryLimit: '1.5' },
      'Expected an integer for --memory-limit but received 1.5 of type number',
    ],
    [
      { out: 'o', recordTimeout: 'never' },
      'Expected a number for --record-timeout but received "never" of type string',
    ],
    [
      { out: 'o', maxErrorShare: '1.1' },
      'Expected at most 1 for --max-error-share but received 1.1 of type number',
    ],
    [{ out: 'o', minSpeech: '1.5' }, 'Expected at most 1 for --min-speech but received 1.5 of type number'],
    [
      { out: 'o', abstainBelow: '1.1' },
      'Expected at most 1 for --abstain-below but received 1.1 of type number',
    ],
    [
      { out: 'o', abstainBelow: '-0.1' },
      'Expected at least 0 for --abstain-below but received -0.1 of type number',
    ],
    [
      { out: 'o', abstainBelow: 'unsure' },
      'Expected a number for --abstain-below but received "unsure" of type string',
    ],
    [
      { out: 'o', segments: 'words' },
      'Expected one of "window", "speech", "file" for --segments but received "words" of type string',
    ],
    [{ out: '' }, 'Expected at least 1 characters for --out but received "" of type string'],
  ];
  it.each(bad)('refuses %o', (flags, message) => {
    expect(refusal(() => parseFlags(runSettings, flags))).toEqual({ code: 'usage', message });
  });
});

describe('flags of features', () => {
  it('has these defaults and needs a set', () => {
    expect(parseFlags(featuresSettings, { out: 'o', set: 's' })).toMatchObject({
      formats: ['npy'],
      channels: 'mix',
    });
    expect(refusal(() => parseFlags(featuresSettings, { out: 'o' })).message).toContain('Missing --set');
  });
});

describe('flags of label', () => {
  it('has these defaults', () => {
    expect(parseFlags(labelSettings, { out: 'l.csv' })).toEqual({
      out: 'l.csv',
      corpus: 'auto',
      duplicates: false,
      workers: expect.any(Number),
      maxErrorShare: 0.05,
      quiet: false,
    });
  });

  it('takes a share from 0 to 1', () => {
    expect(parseFlags(labelSettings, { out: 'l.CSV', maxErrorShare: '1' })).toMatchObject({
      maxErrorShare: 1,
    });
    expect(refusal(() => parseFlags(labelSettings, { out: 'l.csv', maxErrorShare: '1.1' })).message).toBe(
      'Expected at most 1 for --max-error-share but received 1.1 of type number',
    );
  });
});

/** The native border: what it refuses, with which words, and what it exports. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { describeBuild, FeaturePlan, featureSet, openAudio } from '@undertone/dsp-native';
import { type FrontEnd, frontEndSettings, UndertoneError } from '@undertone/shared';
import { describe, expect, it } from 'vitest';
import { requireAddon } from '../../packages/dsp-native/lib/load.ts';
import type { NativeAddon } from '../../packages/dsp-native/lib/native.js';

const cpu = { name: 'cpu', device: 0, memoryBytes: 0 };

const source = (path: string): URL => new URL(`../../packages/dsp-native/${path}`, import.meta.url);
const addonPath = source('build/Release/undertone_dsp.node').pathname;
const addon = createRequire(import.meta.url)(addonPath) as NativeAddon;

function refusal(act: () => unknown): string {
  try {
    act();
  } catch (thrown) {
    return `${(thrown as UndertoneError).code}: ${(thrown as Error).message}`;
  }
  throw new Error('nothing was refused');
}

const frontEnd = (): Record<string, unknown> =>
  structuredClone(featureSet('kaldi-mfcc-13').frontEnd) as unknown as Record<string, unknown>;

/** `frontEnd()` with one dotted path set, or removed where the value is undefined. */
function changed(path: string, value: unknown): FrontEnd {
  const root = frontEnd();
  const keys = path.split('.');
  const last = keys.pop() as string;
  let at = root;
  for (const key of keys) at = at[key] as Record<string, unknown>;
  if (value === undefined) delete at[last];
  else at[last] = value;
  return root as unknown as FrontEnd;
}

describe('createPlan', () => {
  it.each([
    ['frame.fftSize', undefined, 'Expected an integer for frontEnd.frame.fftSize but received nothing'],
    [
      'frame.fftSize',
      511.5,
      'Expected an integer for frontEnd.frame.fftSize but received 511.5 of type number',
    ],
    [
      'frame.fftSize',
      131072,
      'Expected at most 65536 for frontEnd.frame.fftSize but received 131072 of type number',
    ],
    ['frame.fftSize', 497, 'Expected a product of 2s, 3s and 5s for frame.fftSize'],
    [
      'frame.lengthSamples',
      1,
      'Expected at least 2 for frontEnd.frame.lengthSamples but received 1 of type number',
    ],
    [
      'frame.hopSamples',
      0,
      'Expected at least 1 for frontEnd.frame.hopSamples but received 0 of type number',
    ],
    ['frame.hopMs', 10, 'Expected no setting named "hopMs" in frontEnd.frame'],
    ['frame.removeDc', 1, 'Expected a boolean for frontEnd.frame.removeDc but received 1 of type number'],
    [
      'frame.preEmphasis',
      Number.NaN,
      'Expected at least 0 for frontEnd.frame.preEmphasis but received null of type number',
    ],
    [
      'frame.padding',
      'mirror',
      'Expected one of "zero", "reflect", "symmetric" for frontEnd.frame.padding but received "mirror" of type string',
    ],
    [
      'samples.fullScale',
      2,
      'Expected 1 or 32768 for frontEnd.samples.fullScale but received 2 of type number',
    ],
    ['samples', undefined, 'Expected an object for frontEnd.samples but received nothing'],
    [
      'mel',
      null,
      'Expected mel settings, which cepstrum needs, for frontEnd.mel but received null of type null',
    ],
    ['mel.bands', 513, 'Expected at most 512 for frontEnd.mel.bands but received 513 of type number'],
    ['log.floor', 0, 'Expected at least 0 for frontEnd.log.floor but received 0 of type number'],
    [
      'log.reference',
      'mean',
      'Expected one of "max" for frontEnd.log.reference but received "mean" of type string',
    ],
    [
      'cepstrum.lifterFirstIndex',
      2,
      'Expected at most 1 for frontEnd.cepstrum.lifterFirstIndex but received 2 of type number',
    ],
    [
      'deltas',
      { order: 1, width: 4, convention: 'kaldi' },
      'Expected an odd number for frontEnd.deltas.width but received 4 of type number',
    ],
    [
      'statistics',
      ['mean', 'mode'],
      'Expected the name of a statistic, p<q> or p<a>-p<b> with percentiles from 0 to 100 for frontEnd.statistics.1 but received "mode" of type string',
    ],
    [
      'statistics',
      ['mean', 'mean'],
      'Expected each statistic once for frontEnd.statistics but received ["mean","mean"] of type array',
    ],
    [
      'statistics',
      ['p99-p1'],
      'Expected the name of a statistic, p<q> or p<a>-p<b> with percentiles from 0 to 100 for frontEnd.statistics.0 but received "p99-p1" of type string',
    ],
    [
      'samples.excerpt',
      { offsetSamples: 0, lengthSamples: null, pad: true },
      'Expected an integer, which pad needs, for frontEnd.samples.excerpt.lengthSamples but received null of type null',
    ],
    [
      'samples.gate',
      { windowSamples: 0, threshold: 0 },
      'Expected at least 1 for frontEnd.samples.gate.windowSamples but received 0 of type number',
    ],
    [
      'cmvn',
      { scope: 'sliding', normaliseVariance: false, windowFrames: 9, minWindowFrames: 10, centre: false },
      'Expected at most windowFrames (9) for frontEnd.cmvn.minWindowFrames but received 10 of type number',
    ],
    ['log.multiply', 0, 'Expected at least 0.000001 for frontEnd.log.multiply but received 0 of type number'],
    [
      'sequence',
      { frames: 1.5 },
      'Expected an integer for frontEnd.sequence.frames but received 1.5 of type number',
    ],
    ['sequence', undefined, 'Expected an object for frontEnd.sequence but received nothing'],
    ['surprise', 1, 'Expected no setting named "surprise" in frontEnd'],
  ])('refuses %s = %j', (path, value, message) => {
    expect(refusal(() => addon.createPlan(changed(path, value), cpu))).toBe(`usage: ${message}`);
  });

  it('names an empty mel band and what would help', () => {
    const crowded = frontEndSettings.parse({
      sampleRateHz: 16000,
      frame: { lengthSamples: 400, hopSamples: 160, fftSize: 512 },
      mel: { bands: 128, fMaxHz: 8000, scale: 'htk' },
    });
    expect(refusal(() => new FeaturePlan(crowded))).toBe(
      'usage: Expected fewer bands, a larger frame.fftSize or a higher mel.fMinHz for mel.bands but received 128 of ' +
        'type number: no FFT bin lies in band 0 (0.0 to 27.9 Hz)',
    );
    const wider = { ...crowded, frame: { ...crowded.frame, fftSize: 2048 } };
    expect(new FeaturePlan(wider).columns).toBe(128);
  });

  it('accepts every registered setting at the edge of its range', () => {
    for (const [path, value] of [
      ['frame.preEmphasis', 1],
      ['frame.hopSamples', 65536],
      ['log.floor', 1e-37],
      ['cepstrum.coefficients', 23],
      ['mel.fMinHz', 0],
    ] as const) {
      expect(addon.planColumns(addon.createPlan(changed(path, value), cpu))).toBeGreaterThan(0);
    }
  });
});

describe('extract', () => {
  const plan = addon.createPlan(featureSet('undertone-logmel-64').frontEnd, cpu);
  const samples = new Float32Array(1000);
  it.each([
    [
      Float64Array.of(0, 2000),
      'Expected ascending integers from 0 to samples.length (1000) for offsets.1 but received 2000 of type number',
    ],
    [
      Float64Array.of(0, 500, 400, 1000),
      'Expected ascending integers from 0 to samples.length (1000) for offsets.2 but received 400 of type number',
    ],
    [
      Float64Array.of(0, Number.NaN, 1000),
      'Expected ascending integers from 0 to samples.length (1000) for offsets.1 but received null of type number',
    ],
    [
      Float64Array.of(0, 999),
      'Expected a first entry of 0 and a last one of samples.length (1000) for offsets',
    ],
    [Float64Array.of(), 'Expected a first entry of 0 and a last one of samples.length (1000) for offsets'],
    [[0, 1000], 'Expected a Float64Array for offsets'],
  ])('refuses offsets %j', (offsets, message) => {
    expect(refusal(() => addon.extract(plan, samples, offsets as Float64Array))).toBe(`usage: ${message}`);
    expect(refusal(() => addon.extractAsync(plan, samples, offsets as Float64Array))).toBe(
      `usage: ${message}`,
    );
  });

  it('refuses other arrays and other handles', () => {
    const offsets = Float64Array.of(0, 4);
    expect(refusal(() => addon.extract(plan, new Float64Array(4) as never, offsets))).toBe(
      'usage: Expected a Float32Array for samples',
    );
    expect(refusal(() => addon.planColumns({} as never))).toBe('usage: Expected a plan handle');
    expect(refusal(() => addon.decoderInfo(plan as never))).toMatch(/^usage: Expected a .*decoder handle/);
  });

  it('takes no utterances, and empty ones', () => {
    expect(new FeaturePlan(featureSet('undertone-logmel-64').frontEnd).extract([])).toEqual([]);
    const [empty] = new FeaturePlan(featureSet('kaldi-mfcc-13').frontEnd).extract([new Float32Array(0)]);
    expect(empty).toEqual({ values: new Float32Array(0), frames: 0, columns: 13 });
  });

  it('hands out arrays that can be transferred', () => {
    const { features } = addon.extract(plan, samples, Float64Array.of(0, 1000));
    const moved = structuredClone(features, { transfer: [features.buffer as ArrayBuffer] });
    expect([features.length, moved.length]).toEqual([0, 4 * 64]);
  });

  it('says too_short, and why, where there is no result', async () => {
    const base = { sampleRateHz: 16000, frame: { lengthSamples: 400, hopSamples: 160, fftSize: 512 } };
    const statistics = new FeaturePlan({ ...base, statistics: ['mean'] });
    const short = [new Float32Array(800), new Float32Array(399)];
    const none = 'too_short: Utterance 1 has 0 frames (399 samples); statistics need at least one';
    expect(refusal(() => statistics.extract(short))).toBe(none);
    await expect(statistics.extractAsync(short)).rejects.toThrow(UndertoneError);
    const deltas = new FeaturePlan({ ...base, deltas: { order: 1 } });
    expect(refusal(() => deltas.extract([new Float32Array(400 + 160 * 7)]))).toBe(
      'too_short: Utterance 0 has 8 frames (1520 samples); deltas.width 9 of the librosa convention needs as many',
    );
    expect(deltas.extract([new Float32Array(400 + 160 * 8)])[0]?.frames).toBe(9);
  });
});

describe('extractSpan', () => {
  const plan = new FeaturePlan(featureSet('undertone-logmel-64').frontEnd);
  const span = { samples: new Float32Array(1000), start: 1600, totalSamples: 16000 };
  it.each([
    [
      span,
      9,
      1,
      'Expected a span that holds sample 1440, which frames 9 to 10 need, for span but received samples 1600 to 2600',
    ],
    [
      span,
      10,
      5,
      'Expected a span that holds sample 2639, which frames 10 to 15 need, for span but received samples 1600 to 2600',
    ],
    [
      { ...span, start: 15500 },
      97,
      1,
      "Expected a span inside the recording's 16000 samples for span but received samples 15500 to 16500",
    ],
    [
      { ...span, start: 15000 },
      98,
      1,
      'Expected frames below 98 for firstFrame but received frames 98 to 99',
    ],
    [span, -1, 1, 'Expected at least 0 for firstFrame but received -1 of type number'],
    [span, 10, 0.5, 'Expected an integer for frames but received 0.5 of type number'],
  ])('refuses what it cannot know (%#)', (from, first, frames, message) => {
    expect(refusal(() => plan.extractSpan(from, first, frames))).toBe(`usage: ${message}`);
  });

  it('serves exactly the frames that the span holds', () => {
    expect(plan.extractSpan(span, 10, 4).values.length).toBe(4 * 64);
    expect(plan.extractSpan({ ...span, totalSamples: null }, 10, 0).values.length).toBe(0);
    const whole = new FeaturePlan(featureSet('librosa-mfcc-40').frontEnd);
    expect(refusal(() => whole.extractSpan(span, 0, 1))).toBe(
      'usage: Expected settings without samples.excerpt, samples.gate, samples.normalise, log.reference max, ' +
        'log.topDb, features along the utterance (contrast, chroma, tonnetz, pitch), cmvn, deltas, statistics and ' +
        'sequence for extractSpan: they need the whole utterance',
    );
  });
});

describe('the add-on', () => {
  it('exports what native.d.ts declares', () => {
    const table = readFileSync(source('src/napi/addon.cc'), 'utf8');
    const inTable = [...table.matchAll(/\{"(\w+)", \w+\}/g)].map((m) => m[1]);
    const [, declared = ''] = readFileSync(source('lib/native.d.ts'), 'utf8').split(
      'export interface NativeAddon {',
    );
    const inTypes = [...declared.matchAll(/^ {2}(\w+)\(/gm)].map((m) => m[1]);
    expect(inTable.length).toBeGreaterThan(5);
    expect(inTable).toEqual(inTypes);
    expect(Object.keys(addon)).toEqual(inTable);
  });

  it('describes itself', () => {
    const build = describeBuild();
    expect(build.instructionSets).toContain(build.instructionSet);
    expect(build.instructionSets.at(-1)).toBe('scalar');
    expect(build.lanes).toBeGreaterThanOrEqual(1);
    expect(build.backends).toEqual(['cpu', 'cuda']);
    expect(build.ffmpeg.join()).toMatch(/libavformat \d+\.\d+\.\d+,libavcodec .*,libavutil /);
    expect(build.codecs).toContain('flac');
  });

  it.each([
    [
      'avx1024',
      'usage',
      'Expected one of avx512, avx2, sse4, neon, scalar for UNDERTONE_ISA but received "avx1024" of type string',
    ],
    [process.arch === 'arm64' ? 'avx2' : 'neon', 'unsupported_device', 'which is not in this build: it has '],
  ])('refuses UNDERTONE_ISA=%s', (isa, code, message) => {
    const script =
      "import('@undertone/dsp-native').then(({ describeBuild }) => describeBuild()).catch((e) => console.log(e.code + ': ' + e.message))";
    const printed = execFileSync(process.execPath, ['-e', script], {
      cwd: new URL('..', import.meta.url).pathname,
      env: { ...process.env, UNDERTONE_ISA: isa },
      encoding: 'utf8',
    });
    expect(printed.startsWith(`${code}: `)).toBe(true);
    expect(printed).toContain(message);
  });

  it('holds a request for an instruction set in the resampler as well', () => {
    const script =
      "import('@undertone/dsp-native').then(({ openAudio }) => openAudio('fixtures/speech/librivox-16k.wav', " +
      "{ channels: 'mix', sampleRateHz: 8000 })).catch((e) => console.log(e.code))";
    const printed = execFileSync(process.execPath, ['-e', script], {
      cwd: new URL('..', import.meta.url).pathname,
      env: { ...process.env, UNDERTONE_ISA: 'avx1024' },
      encoding: 'utf8',
    });
    expect(printed.trim()).toBe('usage');
  });

  it('says what is missing when there is no build, or a broken one', () => {
    expect(refusal(() => requireAddon('/nowhere/undertone_dsp.node'))).toMatch(
      /^no_native_build: .*needed \/nowhere\/undertone_dsp\.node for .*found no file there\. Run `npm run setup`/,
    );
    expect(
      refusal(() =>
        requireAddon(source('package.json').pathname.replace('package.json', 'src/core/status.h')),
      ),
    ).toMatch(/^no_native_build: .*found a file that does not load/);
    expect(openAudio).toBeTypeOf('function');
  });
});

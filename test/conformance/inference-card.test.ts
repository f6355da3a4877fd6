/** card.json: every setting good, bad and at its edge, and what one key means for another. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cardDigest, loadCard, parseCard, readCard, resolveWindow } from '@undertone/inference';
import { afterAll, describe, expect, it } from 'vitest';
import {
  errorOf,
  expectError,
  genderCard,
  type Json,
  linearModel,
  matrixCard,
  melFrontEnd,
  removeRoot,
  root,
  sequenceCard,
  stretchCard,
  vectorCard,
  waveformCard,
  writeModel,
} from './inference-models.ts';

afterAll(removeRoot);

/** A copy with the value at a dotted path replaced, or removed when undefined. */
function put(card: Json, path: string, value: unknown): Json {
  const copy = structuredClone(card);
  const keys = path.split('.');
  const last = keys.pop() as string;
  let at: Json = copy;
  for (const key of keys) at = at[key] as Json;
  if (value === undefined) delete at[last];
  else at[last] = value;
  return copy;
}

const longWindow = { lengthS: 3, hopS: 1.5 };

describe('a card of each family', () => {
  it('passes and has its defaults', () => {
    const card = parseCard(matrixCard());
    expect(card.model.file).toBe('model.onnx');
    expect(card.window).toEqual({
      lengthS: 0.06,
      hopS: 0.03,
      offsetS: 0,
      scope: 'window',
      padValue: 0,
      minS: 0.025,
    });
    expect(card.scaler).toBeNull();
    expect(card.calibration.abstainBelow).toBe(0);
    expect(parseCard(put(matrixCard(), 'window', { lengthS: 3, hopS: 3 })).window.minS).toBe(0.25);
    expect(parseCard(vectorCard()).family).toBe('vector');
    expect(parseCard(sequenceCard()).family).toBe('sequence');
    const waveform = parseCard(waveformCard());
    if (waveform.family !== 'waveform') throw new Error('wrong family');
    expect(waveform.frontEnd).toEqual({ sampleRateHz: 1000, samples: { fullScale: 1, normalise: 'none' } });
  });

  it('may have any classes of its own', () => {
    const card = parseCard(
      matrixCard({
        classes: ['tense', 'calm'],
        labelMap: { calm: 'calm' },
        polarity: null,
      }),
    );
    expect([card.task, card.classes, card.polarity]).toEqual(['emotion', ['tense', 'calm'], null]);
  });

  it.each([[['female', 'male']], [['male', 'female']]])('may be of genders: %j', (classes) => {
    const card = parseCard(genderCard({ classes }));
    expect([card.task, card.classes]).toEqual(['gender', classes]);
  });

  it.each<[string, unknown, string]>([
    ['task', 'age', 'Expected one of "emotion", "gender" for card.task but received "age" of type string'],
    [
      'classes',
      ['female', 'man'],
      'Expected female and male (task gender) for card.classes but received ["female","man"] of type array',
    ],
    [
      'classes',
      ['female', 'male', 'child'],
      'Expected female and male (task gender) for card.classes but received ["female","male","child"] of type array',
    ],
    [
      'labelMap',
      { happy: 'male' },
      'Expected nothing in it (task gender) for card.labelMap but received {"happy":"male"} of type object',
    ],
    [
      'polarity',
      { female: { neutral: 1 }, male: { neutral: 1 } },
      'Expected null (task gender) for card.polarity but received {"female":{"neutral":1},"male":{"neutral":1}} of type object',
    ],
  ])('of genders with %s = %j is refused', async (path, value, message) => {
    await expectError(() => parseCard(put(genderCard(), path, value)), 'invalid_card', message);
  });
});

const good: [path: string, value: unknown][] = [
  ['version', '0.0.0'],
  ['model.file', 'net.onnx'],
  ['window', { lengthS: 600, hopS: 600 }],
  ['window', { ...longWindow, offsetS: 0, scope: 'recording', padValue: -16.118, minS: 0.025 }],
  ['window', { ...longWindow, minS: 0 + 400 / 16_000 }],
  ['input', { name: 'x', axes: ['one', 'columns', 'one', 'batch', 'frames', 'one'], frames: 1 }],
  ['output.kind', 'probabilities'],
  ['scaler', { mean: [0, 0, 0, 0], scale: [1, 1, 1, 0.001] }],
  ['labelMap', {}],
  ['calibration', { temperature: 0.01, abstainBelow: 1, fittedOn: 'x' }],
  ['polarity.sad', { negative: 1 / 3, neutral: 1 / 3, positive: 1 / 3 }],
];

const bad: [path: string, value: unknown, message: string][] = [
  [
    'schema',
    'undertone-card/2',
    'Expected "undertone-card/1" for card.schema but received "undertone-card/2" of type string',
  ],
  [
    'name',
    'My Model',
    'Expected text of the form /^[a-z0-9][a-z0-9._-]*$/ for card.name but received "My Model" of type string',
  ],
  [
    'version',
    '1.0',
    'Expected text of the form /^\\d+\\.\\d+\\.\\d+$/ for card.version but received "1.0" of type string',
  ],
  ['description', '', 'Expected at least 1 characters for card.description but received "" of type string'],
  ['licence', undefined, 'Expected an object for card.licence but received nothing'],
  ['licence.weights', undefined, 'Expected a string for card.licence.weights but received nothing'],
  [
    'licence.because',
    '',
    'Expected at least 1 characters for card.licence.because but received "" of type string',
  ],
  ['evaluation', undefined, 'Expected an array for card.evaluation but received nothing'],
  ['training', undefined, 'Expected a record for card.training but received nothing'],
  ['colour', 'red', 'Expected no setting named "colour" in card'],
  [
    'model.file',
    '../evil.onnx',
    'Expected text of the form /^[^/\\\\]+$/ for card.model.file but received "../evil.onnx" of type string',
  ],
  [
    'model.sha256',
    'AB',
    'Expected text of the form /^[0-9a-f]{64}$/ for card.model.sha256 but received "AB" of type string',
  ],
  [
    'family',
    'tensor',
    'Expected one of "vector", "matrix", "stretch", "sequence", "waveform" for card.family but received "tensor" of type string',
  ],
  ['frontEnd', undefined, 'Expected an object for card.frontEnd but received nothing'],
  [
    'frontEnd.frame.hopSamples',
    0,
    'Expected at least 1 for card.frontEnd.frame.hopSamples but received 0 of type number',
  ],
  [
    'frontEnd.mel.fMaxHz',
    9000,
    'Expected at most half of sampleRateHz (8000) for card.frontEnd.mel.fMaxHz but received 9000 of type number',
  ],
  [
    'frontEnd.statistics',
    ['mean'],
    'Expected none (family matrix sees frames) for card.frontEnd.statistics but received ["mean"] of type array',
  ],
  [
    'frontEnd.sequence',
    { frames: 2 },
    'Expected null (family matrix sees frames) for card.frontEnd.sequence but received {"frames":2} of type object',
  ],
  ['window.lengthS', 0, 'Expected more than 0 for card.window.lengthS but received 0 of type number'],
  ['window.lengthS', 601, 'Expected at most 600 for card.window.lengthS but received 601 of type number'],
  ['window.lengthS', null, 'Expected a number for card.window.lengthS but received null of type null'],
  [
    'window.hopS',
    0.07,
    'Expected at most window.lengthS (0.06), so that no audio is skipped, for card.window.hopS but received 0.07 of type number',
  ],
  ['window.offsetS', -1, 'Expected at least 0 for card.window.offsetS but received -1 of type number'],
  [
    'window.scope',
    'file',
    'Expected one of "recording", "window" for card.window.scope but received "file" of type string',
  ],
  [
    'window.padValue',
    'zero',
    'Expected a number for card.window.padValue but received "zero" of type string',
  ],
  ['window.minS', -0.1, 'Expected at least 0 for card.window.minS but received -0.1 of type number'],
  [
    'window.minS',
    0.02,
    'Expected at least one frame (400/16000 s) for card.window.minS but received 0.02 of type number',
  ],
  [
    'window',
    { lengthS: 0.02, hopS: 0.02 },
    'Expected at least one frame (400/16000 s) for card.window.lengthS but received 0.02 of type number',
  ],
  ['input.name', '', 'Expected at least 1 characters for card.input.name but received "" of type string'],
  [
    'input.axes',
    ['batch', 'time'],
    'Expected one of "batch", "steps", "frames", "columns", "samples", "one" for card.input.axes.1 but received "time" of type string',
  ],
  [
    'input.axes',
    ['frames', 'columns'],
    'Expected each of batch, frames, columns once, and any number of one (family matrix), for card.input.axes but received ["frames","columns"] of type array',
  ],
  [
    'input.axes',
    ['batch', 'frames', 'frames', 'columns'],
    'Expected each of batch, frames, columns once, and any number of one (family matrix), for card.input.axes but received ["batch","frames","frames","columns"] of type array',
  ],
  [
    'input.axes',
    ['batch', 'steps', 'frames', 'columns'],
    'Expected each of batch, frames, columns once, and any number of one (family matrix), for card.input.axes but received ["batch","steps","frames","columns"] of type array',
  ],
  [
    'input.frames',
    undefined,
    'Expected an integer (family matrix needs it) for card.input.frames but received nothing',
  ],
  ['input.frames', 1.5, 'Expected an integer for card.input.frames but received 1.5 of type number'],
  [
    'input.steps',
    3,
    'Expected nothing (family matrix has no such size) for card.input.steps but received 3 of type number',
  ],
  ['output.name', '', 'Expected at least 1 characters for card.output.name but received "" of type string'],
  [
    'output.kind',
    'scores',
    'Expected one of "logits", "probabilities" for card.output.kind but received "scores" of type string',
  ],
  [
    'scaler',
    { mean: [0, 0, 0], scale: [1, 1, 1, 1] },
    'Expected 4 (one number a column) for card.scaler.mean.length but received 3 of type number',
  ],
  [
    'scaler',
    { mean: [0, 0, 0, 0], scale: [1, 1, 1, 1, 1] },
    'Expected 4 (one number a column) for card.scaler.scale.length but received 5 of type number',
  ],
  [
    'scaler',
    { mean: [0, 0, 0, 0], scale: [1, 1, 1, 0] },
    'Expected more than 0 for card.scaler.scale.3 but received 0 of type number',
  ],
  [
    'classes',
    ['neutral'],
    'Expected at least 2 entries for card.classes but received ["neutral"] of type array',
  ],
  [
    'classes',
    ['neutral', 'happy', 'sad', 'sad'],
    'Expected each class once for card.classes but received ["neutral","happy","sad","sad"] of type array',
  ],
  [
    'classes',
    ['neutral', 'happy', 'Sad'],
    'Expected text of the form /^[a-z][a-z0-9_]*$/ for card.classes.2 but received "Sad" of type string',
  ],
  [
    'classes',
    ['neutral', 'happy', 'abstain'],
    'Expected a class other than the reserved words abstain, no_speech for card.classes.2 but received "abstain" of type string',
  ],
  [
    'labelMap.happy',
    'joy',
    'Expected one of the classes neutral, happy, sad or null for card.labelMap.happy but received "joy" of type string',
  ],
  ['polarity.sad', undefined, 'Expected shares that sum to 1 for card.polarity.sad but received nothing'],
  [
    'polarity.sad',
    { negative: 0.9 },
    'Expected shares that sum to 1 for card.polarity.sad but received {"negative":0.9} of type object',
  ],
  [
    'polarity.joy',
    { positive: 1 },
    'Expected only the classes neutral, happy, sad for card.polarity but received "joy" of type string',
  ],
  [
    'calibration.temperature',
    0,
    'Expected more than 0 for card.calibration.temperature but received 0 of type number',
  ],
  [
    'calibration.abstainBelow',
    1.1,
    'Expected at most 1 for card.calibration.abstainBelow but received 1.1 of type number',
  ],
  ['calibration.fittedOn', undefined, 'Expected a string for card.calibration.fittedOn but received nothing'],
];

describe('settings', () => {
  it.each(good)('%s = %j passes', (path, value) => {
    expect(() => parseCard(put(matrixCard(), path, value))).not.toThrow();
  });

  it.each(bad)('%s = %j is refused', async (path, value, message) => {
    await expectError(() => parseCard(put(matrixCard(), path, value)), 'invalid_card', message);
  });
});

describe('family and front-end', () => {
  it('a vector model needs statistics', async () => {
    await expectError(
      () => parseCard(vectorCard({ frontEnd: melFrontEnd() })),
      'invalid_card',
      'Expected at least one statistic (family vector sees one row a window) for card.frontEnd.statistics but received [] of type array',
    );
  });

  it('a vector model may see a sequence instead', () => {
    const frontEnd = { ...melFrontEnd(), sequence: { frames: 1 } };
    expect(() => parseCard(vectorCard({ frontEnd }))).not.toThrow(/statistic/);
  });

  it('a sequence model needs its three sizes', async () => {
    for (const key of ['frames', 'steps', 'stepHopFrames']) {
      await expectError(
        () => parseCard(put(sequenceCard(), `input.${key}`, undefined)),
        'invalid_card',
        `Expected an integer (family sequence needs it) for card.input.${key} but received nothing`,
      );
    }
  });

  it.each<[string, string, unknown, string]>([
    [
      'its three sizes',
      'input.windows',
      undefined,
      'Expected an integer (family stretch needs it) for card.input.windows but received nothing',
    ],
    [
      'frames along the recording',
      'window.scope',
      'window',
      'Expected "recording" (family stretch reads frames along the recording) for card.window.scope but received "window" of type string',
    ],
    [
      'the frames of its window',
      'input.frames',
      6,
      'Expected 5 (window.lengthS in frames) for card.input.frames but received 6 of type number',
    ],
    [
      'the frames of its hop',
      'window.hopS',
      0.03,
      'Expected 3 (window.hopS in frames) for card.input.hopFrames but received 2 of type number',
    ],
    [
      'stretches of a size that fits into memory',
      'input.windows',
      65,
      'Expected at most 64 for card.input.windows but received 65 of type number',
    ],
  ])('a stretch model needs %s', async (_what, path, value, message) => {
    expect(parseCard(stretchCard())).toMatchObject({ family: 'stretch' });
    await expectError(() => parseCard(put(stretchCard(), path, value)), 'invalid_card', message);
  });

  it('a waveform model has no frames', async () => {
    await expectError(
      () => parseCard(waveformCard({ frontEnd: melFrontEnd() })),
      'invalid_card',
      'Expected no setting named "frame", "mel", "log" in card.frontEnd',
    );
    await expectError(
      () => parseCard(waveformCard({ input: { name: 'x', axes: ['batch', 'frames'] } })),
      'invalid_card',
      /^Expected each of batch, samples once, and any number of one \(family waveform\), for card\.input\.axes/,
    );
  });
});

describe('scope recording', () => {
  const recording = (frontEnd: Json = {}, window: Json = {}): Json =>
    matrixCard({
      frontEnd: { ...melFrontEnd(), ...frontEnd },
      window: { ...longWindow, scope: 'recording', ...window },
    });
  const frame = melFrontEnd().frame as Json;

  it('passes where a frame is the same in every recording', () => {
    const card = parseCard(recording({}, { offsetS: 0.5 }));
    expect(resolveWindow(card).frames).toEqual({ offsetRows: 50, hopRows: 150, lengthRows: 300 });
    expect(resolveWindow(parseCard(matrixCard())).frames).toBeNull();
  });

  it.each<[string, Json]>([
    ['samples', { samples: { normalise: 'z-score' } }],
    ['log.topDb', { log: { kind: 'db', topDb: 80 } }],
    ['log.reference', { log: { kind: 'db', reference: 'max' } }],
    ['deltas', { deltas: { order: 1 } }],
  ])('is refused with %s', async (_name, frontEnd) => {
    await expectError(
      () => parseCard(recording(frontEnd)),
      'invalid_card',
      /^Expected "window" \(a front-end value depends on the whole utterance: .*\) for card\.window\.scope but received "recording" of type string$/,
    );
  });

  it.each(['centre', 'kaldi-centre'])('is refused with placement %s', async (placement) => {
    await expectError(
      () => parseCard(recording({ frame: { ...frame, placement } })),
      'invalid_card',
      `Expected "snip" when window.scope is "recording" (centred frames reach into padding at the ends of the recording; use "window") for card.frontEnd.frame.placement but received "${placement}" of type string`,
    );
  });

  it.each(['lengthS', 'hopS', 'offsetS'])('is refused when %s falls between frames', async (key) => {
    await expectError(
      () => parseCard(recording({}, { hopS: 1, [key]: 1.005 })),
      'invalid_card',
      `Expected a whole multiple of the frame hop (160/16000 s) when window.scope is "recording" for card.window.${key} but received 1.005 of type number`,
    );
  });

  it('has no excerpt: its windows are what is cut', async () => {
    const frontEnd = { sampleRateHz: 1000, samples: { excerpt: { offsetSamples: 0 } } };
    await expectError(
      () => parseCard(waveformCard({ frontEnd })),
      'invalid_card',
      'Expected no setting named "excerpt" in card.frontEnd.samples',
    );
  });

  it('is refused for normalised samples', async () => {
    const frontEnd = { sampleRateHz: 1000, samples: { normalise: 'peak' } };
    const window = { lengthS: 1, hopS: 1, scope: 'recording' };
    await expectError(
      () => parseCard(waveformCard({ frontEnd, window })),
      'invalid_card',
      'Expected "window" (samples.normalise depends on the whole utterance) for card.window.scope but received "recording" of type string',
    );
    expect(() => parseCard(waveformCard({ window }))).not.toThrow();
  });
});

describe('files', () => {
  it('checks the digest of the graph', async () => {
    const directory = writeModel(matrixCard(), linearModel([5, 4]));
    expect((await loadCard(directory)).name).toBe('tiny');
    const wrong = writeModel(matrixCard({ model: { sha256: 'ab'.repeat(32) } }), linearModel([5, 4]));
    const error = await errorOf(() => loadCard(wrong));
    expect(error.code).toBe('digest_mismatch');
    expect(error.subject).toBe(join(wrong, 'model.onnx'));
    expect(error.message).toMatch(
      /model\.onnx has the SHA-256 [0-9a-f]{12}… but card\.json names abababababab…: fetch the model again, or/,
    );
  });

  it('names the path of a missing or unparsable file', async () => {
    const directory = join(root, 'empty');
    mkdirSync(directory);
    const path = join(directory, 'card.json');
    const missing = await errorOf(() => readCard(directory));
    expect([missing.code, missing.subject]).toEqual(['invalid_card', path]);
    expect(missing.message).toBe(`${path} does not exist; a model directory holds card.json and its graph`);
    writeFileSync(path, '{"schema": ');
    const broken = await errorOf(() => readCard(directory));
    expect([broken.code, broken.subject]).toEqual(['invalid_card', path]);
    expect(broken.message).toMatch(/card\.json is not JSON: /);
    writeFileSync(path, JSON.stringify(matrixCard()));
    const graph = await errorOf(() => loadCard(directory));
    expect([graph.code, graph.subject]).toEqual(['invalid_card', join(directory, 'model.onnx')]);
  });

  it('digests what can change a row, and only that', () => {
    const digest = (changes: Json): string => cardDigest(parseCard(matrixCard(changes)));
    const base = digest({});
    expect(digest({ description: 'better', training: { date: 'today' } })).toBe(base);
    expect(digest({ model: { file: 'model.onnx', sha256: '0'.repeat(64) } })).toBe(base);
    expect(digest({ calibration: { temperature: 2, fittedOn: 'nothing' } })).not.toBe(base);
    expect(digest({ window: { lengthS: 0.06, hopS: 0.06, minS: 0.025 } })).not.toBe(base);
  });
});

describe('window sizes of a run', () => {
  const card = (window: Json = longWindow, placement = 'snip') =>
    parseCard(
      matrixCard({
        input: { name: 'x', axes: ['batch', 'frames', 'columns'], frames: 300 },
        frontEnd: { ...melFrontEnd(), frame: { ...(melFrontEnd().frame as Json), placement } },
        window,
      }),
    );

  it('are the card’s unless overridden', () => {
    expect(resolveWindow(card())).toEqual({
      lengthSamples: 48_000,
      hopSamples: 24_000,
      offsetSamples: 0,
      minSamples: 4000,
      scope: 'window',
      stretchWindows: 1,
      rows: 300,
      frames: null,
    });
    const run = resolveWindow(card(), { windowS: 2, hopS: 0.5 });
    expect([run.lengthSamples, run.hopSamples, run.rows]).toEqual([32_000, 8000, 300]);
  });

  it('may not be longer than the frames of the model', async () => {
    // 300 frames: 299 hops and one frame, and all but the last sample of another hop.
    const longest = (299 * 160 + 400 + 159) / 16_000;
    expect(resolveWindow(card(), { windowS: longest }).lengthSamples).toBe(48_399);
    await expectError(
      () => resolveWindow(card(), { windowS: 3.03 }),
      'usage',
      'Expected at most 3.024 (tiny takes 300 frames a window) for run.windowS but received 3.03 of type number',
    );
    await expectError(
      () => resolveWindow(card(longWindow, 'kaldi-centre'), { windowS: 3.5 }),
      'usage',
      'Expected at most 3.004 (tiny takes 300 frames a window) for run.windowS but received 3.5 of type number',
    );
    // librosa's centred frames: 3 s give 301, and the card's own length always passes.
    expect(resolveWindow(card(longWindow, 'centre'), { windowS: 3 }).lengthSamples).toBe(48_000);
    await expectError(
      () => resolveWindow(card({ ...longWindow, scope: 'recording' }), { windowS: 3.01 }),
      'usage',
      'Expected at most 3 (tiny takes 300 frames a window) for run.windowS but received 3.01 of type number',
    );
  });

  it('may be any length for a vector or waveform model', () => {
    expect(resolveWindow(parseCard(vectorCard()), { windowS: 60 }).lengthSamples).toBe(960_000);
    expect(resolveWindow(parseCard(waveformCard()), { windowS: 60 }).rows).toBe(60_000);
  });

  it.each<[Json, string]>([
    [{ windowS: 0 }, 'Expected more than 0 for run.windowS but received 0 of type number'],
    [
      { windowS: 0.02, hopS: 0.02 },
      'Expected at least one frame (400/16000 s) for run.windowS but received 0.02 of type number',
    ],
    [{ hopS: -1 }, 'Expected more than 0 for run.hopS but received -1 of type number'],
    [
      { hopS: 4 },
      'Expected at most the window length (3 s), so that no audio is skipped, for run.hopS but received 4 of type number',
    ],
    [
      { windowS: 1 },
      "Expected at most the window length (1 s), so that no audio is skipped; the card's hop is longer than this window, so give a hop too, for run.hopS but received 1.5 of type number",
    ],
    [{ lengthS: 1 }, 'Expected no setting named "lengthS" in run'],
  ])('%j is refused', async (overrides, message) => {
    await expectError(() => resolveWindow(card(), overrides), 'usage', message);
  });

  it('fall on frames when they are slices of the recording', async () => {
    const recording = card({ ...longWindow, scope: 'recording' });
    expect(resolveWindow(recording, { windowS: 2, hopS: 0.07 }).frames).toEqual({
      offsetRows: 0,
      hopRows: 7,
      lengthRows: 200,
    });
    for (const key of ['windowS', 'hopS']) {
      await expectError(
        () => resolveWindow(recording, { windowS: 2, hopS: 1, [key]: 1.005 }),
        'usage',
        `Expected a whole multiple of the frame hop (160/16000 s) for run.${key} but received 1.005 of type number`,
      );
    }
  });
});

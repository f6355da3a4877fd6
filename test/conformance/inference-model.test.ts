/** Opening graphs and scoring windows: real sessions over tiny models. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import {
  checkGolden,
  chooseProviders,
  deviceOf,
  openModel,
  type ProviderFacts,
  parseDevice,
  probeMachine,
  runtimeFolder,
} from '@undertone/inference';
import type { Scores, WindowSlice } from '@undertone/shared';
import { afterAll, describe, expect, it } from 'vitest';
import { withoutSource } from '../../packages/inference/src/session.ts';
import {
  convModel,
  errorOf,
  expectError,
  type Json,
  linear,
  linearByHand,
  linearModel,
  matrixCard,
  melFrontEnd,
  randomValues,
  removeRoot,
  slice,
  softmax,
  stretchCard,
  stretchModel,
  turnedStretchModel,
  waveformCard,
  windowModel,
  writeModel,
} from './inference-models.ts';
import { BOOL, DOUBLE, FLOAT16, type Graph, onnx } from './inference-onnx-builder.ts';

afterAll(removeRoot);

const open = (card: Json, graph: Uint8Array) => openModel(writeModel(card, graph), { device: 'cpu' });

/** x → (op) → y over [n, 3] features: the features are the outputs. */
const elementwise = (op: string, attributes = {}): Uint8Array =>
  onnx({
    inputs: [{ name: 'x', shape: ['n', 3] }],
    outputs: [{ name: 'y', shape: ['n', 3] }],
    nodes: [{ op, inputs: ['x'], outputs: ['y'], attributes }],
  });
const waveform3 = (output: Json = { name: 'y', kind: 'logits' }, more: Json = {}): Json =>
  waveformCard({ window: { lengthS: 0.003, hopS: 0.003, minS: 0 }, output, ...more });
const three = (...values: number[]): WindowSlice => ({
  values: Float32Array.from(values),
  rows: 3,
  columns: 1,
});

describe('the graph and its card', () => {
  const graph = (changes: (graph: Graph) => void): Uint8Array => {
    const base = linear([5, 4], 3);
    changes(base);
    return onnx(base);
  };

  it.each<[string, Json, Uint8Array, string]>([
    [
      'another input name',
      { input: { name: 'mel', axes: ['batch', 'frames', 'columns'], frames: 5 } },
      linearModel([5, 4]),
      'The graph has the input(s) x but the card says mel',
    ],
    [
      'another output name',
      { output: { name: 'probs', kind: 'logits' } },
      linearModel([5, 4]),
      'The graph has the output(s) y but the card says probs',
    ],
    [
      'another rank',
      {},
      linearModel([1, 5, 4]),
      "The graph's input x has the shape [n, 1, 5, 4] but the card says 3 axes: batch, frames, columns",
    ],
    [
      'another number of frames',
      {},
      linearModel([6, 4]),
      "The graph's input x has the shape [n, 6, 4] but the card says 5 for axis 1 (frames)",
    ],
    [
      'another number of columns',
      {},
      linearModel([5, 8]),
      "The graph's input x has the shape [n, 5, 8] but the card says 4 for axis 2 (columns)",
    ],
    [
      'axes in another order',
      {},
      linearModel([4, 5]),
      "The graph's input x has the shape [n, 4, 5] but the card says 5 for axis 1 (frames)",
    ],
    [
      'another number of classes',
      {},
      linearModel([5, 4], 4),
      "The graph's output y has the shape [n, 4] but the card has 3 classes",
    ],
    [
      'float64',
      {},
      onnx({
        inputs: [{ name: 'x', shape: ['n', 5, 4], type: DOUBLE }],
        outputs: [{ name: 'y', shape: ['n', 20], type: DOUBLE }],
        nodes: [{ op: 'Flatten', inputs: ['x'], outputs: ['y'] }],
      }),
      "The graph's x is float64 but only float32 is supported: export the model in float32",
    ],
    [
      'float16 output',
      {},
      onnx({
        inputs: [{ name: 'x', shape: ['n', 5, 4] }],
        outputs: [{ name: 'y', shape: ['n', 20], type: FLOAT16 }],
        nodes: [
          { op: 'Flatten', inputs: ['x'], outputs: ['flat'] },
          { op: 'Cast', inputs: ['flat'], outputs: ['y'], attributes: { to: FLOAT16 } },
        ],
      }),
      "The graph's y is float16 but only float32 is supported: export the model in float32",
    ],
    [
      'a second input',
      {},
      graph((g) => {
        (g as { inputs: unknown }).inputs = [...g.inputs, { name: 'lengths', shape: ['n'] }];
      }),
      'The graph has the input(s) x, lengths but the card says x',
    ],
    [
      'an output of rank 3',
      {},
      onnx({
        inputs: [{ name: 'x', shape: ['n', 5, 4] }],
        outputs: [{ name: 'y', shape: ['n', 5, 4] }],
        nodes: [{ op: 'Relu', inputs: ['x'], outputs: ['y'] }],
      }),
      "The graph's output y has the shape [n, 5, 4] but the card says [batch, 3 classes]",
    ],
    [
      'classes that only a run shows',
      {},
      onnx({
        inputs: [{ name: 'x', shape: ['n', 5, 4] }],
        outputs: [{ name: 'y', shape: ['n', 'open'] }],
        nodes: [
          { op: 'Flatten', inputs: ['x'], outputs: ['flat'] },
          { op: 'Cast', inputs: ['keep'], outputs: ['kept'], attributes: { to: BOOL } },
          { op: 'Compress', inputs: ['flat', 'kept'], outputs: ['y'], attributes: { axis: 1 } },
        ],
        weights: [{ name: 'keep', shape: [4], values: [1, 1, 1, 1] }],
      }),
      "The graph's output y has the shape [16,4] but the card says [batch 16, 3 classes]",
    ],
  ])('%s is refused', async (_name, changes, bytes, message) => {
    await expectError(() => open(matrixCard(changes), bytes), 'invalid_card', message);
  });

  it('refuses bytes that are no graph, and prints nothing', async () => {
    await expectError(
      () => open(matrixCard(), Buffer.from('not a model')),
      'invalid_card',
      /^The graph of tiny cannot be opened: /,
    );
  });

  it.each(['w', 'b'])('refuses weights (%s) in a file beside the graph', async (name) => {
    const base = linear([5, 4]);
    const weights = base.weights.map((entry) =>
      entry.name === name ? { ...entry, external: 'weights.bin' } : entry,
    );
    const directory = writeModel(matrixCard(), onnx({ ...base, weights }));
    const values = Float32Array.from(base.weights.find((entry) => entry.name === name)?.values ?? []);
    // Where a runtime that is given bytes would look: the current folder.
    const here = process.cwd();
    writeFileSync(join(directory, 'weights.bin'), new Uint8Array(values.buffer));
    try {
      process.chdir(directory);
      await expectError(
        () => openModel(directory, { device: 'cpu' }),
        'invalid_card',
        'The graph of tiny keeps weights in a file beside it, which no digest covers: export it as one file',
      );
    } finally {
      process.chdir(here);
    }
  });

  it('takes open sizes by the card', async () => {
    const model = await open(
      matrixCard(),
      onnx({
        ...linear([5, 4]),
        inputs: [{ name: 'x', shape: ['n', 'time', 'band'] }],
      }),
    );
    expect(model.batchSlices(1)).toBe(16);
    await model.close();
  });

  it('names the window length of a graph with fixed samples', async () => {
    const directory = writeModel(waveformCard(), linearModel([20]));
    await expectError(
      () => openModel(directory, { device: 'cpu', windowS: 0.03 }),
      'usage',
      'Expected 0.02 (tiny takes exactly 20 samples a window) for run.windowS but received 0.03 of type number',
    );
    const same = await openModel(directory, { device: 'cpu', windowS: 0.02, hopS: 0.005 });
    expect(same.window.hopSamples).toBe(5);
    await same.close();
  });

  it('runs a foreign model by its card alone', async () => {
    const card = matrixCard({
      name: 'someone-elses',
      family: 'matrix',
      input: { name: 'x', axes: ['batch', 'columns', 'frames'], frames: 5 },
      classes: ['anger_disgust', 'joy'],
      labelMap: { angry: 'anger_disgust', disgust: 'anger_disgust', happy: 'joy', neutral: null },
      polarity: { anger_disgust: { negative: 1 }, joy: { positive: 1 } },
      calibration: { temperature: 2, fittedOn: 'their data' },
    });
    const model = await open(card, linearModel([4, 5], 2));
    const window = slice(5, 4, 3);
    const turned = Array.from(
      { length: 20 },
      (_, i) => window.values[(i % 5) * 4 + Math.floor(i / 5)] as number,
    );
    const { values } = await model.score([window]);
    softmax(linearByHand(turned, 2), 2).forEach((p, i) => {
      expect(values[i]).toBeCloseTo(p, 5);
    });
    expect(model.classes).toEqual(['anger_disgust', 'joy']);
    await model.close();
  });
});

describe('probabilities', () => {
  it('are softmax(logits / temperature) in double', async () => {
    for (const temperature of [0.5, 1, 3]) {
      const card = waveform3(undefined, { calibration: { temperature, fittedOn: 'x' } });
      const model = await open(card, elementwise('Identity'));
      const { values } = await model.score([three(1, 2, -4), three(500, -500, 499), three(-1e30, 0, 1e30)]);
      expect([...values.slice(0, 3)]).toEqual([...Float32Array.from(softmax([1, 2, -4], temperature))]);
      expect([...values.slice(3, 6)]).toEqual([...Float32Array.from(softmax([500, -500, 499], temperature))]);
      expect([...values.slice(6)]).toEqual([0, 0, 1]);
      await model.close();
    }
  });

  it('are sharpened or flattened when the graph gives probabilities', async () => {
    const card = waveform3(
      { name: 'y', kind: 'probabilities' },
      { calibration: { temperature: 2, fittedOn: 'x' } },
    );
    const model = await open(card, elementwise('Identity'));
    const { values } = await model.score([three(0.64, 0.36, 0)]);
    const roots = [0.8, 0.6, Math.sqrt(1e-12)];
    const sum = roots.reduce((a, b) => a + b, 0);
    roots.forEach((p, i) => {
      expect(values[i]).toBeCloseTo(p / sum, 6);
    });
    await model.close();
  });

  it.each<[string, string, number[], string]>([
    ['NaN', 'logits', [-1, 1, 1], 'Expected a finite number from tiny for class neutral but received NaN'],
    [
      'an infinity',
      'logits',
      [1, 0, 1],
      'Expected a finite number from tiny for class happy but received -Infinity',
    ],
    [
      'a negative probability',
      'probabilities',
      [2, 0.9, 1],
      'Expected a probability from tiny for class happy but received -0.10536',
    ],
    [
      'a sum that is not 1',
      'probabilities',
      [2, 2, 2],
      'Expected probabilities that sum to 1 from tiny but they sum to 2.0794',
    ],
  ])('%s is a model_error', async (_name, kind, values, message) => {
    const model = await open(waveform3({ name: 'y', kind }), elementwise('Log'));
    const error = await errorOf(() => model.score([three(...values)]));
    expect(error.code).toBe('model_error');
    expect(error.subject).toBe('tiny');
    expect(error.message.startsWith(message)).toBe(true);
    // One bad window does not spoil the model.
    if (kind === 'logits') expect((await model.score([three(1, 1, 1)])).values[0]).toBeCloseTo(1 / 3);
    await model.close();
  });

  it('are not made from features that are not numbers, wherever they stand', async () => {
    const model = await open(matrixCard(), linearModel([5, 4]));
    const fine = slice(5, 4, 1);
    for (let at = 0; at < 20; at++) {
      const values = fine.values.slice();
      values[at] = at % 2 ? Number.NaN : Number.NEGATIVE_INFINITY;
      await expectError(
        () => model.score([fine, { ...fine, values }]),
        'model_error',
        'Expected finite features for window 1 for tiny but received NaN or an infinity',
      );
    }
    const largest = new Float32Array(20).fill(3.4e38);
    largest.fill(-3.4e38, 10);
    await expectError(
      () => model.score([{ ...fine, values: largest }]),
      'model_error',
      /^Expected a finite number from tiny for class /,
    );
    await model.close();
  });
});

/** Probabilities of one window. */
const row = (scores: Scores, w: number): number[] => [
  ...scores.values.subarray(w * scores.classes, (w + 1) * scores.classes),
];

const convCard = (frames = 24, bands = 16): Json =>
  matrixCard({
    frontEnd: melFrontEnd(bands),
    window: { lengthS: 0.265, hopS: 0.265, minS: 0.025 },
    input: { name: 'x', axes: ['batch', 'one', 'frames', 'columns'], frames },
  });

describe('batches', () => {
  const windows = Array.from({ length: 37 }, (_, i) => slice(24 - (i % 5), 16, 100 + i));

  it('give a window the same bits alone, at any position and in any order', async () => {
    const model = await open(convCard(), convModel(24, 16, 8));
    const all = await model.score(windows);
    expect([all.windows, all.classes, all.values.length]).toEqual([37, 3, 111]);
    const target = windows[20] as WindowSlice;
    const alone = row(await model.score([target]), 0);
    expect(row(all, 20)).toEqual(alone);
    expect(alone.reduce((a, b) => a + b, 0)).toBeCloseTo(1, 6);
    for (let position = 0; position < model.batchSlices(1); position++) {
      const batch = windows.slice(0, model.batchSlices(1));
      batch[position] = target;
      expect(row(await model.score(batch), position)).toEqual(alone);
    }
    const order = windows.map((_, i) => (i * 23) % 37);
    const permuted = await model.score(order.map((i) => windows[i] as WindowSlice));
    order.forEach((from, to) => {
      expect(row(permuted, to)).toEqual(row(all, from));
    });
    await model.close();
  });

  it('may have a size fixed by the graph, 1 included', async () => {
    const open16 = await open(matrixCard(), linearModel([5, 4]));
    for (const batch of [1, 3]) {
      const model = await open(matrixCard(), linearModel([5, 4], 3, batch));
      expect(model.batchSlices(1)).toBe(batch);
      for (const count of [0, 1, 3, 4, 7]) {
        const some = Array.from({ length: count }, (_, i) => slice(5, 4, i));
        const scores = await model.score(some);
        expect(scores.windows).toBe(count);
        const reference = await open16.score(some);
        scores.values.forEach((p, i) => {
          expect(p).toBeCloseTo(reference.values[i] as number, 6);
        });
      }
      await model.close();
    }
    await open16.close();
  });

  it('keep their order when several calls are made at once', async () => {
    const model = await open(convCard(), convModel(24, 16, 8));
    const apart = [];
    for (const window of windows) apart.push(row(await model.score([window]), 0));
    const together = await Promise.all(windows.map((window) => model.score([window])));
    expect(together.map((scores) => row(scores, 0))).toEqual(apart);
    await model.close();
    await model.close();
    await expectError(() => model.score([]), 'internal', 'tiny is closed');
  });

  it('give the same bits in several worker threads', async () => {
    const directory = writeModel(convCard(), convModel(24, 16, 8));
    const model = await openModel(directory, { device: 'cpu' });
    const expected = await model.score(windows);
    const inWorker = () =>
      new Promise<Float32Array>((resolve, reject) => {
        const worker = new Worker(new URL('./inference-worker.mjs', import.meta.url), {
          workerData: { directory, slices: windows },
        });
        worker.once('message', resolve);
        worker.once('error', reject);
      });
    for (let round = 0; round < 2; round++) {
      for (const values of await Promise.all([inWorker(), inWorker(), inWorker()])) {
        expect(values).toEqual(expected.values);
      }
    }
    await model.close();
  });

  it('leave memory flat', async () => {
    const model = await open(convCard(), convModel(24, 16, 8));
    const batch = windows.slice(0, 16);
    for (let i = 0; i < 200; i++) await model.score(batch);
    const before = process.memoryUsage().rss;
    for (let i = 0; i < 2000; i++) await model.score(batch);
    expect(process.memoryUsage().rss - before).toBeLessThan(64 << 20);
    await model.close();
  });
});

describe('stretches of windows', () => {
  const sizes = { frames: 5, hopFrames: 2, columns: 4, hidden: 6 };
  const rowsOf = (windows: number): number => 5 + 2 * (windows - 1);
  const under = (stretch: WindowSlice, window: number): WindowSlice => {
    const first = 2 * window;
    const rows = Math.max(0, Math.min(5, stretch.rows - first));
    return { values: stretch.values.slice(4 * first, 4 * (first + rows)), rows, columns: 4 };
  };

  const scaler = { mean: [0.1, -0.2, 0.3, 0], scale: [0.5, 1, 2, 0.7] };
  const window = { lengthS: 0.05, hopS: 0.02, scope: 'recording', minS: 0.025, padValue: -3 };
  it.each([
    ['frames', 'columns'],
    ['columns', 'frames'],
  ])(
    '[batch, %s, %s] score as the same network does window by window, ends that lack frames too',
    async (...axes) => {
      const given = { name: 'x', axes: ['batch', ...axes], frames: 5, hopFrames: 2, windows: 4 };
      const graph = axes[0] === 'frames' ? stretchModel(sizes) : turnedStretchModel(sizes);
      const together = await open(stretchCard({ window, input: given, scaler }), graph);
      const apart = await open(
        matrixCard({ window: { ...window, scope: 'window' }, scaler }),
        windowModel(sizes),
      );
      expect([1, 2, 3, 4].map((windows) => together.batchSlices(windows))).toEqual([16, 8, 5, 4]);
      for (const windows of [1, 2, 3, 4]) {
        expect([...together.inputShape(windows)].sort()).toEqual([rowsOf(windows), 4].sort());
        const stretches = [0, 1, 2, 3].flatMap((lack) =>
          Array.from({ length: 6 }, (_, i) => slice(rowsOf(windows) - lack, 4, 10 * windows + i)),
        );
        const scores = await together.score(stretches, windows);
        expect(scores).toMatchObject({ windows: stretches.length * windows, classes: 3 });
        const each = stretches.flatMap((stretch) =>
          Array.from({ length: windows }, (_, w) => under(stretch, w)),
        );
        const reference = await apart.score(each);
        reference.values.forEach((p, i) => {
          expect(scores.values[i]).toBeCloseTo(p, 6);
        });
      }
      await together.close();
      await apart.close();
    },
  );

  it('have the same bits alone and in a batch, after stretches of other sizes', async () => {
    const model = await open(stretchCard(), stretchModel(sizes));
    const many = Array.from({ length: 9 }, (_, i) => slice(rowsOf(3), 4, 70 + i));
    const all = await model.score(many, 3);
    for (const i of [8, 0, 4]) {
      await model.score([slice(5, 4, i)]);
      await model.score([slice(rowsOf(4), 4, i)], 4);
      const alone = await model.score([many[i] as WindowSlice], 3);
      expect(alone.values).toEqual(all.values.slice(9 * i, 9 * i + 9));
    }
    await model.close();
  });

  it('are of one window where the run has windows of its own', async () => {
    const directory = writeModel(stretchCard(), stretchModel(sizes));
    const most = async (sizes: object) => {
      const model = await openModel(directory, { device: 'cpu', ...sizes });
      await model.close();
      return model.window.stretchWindows;
    };
    expect(await most({})).toBe(4);
    expect(await most({ windowS: 0.05, hopS: 0.02 })).toBe(4);
    expect(await most({ hopS: 0.05 })).toBe(1);
    expect(await most({ windowS: 0.03 })).toBe(1);
    await expectError(
      () => most({ windowS: 0.06 }),
      'usage',
      'Expected at most 0.05 (tiny takes 5 frames a window) for run.windowS but received 0.06 of type number',
    );
  });

  it.each<[string, Uint8Array, RegExp]>([
    [
      'a graph with a fixed number of frames',
      windowModel(sizes),
      /^The graph's input x has the shape \[n, 5, 4\] but the card's family needs axis 1 \(frames\) open$/,
    ],
    [
      'a graph with a fixed batch',
      onnx({ ...linear([5, 4]), inputs: [{ name: 'x', shape: [1, 'f', 4] }] }),
      /^The graph's input x has the shape \[1, f, 4\] but the card's family needs axis 0 \(batch\) open$/,
    ],
    [
      'a graph that gives one row a slice',
      onnx({ ...linear([5, 4]), inputs: [{ name: 'x', shape: ['n', 'f', 4] }] }),
      /^The graph's output y has the shape \[n, 3\] but the card says \[batch, windows, 3 classes\]$/,
    ],
    [
      'a graph with other windows',
      stretchModel({ ...sizes, hopFrames: 3 }),
      /^The graph's output y has the shape \[4,3,3\] but the card says \[batch 4, 4 windows, 3 classes\]$/,
    ],
    [
      'a graph of other classes',
      stretchModel(sizes, 2),
      /^The graph's output y has the shape \[n, w, 2\] but the card has 3 classes$/,
    ],
  ])('refuses %s', async (_what, graph, message) => {
    await expectError(() => open(stretchCard(), graph), 'invalid_card', message);
  });

  it('have golden cases of any length', async () => {
    const directory = writeModel(stretchCard(), stretchModel(sizes));
    const model = await openModel(directory, { device: 'cpu' });
    const cases = [];
    for (const windows of [1, 3, 4]) {
      const shape = [rowsOf(windows), 4];
      const values = [...randomValues(rowsOf(windows) * 4, windows)];
      const output = [...(await model.rawOutput(Float32Array.from(values), windows))];
      expect(output).toHaveLength(3 * windows);
      cases.push({ name: `${windows}`, input: { shape, values }, output });
    }
    const write = (golden: Json): void =>
      writeFileSync(join(directory, 'golden.json'), JSON.stringify({ tolerance: 1e-6, ...golden }));
    write({ cases });
    expect(await checkGolden(model)).toMatchObject({ present: true, cases: 3 });
    const constant = (frames: number): Json => ({ shape: [frames, 4], formula: 'constant', value: 0 });
    for (const frames of [6, 13]) {
      write({ cases: [{ name: 'odd', input: constant(frames), output: [0] }] });
      await expectError(
        () => checkGolden(model),
        'invalid_card',
        new RegExp(`case odd has the shape \\[${frames},4\\] but the model takes \\[5,4\\] to \\[11,4\\]$`),
      );
    }
    await model.close();
  });
});

describe('golden.json', () => {
  const size = 20;
  const sine = Array.from({ length: size }, (_, i) => -1 + 2 * Math.sin(0.3 * i));
  const flat = Array.from({ length: size }, () => 0.25);
  const noise = randomValues(size, 5);
  const shape = [5, 4];
  const golden = (cases: Json[], tolerance = 1e-5): Json => ({ tolerance, cases });
  const cases: Json[] = [
    { name: 'noise', input: { shape, values: [...noise] }, output: linearByHand(noise) },
    {
      name: 'tone',
      input: { shape, formula: 'sine', step: 0.3, amplitude: 2, offset: -1 },
      output: linearByHand(sine),
    },
    { name: 'flat', input: { shape, formula: 'constant', value: 0.25 }, output: linearByHand(flat) },
  ];
  const check = async (content: unknown, card = matrixCard(), graph = linearModel(shape)) => {
    const directory = writeModel(card, graph);
    if (content !== undefined) {
      const text = typeof content === 'string' ? content : JSON.stringify(content);
      writeFileSync(join(directory, 'golden.json'), text);
    }
    const model = await openModel(directory, { device: 'cpu' });
    return checkGolden(model).finally(() => model.close());
  };

  it('passes within its tolerance, and says how close', async () => {
    const result = await check(golden(cases));
    if (!result.present) throw new Error('golden.json was not read');
    expect(result.cases).toBe(3);
    expect(result.worst).toBeGreaterThan(0);
    expect(result.worst).toBeLessThan(1e-5);
    expect(await check(undefined)).toEqual({ present: false });
  });

  it('holds for a batch axis that is not the first', async () => {
    const input = { name: 'x', axes: ['frames', 'batch', 'columns'], frames: 5 };
    const graph = linear(shape);
    const turned = onnx({
      ...graph,
      inputs: [{ name: 'x', shape: [5, 'n', 4] }],
      nodes: [
        { op: 'Transpose', inputs: ['x'], outputs: ['t'], attributes: { perm: [1, 0, 2] } },
        { op: 'Flatten', inputs: ['t'], outputs: ['flat'] },
        ...graph.nodes.slice(1),
      ],
    });
    expect(await check(golden(cases), matrixCard({ input }), turned)).toMatchObject({
      present: true,
      cases: 3,
    });
  });

  it.each<[string, unknown, RegExp]>([
    [
      'an output that differs',
      golden([{ ...cases[0], output: [0, 0, 0] }]),
      /golden\.json: case noise: output 0 is -?[\d.]+, expected 0 within 0\.00001$/,
    ],
    [
      'another number of outputs',
      golden([{ ...cases[0], output: [0] }]),
      /case noise has 1 outputs but the model gives 3$/,
    ],
    [
      'another shape',
      golden([{ ...cases[2], input: { shape: [4, 5], formula: 'constant', value: 0 } }]),
      /case flat has the shape \[4,5\] but the model takes \[5,4\]$/,
    ],
    [
      'too few values',
      golden([{ ...cases[0], input: { shape, values: [1] } }]),
      /case noise has 1 values but its shape \[5,4\] holds 20$/,
    ],
    [
      'no cases',
      golden([]),
      /^Expected at least 1 entries for golden\.cases but received \[\] of type array$/,
    ],
    [
      'no tolerance',
      golden(cases, 0),
      /^Expected more than 0 for golden\.tolerance but received 0 of type number$/,
    ],
    ['no JSON', '{', /golden\.json: is not JSON: /],
  ])('%s is refused', async (_name, content, message) => {
    await expectError(() => check(content), 'invalid_card', message);
  });
});

describe('devices', () => {
  const none = { cudaLibrary: null, missingLibraries: [], cudaDevices: 0 };
  const both = { cudaLibrary: '/x/libonnxruntime_providers_cuda.so', missingLibraries: [], cudaDevices: 2 };
  const unlinked = { ...both, missingLibraries: ['libcublas.so.13', 'libcudnn.so.9'] };
  const cpu = { name: 'cpu', providers: [{ name: 'cpu' }] };
  const cuda = (...indices: number[]): object => ({
    name: 'cuda',
    providers: indices.map((deviceIndex) => ({ name: 'cuda', deviceIndex })),
  });

  it('auto takes CUDA only where build and machine have it, and says why', () => {
    expect(chooseProviders('auto', none)).toEqual({
      ...cpu,
      why: 'CUDA is not in this build: onnxruntime-node has no CUDA provider library',
    });
    expect(chooseProviders('auto', { ...both, cudaDevices: 0 })).toEqual({
      ...cpu,
      why: 'CUDA is not on this machine: no CUDA device was found',
    });
    expect(chooseProviders('auto', { ...none, cudaDevices: 1 })).toMatchObject(cpu);
    expect(chooseProviders('auto', unlinked)).toEqual({
      ...cpu,
      why: 'CUDA is not usable on this machine: its provider library needs libcublas.so.13, libcudnn.so.9',
    });
    expect(chooseProviders('auto', both)).toEqual({ ...cuda(0, 1), why: 'build and machine have CUDA' });
  });

  it('takes the devices that are asked for, each once, in their order', () => {
    expect(chooseProviders('cpu', both)).toMatchObject(cpu);
    expect(chooseProviders('cuda', both)).toMatchObject(cuda(0, 1));
    expect(chooseProviders('cuda:1', both)).toMatchObject(cuda(1));
    expect(chooseProviders('cuda:1,0,1', both)).toMatchObject(cuda(1, 0));
    expect(chooseProviders('cuda:1', both).providers.map(deviceOf)).toEqual(['cuda:1']);
  });

  it('cuda is a contract: build, machine, libraries and device are told apart', async () => {
    const refused = (device: string, facts: ProviderFacts, message: string): Promise<void> =>
      expectError(() => chooseProviders(device, facts), 'unsupported_device', message);
    await refused(
      'cuda',
      none,
      'The device cuda is not in this build: onnxruntime-node has no CUDA provider library. Run `npm run gpu:setup`, or use cpu',
    );
    await refused(
      'cuda',
      { ...both, cudaDevices: 0 },
      'The device cuda is not on this machine: no CUDA device was found. Check the driver (nvidia-smi), or use cpu',
    );
    await refused(
      'cuda:0',
      unlinked,
      'The device cuda:0 is not usable on this machine: its provider library needs libcublas.so.13, libcudnn.so.9. Run `npm run gpu:setup`, or use cpu',
    );
    await refused(
      'cuda:0,2',
      both,
      'The device cuda:0,2 is not on this machine: it has 2 CUDA device(s), counted from cuda:0',
    );
  });

  it.each(['gpu', 'CUDA', 'cuda:', 'cuda:-1', 'cuda:x', 'cuda:0,', 'cuda:256', ''])(
    '%j is no device',
    async (device) => {
      await expectError(
        () => parseDevice(device),
        'usage',
        `Expected auto, cpu, cuda or cuda:<index>[,<index>…] for device but received "${device}" of type string`,
      );
    },
  );

  it('what CUDA said is told without the function that it was said to', () => {
    const said =
      '/src/cuda_call.cc:146 std::conditional_t<THRW, void, Status> CudaCall(ERRTYPE) [with ERRTYPE = cudaError; bool THRW = true] ' +
      'CUDA failure 36: API call is not supported in the installed CUDA driver ; GPU=-1 ; hostname=x ; expr=cudaSetDevice(info_.device_id);';
    expect(withoutSource(said)).toBe(
      'CUDA failure 36: API call is not supported in the installed CUDA driver',
    );
    expect(withoutSource('Failed to load shared library')).toBe('Failed to load shared library');
  });

  it('opens by this machine’s facts', async () => {
    const directory = writeModel(matrixCard(), linearModel([5, 4]));
    const facts = probeMachine(runtimeFolder());
    const model = await openModel(directory);
    expect(model.providerName).toBe(chooseProviders('auto', facts).name);
    await model.close();
    if (facts.cudaLibrary === null) {
      await expectError(
        () => openModel(directory, { device: 'cuda' }),
        'unsupported_device',
        /not in this build/,
      );
    }
  });
});

// Undertone's side of compare.py. Protocol: protocol.py.
//   node undertone.mjs <audio.f32> <rate> features <set or front-end> <seconds a segment, 0 for one>
//   node undertone.mjs <audio.f32> <rate> decode <recording> <rate out, 0 for the recording's own>
import { readFileSync, writeFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { describeBuild, FEATURE_SETS, FeaturePlan, openAudio } from '../../packages/dsp-native/dist/index.js';

/** Sizes that every peer can be asked for: 25 ms every 10 ms at 16 kHz, FFT of 512. */
const frame = { lengthSamples: 400, hopSamples: 160, fftSize: 512, placement: 'centre' };
const log = { kind: 'db', floor: 1e-10, topDb: 80 };
const frontEnds = {
  'log-mel-80': { sampleRateHz: 16000, frame, mel: { bands: 80, fMaxHz: 8000 }, log },
  'mfcc-13-of-40': {
    sampleRateHz: 16000,
    frame,
    mel: { bands: 40, fMaxHz: 8000 },
    log,
    cepstrum: { coefficients: 13 },
  },
};

const [audio, rate, kind, name, argument] = process.argv.slice(2);
const work = kind === 'decode' ? decodeWork(name, Number(argument)) : featureWork(name, Number(argument));
let result = work();
result = work();
const build = describeBuild();
console.log(
  JSON.stringify({
    rows: result.rows,
    columns: result.columns,
    version: `undertone ${build.version}, ${build.instructionSet}`,
  }),
);

for await (const line of createInterface({ input: process.stdin })) {
  const [command, value] = line.split(' ');
  if (command === 'save') {
    writeFileSync(value, work().values());
    console.log(0);
    continue;
  }
  const start = process.cpuUsage();
  for (let pass = 0; pass < Number(value); pass += 1) work();
  const { user, system } = process.cpuUsage(start);
  console.log((user + system) / 1e6 / Number(value));
}

function featureWork(set, segmentSeconds) {
  const frontEnd = frontEnds[set] ?? FEATURE_SETS.get(set)?.frontEnd;
  if (!frontEnd) throw new Error(`the feature set ${set} is not registered`);
  if (frontEnd.sampleRateHz !== Number(rate)) throw new Error(`${set} is for ${frontEnd.sampleRateHz} Hz`);
  const bytes = readFileSync(audio);
  const samples = new Float32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4);
  const each = segmentSeconds > 0 ? Math.round(segmentSeconds * Number(rate)) : samples.length;
  const offsets = Float64Array.from({ length: Math.floor(samples.length / each) + 1 }, (_, i) => i * each);
  const batch = { samples: samples.slice(0, offsets.at(-1)), offsets };
  const plan = new FeaturePlan(frontEnd);
  const rows = plan.extract(batch).reduce((sum, matrix) => sum + matrix.frames, 0);
  // One array for every call, as in a bulk run.
  const out = new Float32Array(rows * plan.columns);
  return () => {
    plan.extract(batch, out);
    return { rows, columns: plan.columns, values: () => Buffer.from(out.buffer) };
  };
}

function decodeWork(recording, sampleRateHz) {
  return () => {
    const decoder = openAudio(recording, { channels: 'mix', sampleRateHz });
    const blocks = [];
    let rows = 0;
    for (let block = decoder.read(65536); block; block = decoder.read(65536)) {
      rows += block.frames;
      blocks.push(block.samples);
    }
    decoder.close();
    return { rows, columns: 1, values: () => Buffer.concat(blocks.map((b) => Buffer.from(b.buffer))) };
  };
}

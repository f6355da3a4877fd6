// Computes cases in a process of its own, so that UNDERTONE_ISA, which is read once a process, applies to it.
//   node compute.mjs jobs.json out.bin [backend]
// jobs: [{fixture, cut, offset, frontEnd}]. out.bin: all features, float32. Prints {instructionSet, shapes}.
import { readFileSync, writeFileSync } from 'node:fs';
import { describeBuild, FeaturePlan } from '@undertone/dsp-native';
import { readSpeech } from '../fixtures/speech/pcm16.mjs';

const [jobsPath, outPath, backend = 'cpu'] = process.argv.slice(2);
const shapes = [];
const outputs = [];
for (const { fixture, cut, offset, frontEnd } of JSON.parse(readFileSync(jobsPath, 'utf8'))) {
  const speech = readSpeech(fixture);
  const samples = Float32Array.from(cut ? speech.subarray(...cut) : speech, (x) => x + offset);
  const [features] = new FeaturePlan(frontEnd, { name: backend }).extract([samples]);
  shapes.push([features.frames, features.columns]);
  outputs.push(Buffer.from(features.values.buffer, features.values.byteOffset, features.values.byteLength));
}
writeFileSync(outPath, Buffer.concat(outputs));
console.log(JSON.stringify({ instructionSet: describeBuild().instructionSet, shapes }));

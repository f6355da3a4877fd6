// Under the instruction set of UNDERTONE_ISA: the features of every job, one float32 after the other, into a file.
//   node agreement.mjs jobs.json out.f32      jobs: [{frontEnd, samples: [start, end)}]
import { closeSync, openSync, readFileSync, writeSync } from 'node:fs';
import { FeaturePlan } from '@undertone/dsp-native';
import { readSpeech } from '../fixtures/speech/pcm16.mjs';

const speech = readSpeech('librivox-16k');
const [jobs, out] = process.argv.slice(2);
const file = openSync(out, 'w');
for (const { frontEnd, samples } of JSON.parse(readFileSync(jobs, 'utf8'))) {
  const [{ values }] = new FeaturePlan(frontEnd).extract([speech.subarray(...samples)]);
  writeSync(file, Buffer.from(values.buffer, values.byteOffset, values.byteLength));
}
closeSync(file);

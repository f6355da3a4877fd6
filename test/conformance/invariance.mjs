// Under the instruction set of UNDERTONE_ISA: a frame is the same bit for bit however it is computed.
//   node invariance.mjs jobs.json      jobs: [{frontEnd, lengths, seed}]
// Prints {instructionSet, compared, failures}: the front-ends under which batch, single, asynchronous and span
// extraction disagree, or are not finite.
import { readFileSync } from 'node:fs';
import { describeBuild, FeaturePlan } from '@undertone/dsp-native';
import { readSpeech } from '../fixtures/speech/pcm16.mjs';

const speech = readSpeech('librivox-16k');
let state = 1;
const below = (n) => {
  state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
  return Math.floor((state / 2 ** 32) * n);
};
const bytes = (values) => Buffer.from(values.buffer, values.byteOffset, values.byteLength);
const same = (a, b) => bytes(a).equals(bytes(b));

function utterance(length) {
  let start = below(speech.length - length + 1);
  // From a loud sample on where there is one: of the shortest ones a gate would leave nothing.
  for (let i = start; i + length <= speech.length; i++) {
    if (Math.abs(speech[i]) > 0.02) {
      start = i;
      break;
    }
  }
  return speech.subarray(start, start + length);
}

/** Frames of a recording in spans of random length; the end is told only when the span reaches it. */
function inSpans(plan, samples, frames) {
  const rows = new Float32Array(frames * plan.columns);
  for (let first = 0; first < frames; ) {
    const count = Math.min(1 + below(40), frames - first);
    const needed = plan.samplesNeeded(first, count);
    const padded = needed.start < 0 || needed.end > samples.length;
    // Mirrored padding may look anywhere in a short recording.
    const start = padded ? 0 : needed.start - below(Math.min(needed.start, 100) + 1);
    const end = padded ? samples.length : Math.min(samples.length, needed.end + below(100));
    const totalSamples = end === samples.length || below(2) ? samples.length : null;
    const span = { samples: samples.slice(start, end), start, totalSamples };
    rows.set(plan.extractSpan(span, first, count).values, first * plan.columns);
    first += count;
  }
  return rows;
}

const failures = [];
let compared = 0;
for (const { frontEnd, lengths, seed } of JSON.parse(readFileSync(process.argv[2], 'utf8'))) {
  state = seed;
  const plan = new FeaturePlan(frontEnd);
  const utterances = lengths.map(utterance);
  const batch = plan.extract(utterances);
  const asynchronous = await plan.extractAsync(utterances);
  utterances.forEach((samples, i) => {
    const [single] = plan.extract([samples]);
    const ways = { batch: batch[i].values, asynchronous: asynchronous[i].values };
    if (!plan.needsWholeUtterance) ways.spans = inSpans(plan, samples, single.frames);
    for (const [way, values] of Object.entries(ways)) {
      compared += values.length;
      if (!same(values, single.values)) failures.push({ way, length: samples.length, frontEnd });
    }
    if (!single.values.every(Number.isFinite))
      failures.push({ way: 'finite', length: samples.length, frontEnd });
  });
}
console.log(JSON.stringify({ instructionSet: describeBuild().instructionSet, compared, failures }));

// What a worker does, again and again, in a process of its own: open a recording, decode, mix and resample it block by
// block, compute features of every block and of a batch, drop it all.
//   node --expose-gc memory.mjs recording.wav rounds      prints the resident bytes after each fifth of the rounds
import { FeaturePlan, featureSet, openAudio } from '@undertone/dsp-native';

const [path, rounds] = process.argv.slice(2);
const streamed = featureSet('kaldi-fbank-80').frontEnd;
const whole = featureSet('librosa-mfcc-40').frontEnd;

/** Features of a recording along its blocks; the samples that the next frame needs are carried over. */
function stream(plan) {
  const audio = openAudio(path, { channels: 'mix', sampleRateHz: 16000 });
  let samples = new Float32Array(0);
  let start = 0;
  let frame = 0;
  for (;;) {
    const block = audio.read(16000);
    if (block === null) break;
    const channel = block.samples;
    const joined = new Float32Array(samples.length + channel.length);
    joined.set(samples);
    joined.set(channel, samples.length);
    const { lengthSamples, hopSamples } = streamed.frame;
    const frames = Math.floor((start + joined.length - lengthSamples) / hopSamples) + 1 - frame;
    if (frames > 0) plan.extractSpan({ samples: joined, start, totalSamples: null }, frame, frames);
    frame += frames;
    const needed = frame * hopSamples - start;
    samples = joined.slice(needed);
    start += needed;
  }
  audio.close();
  return frame;
}

const utterances = Array.from({ length: 20 }, (_, u) =>
  Float32Array.from({ length: 22050 }, (_, i) => Math.sin(i * 0.01 * (u + 1))),
);
const resident = [];
for (let round = 1; round <= Number(rounds); round++) {
  if (stream(new FeaturePlan(streamed)) < 500) throw new Error('too few frames');
  new FeaturePlan(whole).extract(utterances);
  await new FeaturePlan(whole).extractAsync(utterances);
  if (round % (rounds / 5) !== 0) continue;
  // Handles are freed by finalisers, which run after a collection.
  for (let i = 0; i < 3; i++) {
    globalThis.gc();
    await new Promise((resolve) => setImmediate(resolve));
  }
  resident.push(process.memoryUsage.rss());
}
console.log(JSON.stringify(resident));

/**
 * A task made ready in one thread: every buffer is there and has been written to before anything is timed, as in a
 * program that runs for longer than one call.
 */
import { statSync } from 'node:fs';
import { FeaturePlan, openAudio, resample } from '@undertone/dsp-native';
import { type FrontEnd, frameCount, UndertoneError } from '@undertone/shared';
import { madeUpSpeech, namingFile, recordedAudio } from './audio.js';
import type { PassFacts, Task } from './task.js';

export interface Workload {
  readonly facts: PassFacts;
  /** One pass: one native call, or for recordings open, read to the end, close. */
  pass(): void;
}

/** Blocks in which the program itself reads recordings. */
const READ_SECONDS = 10;

type Of<Kind extends Task['kind']> = Extract<Task, { kind: Kind }>;

/** @throws UndertoneError for an input that cannot be read, or too short for the features */
export function prepare(task: Task): Workload {
  switch (task.kind) {
    case 'features':
      return features(task);
    case 'resample':
      return resampling(task);
    case 'decode':
      return decoding(task);
  }
}

/** Tasks of one thread share their input. */
const inputs = new Map<string, Float32Array>();

function audio({ seconds, input }: Of<'features' | 'resample'>, rateHz: number): Float32Array {
  const key = `${rateHz} ${seconds} ${input}`;
  const made =
    inputs.get(key) ??
    (input === null ? madeUpSpeech(seconds, rateHz) : recordedAudio(input, seconds, rateHz));
  inputs.set(key, made);
  return made;
}

function features(task: Of<'features'>): Workload {
  const rateHz = task.frontEnd.sampleRateHz;
  const plan = new FeaturePlan(task.frontEnd);
  const samples = audio(task, rateHz);
  const batch = { samples, offsets: utterances(samples.length, task.frontEnd) };
  const [first] = plan.extract(batch);
  const frames = framesOf(batch.offsets, task.frontEnd);
  if (!first || frames === 0)
    throw new UndertoneError('usage', '--seconds', `--seconds ${task.seconds} is too short for ${task.name}`);
  // All matrices lie in one buffer.
  const out = new Float32Array(first.values.buffer);
  const { work } = plan;
  return {
    facts: {
      audioSeconds: samples.length / rateHz,
      frames,
      bytes: samples.byteLength + out.byteLength,
      work: work && { operations: work.operations * frames, bytes: work.bytes * frames },
    },
    pass: () => {
      plan.extract(batch, out);
    },
  };
}

/**
 * One utterance, or for a set that looks at an excerpt as many as there are excerpts: audio that nobody looks at would
 * count as done. @returns their borders
 */
function utterances(samples: number, { samples: { excerpt } }: FrontEnd): Float64Array {
  const length = excerpt?.lengthSamples ? excerpt.offsetSamples + excerpt.lengthSamples : samples;
  const count = Math.max(1, Math.floor(samples / length));
  return Float64Array.from({ length: count + 1 }, (_, i) => (i === count ? samples : i * length));
}

/** Before any gate, which may drop some. */
function framesOf(offsets: Float64Array, { samples: { excerpt }, frame }: FrontEnd): number {
  let frames = 0;
  for (let i = 1; i < offsets.length; ++i) {
    const left = (offsets[i] ?? 0) - (offsets[i - 1] ?? 0) - (excerpt?.offsetSamples ?? 0);
    frames += frameCount(Math.min(left, excerpt?.lengthSamples ?? left), frame);
  }
  return frames;
}

function resampling(task: Of<'resample'>): Workload {
  const samples = audio(task, task.fromHz);
  const out = new Float32Array(Math.ceil((samples.length * task.toHz) / task.fromHz));
  const frames = resample(samples, task.fromHz, task.toHz, out);
  const bytes = samples.byteLength + out.byteLength;
  return {
    // How many operations resampling takes depends on the method, so only its bytes are held against the machine.
    facts: { audioSeconds: samples.length / task.fromHz, frames, bytes, work: { operations: 0, bytes } },
    pass: () => {
      resample(samples, task.fromHz, task.toHz, out);
    },
  };
}

function decoding(task: Of<'decode'>): Workload {
  const read = task.files.map((file) => namingFile(file, () => decodeToEnd(file)));
  const frames = read.reduce((sum, one) => sum + one.frames, 0);
  if (frames === 0) throw new UndertoneError('too_short', task.name, `${task.name}: no sample (too_short)`);
  const bytes = task.files.reduce((sum, file) => sum + statSync(file).size, 0);
  // Undoing compression is arithmetic that nobody has counted.
  const plain = read.every(({ codec }) => codec.startsWith('pcm_'));
  return {
    facts: {
      audioSeconds: read.reduce((sum, one) => sum + one.frames / one.sampleRateHz, 0),
      frames,
      bytes,
      work: plain ? { operations: 0, bytes: bytes + 4 * frames } : null,
    },
    pass: () => {
      for (const file of task.files) decodeToEnd(file);
    },
  };
}

/** Channels mixed, at the recording's own rate. */
function decodeToEnd(file: string): { frames: number; sampleRateHz: number; codec: string } {
  const decoder = openAudio(file, { channels: 'mix', sampleRateHz: 0 });
  try {
    const { sampleRateHz, codec } = decoder.info;
    let frames = 0;
    for (;;) {
      const block = decoder.read(READ_SECONDS * sampleRateHz);
      if (!block) return { frames, sampleRateHz, codec };
      frames += block.frames;
    }
  } finally {
    decoder.close();
  }
}

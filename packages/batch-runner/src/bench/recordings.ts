/** Recordings to decode where none are named: WAV in the encodings that archives hold. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { madeUpSpeech } from './audio.js';

type Encoding = 's16' | 's24' | 'f32' | 'mulaw';

const KINDS: readonly [encoding: Encoding, rateHz: number, channels: number][] = [
  ['mulaw', 8000, 1],
  ['s16', 8000, 1],
  ['s16', 16000, 1],
  ['s16', 22050, 1],
  ['s16', 44100, 2],
  ['s24', 44100, 2],
  ['s24', 48000, 1],
  ['f32', 48000, 2],
];

const WAVE_FORMAT = { s16: 1, s24: 1, f32: 3, mulaw: 7 } as const;
const BYTES = { s16: 2, s24: 3, f32: 4, mulaw: 1 } as const;

/** @returns the paths of the files, of `seconds` each */
export function writeRecordings(folder: string, seconds: number): string[] {
  return KINDS.map(([encoding, rateHz, channels]) => {
    const path = join(folder, `${encoding}-${rateHz}-${channels}.wav`);
    const samples = madeUpSpeech(seconds, rateHz);
    const data = Buffer.alloc(samples.length * channels * BYTES[encoding]);
    samples.forEach((sample, i) => {
      for (let c = 0; c < channels; ++c) {
        // The second channel is the first one, softer.
        put(data, (i * channels + c) * BYTES[encoding], sample / (1 + c), encoding);
      }
    });
    writeFileSync(path, Buffer.concat([header(encoding, rateHz, channels, data.length), data]));
    return path;
  });
}

/** @returns the paths of `count` WAVs of 16 kHz and 16 bit, one channel, `seconds` each; all sound the same */
export function writeCorpus(folder: string, count: number, seconds: number): string[] {
  mkdirSync(folder);
  const rateHz = 16000;
  const samples = madeUpSpeech(seconds, rateHz);
  const data = Buffer.alloc(2 * samples.length);
  samples.forEach((sample, i) => {
    put(data, 2 * i, sample, 's16');
  });
  const bytes = Buffer.concat([header('s16', rateHz, 1, data.length), data]);
  return Array.from({ length: count }, (_, i) => {
    const path = join(folder, `${String(i).padStart(6, '0')}.wav`);
    writeFileSync(path, bytes);
    return path;
  });
}

function header(encoding: Encoding, rateHz: number, channels: number, dataBytes: number): Buffer {
  const frameBytes = BYTES[encoding] * channels;
  const bytes = Buffer.alloc(44);
  bytes.write('RIFF', 0, 'latin1');
  bytes.writeUInt32LE(36 + dataBytes, 4);
  bytes.write('WAVEfmt ', 8, 'latin1');
  bytes.writeUInt32LE(16, 16);
  bytes.writeUInt16LE(WAVE_FORMAT[encoding], 20);
  bytes.writeUInt16LE(channels, 22);
  bytes.writeUInt32LE(rateHz, 24);
  bytes.writeUInt32LE(rateHz * frameBytes, 28);
  bytes.writeUInt16LE(frameBytes, 32);
  bytes.writeUInt16LE(8 * BYTES[encoding], 34);
  bytes.write('data', 36, 'latin1');
  bytes.writeUInt32LE(dataBytes, 40);
  return bytes;
}

function put(data: Buffer, at: number, sample: number, encoding: Encoding): void {
  switch (encoding) {
    case 's16':
      data.writeInt16LE(Math.round(sample * 32767), at);
      return;
    case 's24':
      data.writeIntLE(Math.round(sample * 8388607), at, 3);
      return;
    case 'f32':
      data.writeFloatLE(sample, at);
      return;
    case 'mulaw':
      data[at] = muLaw(sample);
  }
}

/** ITU-T G.711. */
function muLaw(sample: number): number {
  const magnitude = Math.min(32635, Math.abs(Math.round(sample * 32767))) + 132;
  const exponent = Math.floor(Math.log2(magnitude)) - 7;
  const mantissa = (magnitude >> (exponent + 3)) & 15;
  return ~((sample < 0 ? 0x80 : 0) | (exponent << 4) | mantissa) & 0xff;
}

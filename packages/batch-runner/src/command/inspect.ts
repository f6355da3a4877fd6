/** `undertone inspect`: what a recording is, decoded to its end. */
import { openAudio } from '@undertone/dsp-native';
import { systemPath, toErrorData, UndertoneError } from '@undertone/shared';
import type { Command } from 'commander';
import { readName } from '../label/registry.js';
import { namedPath } from '../manifest/list-file.js';

export function addInspect(program: Command): void {
  program
    .command('inspect')
    .summary('tell what a recording is: container, codec, rate, channels, length, level')
    .argument('<file>')
    .option('--json', 'print JSON')
    .action((file: string, flags: { json?: boolean }) => {
      const facts = inspect(file);
      process.stdout.write(flags.json ? `${JSON.stringify(facts, null, 2)}\n` : asText(facts));
    });
}

interface Facts {
  readonly file: string;
  readonly container: string;
  readonly codec: string;
  readonly sampleRateHz: number;
  readonly channels: number;
  readonly headerSeconds: number | null;
  readonly decodedSeconds: number;
  /** RMS and peak by channel, dB re full scale; null for digital silence. */
  readonly levelDbfs: readonly (number | null)[];
  readonly peakDbfs: readonly (number | null)[];
  readonly clippedSamples: number;
  readonly truncated: boolean;
  readonly corruptPackets: number;
  /** What the name tells, or why it is refused; null for a name of no known corpus. */
  readonly label: object | null;
}

function inspect(file: string): Facts {
  try {
    const path = namedPath(file, process.cwd());
    const decoder = openAudio(systemPath(path), {
      channels: 'split',
      sampleRateHz: 0,
    });
    try {
      const { info } = decoder;
      const squares = new Float64Array(info.channels);
      const peaks = new Float64Array(info.channels);
      let frames = 0;
      let clippedSamples = 0;
      for (let block = decoder.read(info.sampleRateHz); block; block = decoder.read(info.sampleRateHz)) {
        for (const count of block.clipped) clippedSamples += count;
        for (let channel = 0; channel < block.channels; ++channel) {
          for (const x of block.samples.subarray(channel * block.frames, (channel + 1) * block.frames)) {
            squares[channel] = (squares[channel] ?? 0) + x * x;
            peaks[channel] = Math.max(peaks[channel] ?? 0, Math.abs(x));
          }
        }
        frames += block.frames;
      }
      return {
        file,
        container: info.container,
        codec: info.codec,
        sampleRateHz: info.sampleRateHz,
        channels: info.channels,
        headerSeconds: info.durationSeconds,
        decodedSeconds: frames / info.sampleRateHz,
        levelDbfs: Array.from(squares, (sum) => decibels(frames > 0 ? sum / frames : 0, 10)),
        peakDbfs: Array.from(peaks, (peak) => decibels(peak, 20)),
        clippedSamples,
        ...decoder.ending(),
        label: readName(path),
      };
    } finally {
      decoder.close();
    }
  } catch (thrown) {
    const { code, message } = toErrorData(thrown, file);
    throw new UndertoneError(code, file, `${file}: ${message} (${code})`);
  }
}

const decibels = (value: number, factor: number): number | null =>
  value > 0 ? Number((factor * Math.log10(value)).toFixed(1)) : null;

function asText(facts: Facts): string {
  return `${Object.entries(facts)
    .map(([name, value]) => `${name.padEnd(16)} ${typeof value === 'object' ? JSON.stringify(value) : value}`)
    .join('\n')}\n`;
}

/** `undertone bench features --device cuda`: feature sets on one GPU, beside what the GPU can copy. */
import { describeCuda, featureSet, measureCuda, type NativeCudaFigures } from '@undertone/dsp-native';
import { UndertoneError } from '@undertone/shared';
import { percent, scaled } from '../bench/numbers.js';
import { chooseFeatureDevices } from '../devices.js';
import { benchMachine, machineRecord } from '../report/run-record.js';
import type { BenchFeaturesSettings } from '../settings.js';
import { checkTargets, writeJson } from './bench-output.js';

const SCHEMA = 'undertone-bench-cuda/1';

type Row = NativeCudaFigures & { readonly name: string };

/** @throws UndertoneError usage for flags that mean the CPU alone; unsupported_device; what measureCuda throws */
export async function benchCuda(settings: BenchFeaturesSettings): Promise<void> {
  refuseCpuFlags(settings);
  checkTargets(settings);
  const devices = chooseFeatureDevices(settings.device);
  const [word] = devices.words;
  const index = Number(word.slice('cuda:'.length));
  const rows = settings.set.map((name): Row => {
    const { frontEnd } = featureSet(name);
    return { name, ...measureCuda(frontEnd, index, settings.seconds, settings.repeats) };
  });
  const { devices: all, runtimeVersion, driverVersion } = describeCuda();
  const card = all.find((device) => device.index === index);
  const result = {
    schema: SCHEMA,
    startedAt: new Date().toISOString(),
    settings,
    machine: benchMachine(),
    versions: machineRecord().versions,
    device: { ...card, runtimeVersion, driverVersion },
    rows,
  };
  if (settings.json !== undefined) await writeJson(settings.json, result);
  process.stdout.write(asText(`${word}  ${card?.name}, driver for CUDA ${driverVersion}`, rows));
}

function refuseCpuFlags({ isa, threads, compare, report, input }: BenchFeaturesSettings): void {
  const given = {
    '--isa': isa !== undefined,
    '--threads': threads.length !== 1 || threads[0] !== 1,
    '--compare': compare !== undefined,
    '--report': report !== undefined,
    '--input': input !== undefined,
  };
  for (const [flag, isGiven] of Object.entries(given)) {
    if (isGiven) throw new UndertoneError('usage', flag, `Expected no ${flag} beside --device cuda`);
  }
}

function asText(device: string, rows: readonly Row[]): string {
  const lines = rows.map((row) =>
    [
      row.name.padEnd(24),
      `on the device ${scaled(row.residentFramesPerSecond)} frames/s`,
      `(${percent(row.residentShareOfDevice)} of its ${scaled(row.deviceBytesPerSecond)}B/s)`,
      `host to host ${scaled(row.hostToHostFramesPerSecond)} frames/s`,
      `(${percent(row.hostToHostShareOfCopy)} of the ${scaled(row.toDeviceBytesPerSecond)}B/s to the device)`,
      `tiles of ${row.lanes} × ${row.workers}`,
    ].join('  '),
  );
  return `${[device, ...lines].join('\n')}\n`;
}

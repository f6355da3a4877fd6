/** What computes: `--device` applied to the model and to the features alike, and the workers that share it out. */
import { describeCuda, type NativeCuda } from '@undertone/dsp-native';
import { chooseProviders, deviceOf, type ProviderFacts } from '@undertone/inference';
import { UndertoneError } from '@undertone/shared';

export interface Devices {
  readonly name: 'cpu' | 'cuda';
  /** One word for `openModel` a device; workers take them in turn. */
  readonly words: readonly [string, ...string[]];
  readonly why: string;
  /** What run.json keeps of them. */
  readonly record: readonly object[];
}

/**
 * CUDA is taken for both halves or for none: rows must not depend on which half a machine has.
 * @throws UndertoneError usage, or unsupported_device when CUDA was asked for and one half is not to be had
 */
export function chooseDevices(
  device: string,
  facts: ProviderFacts,
  cuda: () => NativeCuda = describeCuda,
): Devices {
  const { name, providers, why } = chooseProviders(device, facts);
  if (name === 'cpu') return { name, words: ['cpu'], why, record: [{ device: 'cpu' }] };
  const features = cuda();
  if (features.reason !== null) {
    if (device !== 'auto') throw new UndertoneError('unsupported_device', 'device', features.reason);
    return { name: 'cpu', words: ['cpu'], why: features.reason, record: [{ device: 'cpu' }] };
  }
  const [first, ...rest] = providers.map(deviceOf) as [string, ...string[]];
  return {
    name,
    words: [first, ...rest],
    why,
    record: [first, ...rest].map((word) => ({
      device: word,
      ...features.devices.find(({ index }) => word === `cuda:${index}`),
      cudaRuntime: features.runtimeVersion,
      cudaDriver: features.driverVersion,
    })),
  };
}

/**
 * Worker threads in all.
 * @param streams workers a GPU, when that was asked for instead
 * @throws UndertoneError usage for streams without a GPU
 */
export function workersOn(devices: Devices, workers: number, streams: number | undefined): number {
  if (streams === undefined) return workers;
  if (devices.name === 'cpu') {
    throw new UndertoneError(
      'usage',
      '--streams',
      `--streams ${streams} asks for workers a GPU, but this run computes on the CPU (${devices.why}): use --workers, or --device cuda`,
    );
  }
  return streams * devices.words.length;
}

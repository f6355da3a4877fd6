/** What computes: `--device` applied to the model and to the features alike, and the workers that share it out. */
import { describeCuda, type NativeCuda } from '@undertone/dsp-native';
import { chooseProviders, deviceOf, type ProviderFacts, parseDevice } from '@undertone/inference';
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
    record: recordOf([first, ...rest], features),
  };
}

const recordOf = (words: readonly string[], features: NativeCuda): readonly object[] =>
  words.map((word) => ({
    device: word,
    ...features.devices.find(({ index }) => word === `cuda:${index}`),
    cudaRuntime: features.runtimeVersion,
    cudaDriver: features.driverVersion,
  }));

/**
 * `--device` of features without a model: only the add-on's CUDA counts.
 * @throws UndertoneError usage, or unsupported_device when CUDA was asked for and is not to be had
 */
export function chooseFeatureDevices(device: string, cuda: () => NativeCuda = describeCuda): Devices {
  const { kind, indices } = parseDevice(device);
  if (kind !== 'cuda')
    return { name: 'cpu', words: ['cpu'], why: 'as asked for', record: [{ device: 'cpu' }] };
  const features = cuda();
  const beyond = indices.find((index) => index >= features.devices.length);
  if (features.reason === null && beyond !== undefined) {
    throw new UndertoneError(
      'unsupported_device',
      'device',
      `The device ${device} is not on this machine: it has ${features.devices.length} CUDA device(s), counted from cuda:0`,
    );
  }
  const chosen = indices.length > 0 ? indices : features.devices.map(({ index }) => index);
  const [first, ...rest] = chosen.map((index) => `cuda:${index}`);
  if (features.reason !== null || first === undefined) {
    throw new UndertoneError('unsupported_device', 'device', features.reason ?? 'No CUDA device was found');
  }
  const words = [first, ...rest] as const;
  return { name: 'cuda', words, why: 'as asked for', record: recordOf(words, features) };
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

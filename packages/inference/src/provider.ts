/**
 * Which execution provider runs the graph. An explicit request is a contract; only `auto` chooses.
 *
 * The facts about build and machine are plain data, so every answer can be tested on any machine.
 */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expectation, UndertoneError } from '@undertone/shared';
import { missingLibraries } from './shared-libraries.js';

export type Provider = { readonly name: 'cpu' } | { readonly name: 'cuda'; readonly deviceIndex: number };

/** What `auto` and `cuda` depend on. */
export interface ProviderFacts {
  /** The runtime's CUDA provider library, or null when this build has none. */
  readonly cudaLibrary: string | null;
  /** Shared libraries that it needs and that this machine's loader does not find, by name. */
  readonly missingLibraries: readonly string[];
  /** CUDA devices that this machine shows. */
  readonly cudaDevices: number;
}

/** What was chosen, and for `auto` why, in words. */
export interface ProviderChoice {
  readonly name: 'cpu' | 'cuda';
  /** At least one; workers take them in turn. */
  readonly providers: readonly [Provider, ...Provider[]];
  readonly why: string;
}

const FORM = 'auto, cpu, cuda or cuda:<index>[,<index>…]';
const MAX_DEVICE_INDEX = 255;

/**
 * `auto`, `cpu`, `cuda` (every CUDA device) or `cuda:<index>[,<index>…]`.
 * @returns for cuda the indices asked for, each once, in their order; none stands for all
 * @throws UndertoneError usage
 */
export function parseDevice(device: string): {
  readonly kind: 'auto' | 'cpu' | 'cuda';
  readonly indices: readonly number[];
} {
  if (device === 'auto' || device === 'cpu' || device === 'cuda') return { kind: device, indices: [] };
  const list = /^cuda:(\d+(?:,\d+)*)$/.exec(device)?.[1];
  const indices = [...new Set((list ?? '').split(',').map(Number))];
  if (list === undefined || indices.some((index) => index > MAX_DEVICE_INDEX)) {
    throw new UndertoneError('usage', 'device', expectation(FORM, 'device', device));
  }
  return { kind: 'cuda', indices };
}

/** The word that asks for one provider alone. */
export const deviceOf = (provider: Provider): string =>
  provider.name === 'cpu' ? 'cpu' : `cuda:${provider.deviceIndex}`;

/**
 * @throws UndertoneError usage for an unknown word, unsupported_device when CUDA was asked for and cannot be had: one
 *   sentence for a build without it, others for a machine that lacks its libraries, a device or one of those asked for
 */
export function chooseProviders(device: string, facts: ProviderFacts): ProviderChoice {
  const { kind, indices } = parseDevice(device);
  const obstacle = cudaObstacle(facts);
  if (kind === 'cpu') return cpu('as asked for');
  if (kind === 'auto' && obstacle) return cpu(`CUDA is ${obstacle.short}`);
  if (obstacle) throw unsupported(device, obstacle.full);
  const [first, ...rest] = indices.length > 0 ? indices : [...Array(facts.cudaDevices).keys()];
  const beyond = indices.find((index) => index >= facts.cudaDevices);
  if (first === undefined || beyond !== undefined) {
    throw unsupported(
      device,
      `not on this machine: it has ${facts.cudaDevices} CUDA device(s), counted from cuda:0`,
    );
  }
  const provider = (deviceIndex: number): Provider => ({ name: 'cuda', deviceIndex });
  return {
    name: 'cuda',
    providers: [provider(first), ...rest.map(provider)],
    why: kind === 'auto' ? 'build and machine have CUDA' : 'as asked for',
  };
}

const cpu = (why: string): ProviderChoice => ({ name: 'cpu', providers: [{ name: 'cpu' }], why });

/** What stands in the way of CUDA, or null. */
function cudaObstacle(facts: ProviderFacts): { readonly short: string; readonly full: string } | null {
  if (facts.cudaLibrary === null) {
    const short = 'not in this build: onnxruntime-node has no CUDA provider library';
    return { short, full: `${short}. Run \`npm run gpu:setup\`, or use cpu` };
  }
  if (facts.cudaDevices === 0) {
    const short = 'not on this machine: no CUDA device was found';
    return { short, full: `${short}. Check the driver (nvidia-smi), or use cpu` };
  }
  if (facts.missingLibraries.length > 0) {
    const short = `not usable on this machine: its provider library needs ${facts.missingLibraries.join(', ')}`;
    return { short, full: `${short}. Run \`npm run gpu:setup\`, or use cpu` };
  }
  return null;
}

function unsupported(device: string, why: string): UndertoneError {
  return new UndertoneError('unsupported_device', 'device', `The device ${device} is ${why}`);
}

/** @param runtimeFolder where the runtime's shared libraries lie, see session.ts */
export function probeMachine(runtimeFolder: string): ProviderFacts {
  const library = join(
    runtimeFolder,
    process.platform === 'win32' ? 'onnxruntime_providers_cuda.dll' : 'libonnxruntime_providers_cuda.so',
  );
  const cudaLibrary = existsSync(library) ? library : null;
  return {
    cudaLibrary,
    missingLibraries: cudaLibrary ? missingLibraries(cudaLibrary) : [],
    cudaDevices: countCudaDevices(process.env.CUDA_VISIBLE_DEVICES),
  };
}

/**
 * Counted without loading a driver: device nodes on Linux (a container may hold only /dev/nvidia3, which CUDA then
 * calls device 0), one under WSL and Windows, where the driver does not show how many there are.
 * @param visible CUDA_VISIBLE_DEVICES: devices beyond the first unknown one are hidden
 */
function countCudaDevices(visible: string | undefined): number {
  const devices = installedDevices();
  if (visible === undefined) return devices;
  const listed = visible.split(',').map((one) => one.trim());
  const end = listed.findIndex((one) => one === '' || one.startsWith('-'));
  return Math.min(devices, end < 0 ? listed.length : end);
}

function installedDevices(): number {
  if (process.platform === 'win32') {
    return existsSync(join(process.env.SystemRoot ?? 'C:\\Windows', 'System32', 'nvcuda.dll')) ? 1 : 0;
  }
  const nodes = existsSync('/dev') ? readdirSync('/dev').filter((name) => /^nvidia\d+$/.test(name)) : [];
  if (nodes.length > 0) return nodes.length;
  return existsSync('/dev/dxg') && existsSync('/usr/lib/wsl/lib/libcuda.so.1') ? 1 : 0;
}

/**
 * Which execution provider runs the graph. An explicit request is a contract; only `auto` chooses.
 *
 * The facts about build and machine are plain data, so every answer can be tested on any machine.
 */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expectation, UndertoneError } from '@undertone/shared';

export type Provider = { readonly name: 'cpu' } | { readonly name: 'cuda'; readonly deviceIndex: number };

/** What `auto` and `cuda` depend on. */
export interface ProviderFacts {
  /** The runtime's CUDA provider library, or null when this build has none. */
  readonly cudaLibrary: string | null;
  /** CUDA devices that this machine shows. */
  readonly cudaDevices: number;
}

/** `auto`, `cpu`, `cuda` or `cuda:<index>`. @throws UndertoneError usage */
export function parseDevice(device: string): {
  readonly kind: 'auto' | 'cpu' | 'cuda';
  readonly index: number;
} {
  if (device === 'auto' || device === 'cpu') return { kind: device, index: 0 };
  const cuda = /^cuda(?::(\d{1,3}))?$/.exec(device);
  if (cuda) return { kind: 'cuda', index: Number(cuda[1] ?? 0) };
  throw new UndertoneError(
    'usage',
    'device',
    expectation('auto, cpu, cuda or cuda:<index>', 'device', device),
  );
}

/**
 * @throws UndertoneError usage for an unknown word, unsupported_device when CUDA was asked for and cannot be had:
 *   one sentence for a build without it, another for a machine without it
 */
export function chooseProvider(device: string, facts: ProviderFacts): Provider {
  const { kind, index } = parseDevice(device);
  if (kind === 'cpu') return { name: 'cpu' };
  if (kind === 'auto') {
    const both = facts.cudaLibrary !== null && facts.cudaDevices > 0;
    return both ? { name: 'cuda', deviceIndex: 0 } : { name: 'cpu' };
  }
  if (facts.cudaLibrary === null) {
    throw unsupported(
      device,
      'not in this build: this onnxruntime-node has no CUDA provider library. Install its CUDA package, or use cpu',
    );
  }
  if (facts.cudaDevices === 0) {
    throw unsupported(
      device,
      'not on this machine: no CUDA device was found. Check the driver (nvidia-smi), or use cpu',
    );
  }
  if (index >= facts.cudaDevices) {
    throw unsupported(
      device,
      `not on this machine: it has ${facts.cudaDevices} CUDA device(s), counted from cuda:0`,
    );
  }
  return { name: 'cuda', deviceIndex: index };
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
  return { cudaLibrary: existsSync(library) ? library : null, cudaDevices: countCudaDevices() };
}

/**
 * Counted without loading a driver: device nodes on Linux (a container may hold only /dev/nvidia3, which CUDA then
 * calls device 0), one under WSL and Windows, where the driver does not show how many there are.
 */
function countCudaDevices(): number {
  if (process.platform === 'win32') {
    return existsSync(join(process.env.SystemRoot ?? 'C:\\Windows', 'System32', 'nvcuda.dll')) ? 1 : 0;
  }
  const nodes = existsSync('/dev') ? readdirSync('/dev').filter((name) => /^nvidia\d+$/.test(name)) : [];
  if (nodes.length > 0) return nodes.length;
  return existsSync('/dev/dxg') && existsSync('/usr/lib/wsl/lib/libcuda.so.1') ? 1 : 0;
}

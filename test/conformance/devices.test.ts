/** What a run computes on, by the facts of build and machine. */
import type { NativeCuda } from '@undertone/dsp-native';
import { describe, expect, it } from 'vitest';
import { chooseDevices, workersOn } from '../../packages/batch-runner/src/devices.ts';

const facts = { cudaLibrary: '/x/provider.so', missingLibraries: [], cudaDevices: 2 };
const none = { cudaLibrary: null, missingLibraries: [], cudaDevices: 0 };
const gpu = (index: number): NativeCuda['devices'][number] => ({
  index,
  name: `GPU ${index}`,
  computeCapability: '9.0',
  multiprocessors: 132,
  memoryBytes: 8e10,
});
const cuda: NativeCuda = {
  built: true,
  library: '/x/undertone_cuda.so',
  runtimeVersion: '13.0',
  driverVersion: '13.0',
  devices: [gpu(0), gpu(1)],
  reason: null,
};
const broken = { ...cuda, devices: [], reason: 'CUDA is not in this build: there is no library' };

describe('devices', () => {
  it('are all GPUs for auto where models and features both have CUDA', () => {
    const chosen = chooseDevices('auto', facts, () => cuda);
    expect(chosen).toMatchObject({ name: 'cuda', words: ['cuda:0', 'cuda:1'] });
    expect(chosen.record[1]).toEqual({
      device: 'cuda:1',
      ...gpu(1),
      cudaRuntime: '13.0',
      cudaDriver: '13.0',
    });
    expect(chooseDevices('cuda:1', facts, () => cuda).words).toEqual(['cuda:1']);
  });

  it("are the CPU for auto where one half has no CUDA, with that half's reason", () => {
    expect(chooseDevices('auto', facts, () => broken)).toMatchObject({
      words: ['cpu'],
      why: broken.reason,
      record: [{ device: 'cpu' }],
    });
    expect(chooseDevices('auto', none, () => cuda)).toMatchObject({ words: ['cpu'] });
  });

  it('asked for are a contract for both halves', () => {
    expect(() => chooseDevices('cuda', facts, () => broken)).toThrow(broken.reason);
    expect(() => chooseDevices('cuda', none, () => cuda)).toThrow('not in this build');
  });

  it('have as many workers as --workers says, or --streams on each', () => {
    const both = chooseDevices('cuda', facts, () => cuda);
    expect(workersOn(both, 16, undefined)).toBe(16);
    expect(workersOn(both, 16, 3)).toBe(6);
    const cpu = chooseDevices('auto', none, () => cuda);
    expect(workersOn(cpu, 16, undefined)).toBe(16);
    expect(() => workersOn(cpu, 16, 3)).toThrow(
      '--streams 3 asks for workers a GPU, but this run computes on the CPU (CUDA is not in this build: onnxruntime-node has no CUDA provider library): use --workers, or --device cuda',
    );
  });
});

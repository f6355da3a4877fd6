/** The CUDA backend's TypeScript face. What it computes is tested without a GPU by the native tests. */
import { describeCuda } from '@undertone/dsp-native';
import { describe, expect, it } from 'vitest';

describe('describeCuda', () => {
  const cuda = describeCuda();

  it('tells a build without CUDA from a machine without', () => {
    if (!cuda.built) {
      expect(cuda.reason).toMatch(/^CUDA is not in this build: there is no .*undertone_cuda\.so\. /);
      expect(cuda.runtimeVersion).toBeNull();
    } else if (cuda.devices.length === 0) {
      expect(cuda.reason).toMatch(/^CUDA is in this build but not on this machine: /);
      expect(cuda.runtimeVersion).toMatch(/^\d+\.\d+$/);
    } else {
      expect(cuda.reason).toBeNull();
    }
  });

  it('counts devices from 0 and describes each', () => {
    expect(cuda.devices.map(({ index }) => index)).toEqual(cuda.devices.map((_, i) => i));
    for (const device of cuda.devices) {
      expect(device.computeCapability).toMatch(/^\d+\.\d+$/);
      expect(device.memoryBytes).toBeGreaterThan(0);
    }
  });
});

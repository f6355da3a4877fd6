/** The CUDA backend's TypeScript face. What it computes is tested without a GPU by the native tests. */
import { describeCuda, FeaturePlan, featureSet } from '@undertone/dsp-native';
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

describe('a plan on CUDA', () => {
  const cuda = describeCuda();
  const { frontEnd } = featureSet('undertone-logmel-64');
  const messageOf = (act: () => unknown): string => {
    try {
      act();
    } catch (thrown) {
      return (thrown as Error).message;
    }
    return '';
  };

  it.skipIf(cuda.reason === null)('is refused with the reason that describeCuda gives', () => {
    expect(messageOf(() => new FeaturePlan(frontEnd, { name: 'cuda' }))).toBe(cuda.reason);
    expect(() => new FeaturePlan(frontEnd, { name: 'cuda' })).toThrow(
      expect.objectContaining({ code: 'unsupported_device' }),
    );
  });

  it('refuses a backend that there is not', () => {
    expect(messageOf(() => new FeaturePlan(frontEnd, { name: 'metal' } as never))).toBe(
      'Expected the name of a backend of this build but received "metal" of type string',
    );
  });

  it('refuses a memory ceiling that is none', () => {
    expect(messageOf(() => new FeaturePlan(frontEnd, { name: 'cuda', memoryBytes: -1 }))).toMatch(
      /^Expected .* for backend\.memoryBytes but received -1 of type number/,
    );
  });

  it.skipIf(cuda.reason !== null)('gives the bits of the CPU (skipped: no CUDA device)', () => {
    const samples = Float32Array.from({ length: 48000 }, (_, i) => 0.3 * Math.sin(i * i * 1e-5));
    const [expected] = new FeaturePlan(frontEnd).extract([samples]);
    const [found] = new FeaturePlan(frontEnd, { name: 'cuda' }).extract([samples]);
    expect(found).toEqual(expected);
  });
});

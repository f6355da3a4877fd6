/** The machines that compute features. */

/** Which machine computes frames. What needs a whole recording is done on the CPU either way. */
export type FeatureBackend =
  | { readonly name: 'cpu' }
  | {
      readonly name: 'cuda';
      /** Index of the GPU, from 0; 0 when left out. */
      readonly device?: number;
      /** Most memory of the GPU that the plan may take; 256 MiB when left out. */
      readonly memoryBytes?: number;
    };

const BYTES_A_MIB = 2 ** 20;

/**
 * @param device a word for one device: `cpu` or `cuda:<index>`
 * @param gpuMemoryMib most memory of the GPU that the plan may take; null for the backend's default
 */
export function featureBackend(device: string | undefined, gpuMemoryMib: number | null): FeatureBackend {
  const index = /^cuda:(\d+)$/.exec(device ?? 'cpu')?.[1];
  if (index === undefined) return { name: 'cpu' };
  const memory = gpuMemoryMib === null ? {} : { memoryBytes: gpuMemoryMib * BYTES_A_MIB };
  return { name: 'cuda', device: Number(index), ...memory };
}

/** Where a recording's matrix lies: under the recording's own path, so that a person finds it. */
import type { ManifestRecord } from '@undertone/shared';

/** What Linux file systems allow, in bytes. */
const MAX_NAME_BYTES = 255;
const MAX_PATH_BYTES = 4095;
/** Kept free in a path for the output folder. */
const OUT_BYTES = 1024;

/**
 * @returns path under the output folder. A name that would be too long with its suffix is cut and told apart by the
 * record's id; a path that would be too long is replaced by the id.
 */
export function npyName({ file, id }: Pick<ManifestRecord, 'file' | 'id'>, channel: number | null): string {
  const suffix = `${channel === null ? '' : `.channel${channel}`}.npy`;
  const path = file.slice(2);
  if (Buffer.byteLength(path) > MAX_PATH_BYTES - OUT_BYTES) return `npy/${id}${suffix}`;
  const slash = path.lastIndexOf('/') + 1;
  return `npy/${path.slice(0, slash)}${fitting(path.slice(slash), `~${id}`, suffix)}`;
}

function fitting(name: string, mark: string, suffix: string): string {
  if (Buffer.byteLength(name + suffix) <= MAX_NAME_BYTES) return name + suffix;
  let kept = name;
  while (Buffer.byteLength(kept + mark + suffix) > MAX_NAME_BYTES) kept = [...kept].slice(0, -1).join('');
  return kept + mark + suffix;
}

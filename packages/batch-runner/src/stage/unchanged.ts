/** Whether a recording is still the one that was planned. */
import { type Stats, statSync } from 'node:fs';
import type { ManifestRecord } from '@undertone/shared';
import type { RecordFailure } from './failure.js';

/**
 * A recording that is written or replaced while the run goes on is not what its id says. Asked before and after it is
 * decoded, so that no row mixes two contents unnoticed; the next run finds the new size or time and does it again.
 * @returns null when nothing changed; also when there is no file any more: what was open stays readable
 */
export function changeOf(record: ManifestRecord): RecordFailure | null {
  const now = record.scanError ? null : statOrNull(record.path);
  if (!now) return null;
  if (now.size !== record.bytes) {
    const message = `The file changed during the run: ${record.bytes} bytes when scanned, ${now.size} now`;
    return { code: 'changed', message };
  }
  if (Math.trunc(now.mtimeMs) === record.mtimeMs) return null;
  return { code: 'changed', message: 'The file changed during the run: its time of change is another one' };
}

function statOrNull(path: string | Uint8Array): Stats | null {
  try {
    return statSync(typeof path === 'string' ? path : Buffer.from(path));
  } catch {
    return null;
  }
}

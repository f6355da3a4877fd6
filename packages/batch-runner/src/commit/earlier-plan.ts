/** What a new plan has in common with the one found in the output folder. */
import { UndertoneError } from '@undertone/shared';
import type { CompactManifest } from '../manifest/manifest.js';
import { planEntries } from './plan-file.js';

export interface Changes {
  readonly same: number;
  /** Another size or time of change. */
  readonly changed: number;
  readonly added: number;
  readonly gone: number;
}

/**
 * Compares the recordings with those of the earlier plan, and takes over the seconds of those that are the same.
 * @returns null when there is no earlier plan, or only a damaged one; `known` says whose seconds were taken over
 */
export function compareWithEarlier(
  out: string,
  manifest: CompactManifest,
): { changes: Changes; known: Uint8Array } | null {
  const known = new Uint8Array(manifest.count);
  const seconds = new Float64Array(manifest.count);
  const changes = { same: 0, changed: 0, added: 0, gone: 0 };
  let at = 0;
  try {
    const earlier = planEntries(out);
    if (!earlier) return null;
    for (const entry of earlier) {
      let order = -1;
      // Both are in path order.
      while (at < manifest.count && order < 0) {
        order = Buffer.compare(manifest.entry(at).path, entry.path);
        if (order < 0) {
          changes.added += 1;
          at += 1;
        }
      }
      if (at >= manifest.count || order > 0) {
        changes.gone += 1;
        continue;
      }
      const now = manifest.entry(at);
      const same = now.bytes === entry.bytes && now.mtimeMs === entry.mtimeMs && !now.error && !entry.error;
      if (same) {
        changes.same += 1;
        seconds[at] = entry.estimatedSeconds;
        known[at] = 1;
      } else changes.changed += 1;
      at += 1;
    }
  } catch {
    // A plan that a power cut has damaged tells nothing: this one is made without it.
    return null;
  }
  changes.added += manifest.count - at;
  manifest.setSeconds(0, seconds);
  return { changes, known };
}

/** @throws UndertoneError usage when not one recording is of the earlier plan: its tables would be lost */
export function refuseOtherRecordings(out: string, { same, changed, gone }: Changes): void {
  if (same + changed > 0 || gone === 0) return;
  throw new UndertoneError(
    'usage',
    '--out',
    `"${out}" holds a run of ${gone} other recordings, none of which is among these: use another --out folder`,
  );
}

/** The digest of everything, besides the recordings, that can change a row. */
import { canonicalJson, sha256Hex } from '@undertone/shared';

/** Flat, so that a difference can be named. */
export type FingerprintParts = Readonly<Record<string, string | number | null>>;

export const fingerprintOf = (parts: FingerprintParts): string => sha256Hex(canonicalJson(parts));

/** One clause for each setting that differs, e.g. `hop (was 1.5, now 1)`. */
export function differences(was: FingerprintParts, now: FingerprintParts): string[] {
  // Runs of two commands have nothing else to compare.
  if (was.command !== now.command) return [`command (was ${show(was.command)}, now ${show(now.command)})`];
  const keys = [...new Set([...Object.keys(was), ...Object.keys(now)])].sort();
  return keys
    .filter((key) => was[key] !== now[key])
    .map((key) => `${key} (was ${show(was[key])}, now ${show(now[key])})`);
}

const show = (value: string | number | null | undefined): string =>
  value === undefined || value === null
    ? 'unset'
    : String(value).replace(/\b[0-9a-f]{64}\b/g, (digest) => digest.slice(0, 12));

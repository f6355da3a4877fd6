/** The file system as the scan sees it: shown paths in, plain answers out. */
import { realpathSync, type Stats, statSync } from 'node:fs';
import { shownName, systemPath } from '@undertone/shared';

/** The system's words without the call and its path: absolute paths have no place in tables that machines share. */
export function systemReason(thrown: unknown): string {
  const { code, message } = thrown as NodeJS.ErrnoException;
  if (code === 'EACCES' || code === 'EPERM') return 'permission denied';
  return message.replace(/^[A-Z0-9]+: /, '').replace(/, \w+( '[\s\S]*)?$/, '');
}

/** Follows links. null when there is nothing, or nothing that can be looked at. */
export function statOrNull(path: string): Stats | null {
  try {
    return statSync(systemPath(path), { throwIfNoEntry: false }) ?? null;
  } catch {
    return null;
  }
}

/** With every link resolved. @throws the system's error */
export const realPath = (path: string): string =>
  shownName(realpathSync.native(systemPath(path), { encoding: 'buffer' }));

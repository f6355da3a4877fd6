/** What a thrown value means for one recording, and what it means for the run. */
import {
  isRecordErrorCode,
  isSystemError,
  type ManifestRecord,
  type RecordErrorCode,
  toErrorData,
} from '@undertone/shared';
import { changeOf } from './unchanged.js';

export interface RecordFailure {
  readonly code: RecordErrorCode;
  readonly message: string;
}

/**
 * @returns null when the failure is not the recording's (a full disk, a stop request): it must end the shard instead.
 * A file that shrinks while it is read looks cut or broken, but that is not what it is: `changed` comes first.
 */
export function recordFailure(thrown: unknown, record: ManifestRecord): RecordFailure | null {
  const failure = ownFailure(thrown, record.file);
  return failure && (changeOf(record) ?? failure);
}

function ownFailure(thrown: unknown, file: string): RecordFailure | null {
  if (isSystemError(thrown)) return null;
  const { code, message } = toErrorData(thrown, file);
  if (isRecordErrorCode(code)) return { code, message };
  // The decoder's only usage error is a channel that the recording does not have.
  if (code === 'usage') return { code: 'not_found', message };
  if (code === 'internal' && thrown instanceof Error) {
    return { code: 'crash', message: `Processing failed: ${message}` };
  }
  return null;
}

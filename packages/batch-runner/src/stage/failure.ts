/** What a thrown value means for one recording, and what it means for the run. */
import { isRecordErrorCode, type RecordErrorCode, toErrorData } from '@undertone/shared';

export interface RecordFailure {
  readonly code: RecordErrorCode;
  readonly message: string;
}

/** @returns null when the failure is not the recording's (a full disk, a stop request): it must end the shard instead */
export function recordFailure(thrown: unknown, file: string): RecordFailure | null {
  const { code, message } = toErrorData(thrown, file);
  if (isRecordErrorCode(code)) return { code, message };
  // The decoder's only usage error is a channel that the recording does not have.
  if (code === 'usage') return { code: 'not_found', message };
  if (code === 'internal' && thrown instanceof Error) {
    return { code: 'crash', message: `Processing failed: ${message}` };
  }
  return null;
}

/**
 * The one error class and its closed list of codes.
 *
 * Errors cross thread and process borders as data (`toErrorData` / `fromErrorData`), because a posted
 * Error subclass loses its class, code and fields.
 */

/** Codes that name the fate of one recording; they appear in the `error_code` column of the tables. */
export const RECORD_ERROR_CODES = [
  'not_found',
  'unreadable',
  'changed',
  'unsupported_codec',
  'corrupt',
  'truncated',
  'empty',
  'too_short',
  'timeout',
  'out_of_memory',
  'crash',
  'model_error',
] as const;

/** Codes that end a command rather than a record. */
export const COMMAND_ERROR_CODES = [
  'usage',
  'invalid_card',
  'digest_mismatch',
  'unsupported_device',
  'no_native_build',
  'fingerprint_mismatch',
  'corrupt_output',
  'output_unwritable',
  'interrupted',
  'runner_crash',
  'incomplete',
  'internal',
] as const;

export type RecordErrorCode = (typeof RECORD_ERROR_CODES)[number];
export type CommandErrorCode = (typeof COMMAND_ERROR_CODES)[number];
export type ErrorCode = RecordErrorCode | CommandErrorCode;

const allCodes: ReadonlySet<string> = new Set([...RECORD_ERROR_CODES, ...COMMAND_ERROR_CODES]);
const recordCodes: ReadonlySet<string> = new Set(RECORD_ERROR_CODES);

export interface ErrorData {
  readonly code: ErrorCode;
  /** What the error is about: a file, a flag, a setting's dotted path. */
  readonly subject: string;
  readonly message: string;
}

export class UndertoneError extends Error {
  readonly code: ErrorCode;
  readonly subject: string;

  constructor(code: ErrorCode, subject: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'UndertoneError';
    this.code = code;
    this.subject = subject;
  }
}

export function isRecordErrorCode(code: string): code is RecordErrorCode {
  return recordCodes.has(code);
}

/** Any thrown value as plain data. A native error carries its status code as `code`; anything unknown is `internal`. */
export function toErrorData(thrown: unknown, subject: string): ErrorData {
  if (thrown instanceof UndertoneError) {
    return { code: thrown.code, subject: thrown.subject || subject, message: thrown.message };
  }
  if (thrown instanceof Error) {
    const code = (thrown as Error & { code?: unknown }).code;
    if (typeof code === 'string' && allCodes.has(code)) {
      return { code: code as ErrorCode, subject, message: thrown.message };
    }
    return { code: fileSystemCode(code) ?? 'internal', subject, message: thrown.message };
  }
  return { code: 'internal', subject, message: String(thrown) };
}

export function fromErrorData(data: ErrorData): UndertoneError {
  return new UndertoneError(data.code, data.subject, data.message);
}

/**
 * Trouble with the output folder is never a recording's. Recordings are read by the decoder, whose errors have codes of their
 * own: an error of the system where rows are made, committed and merged is the output's, whatever it is (no room, a
 * quota, a limit on file sizes, a folder that went away).
 * @returns output_unwritable for the system's errors; any other as it is
 */
export function asOutputTrouble(thrown: unknown, folder: string): unknown {
  return isSystemError(thrown)
    ? new UndertoneError('output_unwritable', folder, thrown.message, { cause: thrown })
    : thrown;
}

export const isSystemError = (thrown: unknown): thrown is Error =>
  thrown instanceof Error &&
  // DuckDB's have no code.
  ('syscall' in thrown || /^IO Error: /.test(thrown.message));

function fileSystemCode(code: unknown): ErrorCode | undefined {
  switch (code) {
    case 'ENOENT':
    case 'ENOTDIR':
      return 'not_found';
    case 'EACCES':
    case 'EPERM':
    case 'EISDIR':
    case 'EIO':
    case 'ELOOP':
    case 'ENAMETOOLONG':
      return 'unreadable';
    case 'ENOSPC':
    case 'EROFS':
    case 'EDQUOT':
      return 'output_unwritable';
    default:
      return undefined;
  }
}

/** The one message form for a bad setting: the name, the bad value and what is allowed are always shown. */
export function expectation(what: string, path: string, received: unknown): string {
  const type = received === null ? 'null' : Array.isArray(received) ? 'array' : typeof received;
  const shown = received === undefined ? 'nothing' : (JSON.stringify(received) ?? String(received));
  const ofType = received === undefined ? '' : ` of type ${type}`;
  return `Expected ${what} for ${path} but received ${shown}${ofType}`;
}

/** Exit codes (sysexits.h), and which error ends with which. */
import { type ErrorCode, isRecordErrorCode } from '@undertone/shared';

export const EXIT = {
  done: 0,
  /** Wrong use: a flag, an input, a card, settings that do not fit the run found in --out. */
  usage: 64,
  /** Everything committed, but more records failed than --max-error-share allows. */
  tooManyErrors: 65,
  /** A defect of the program or its installation. */
  software: 70,
  /** Try again: interrupted, disk full. */
  tryAgain: 75,
} as const;

export function exitCodeOf(code: ErrorCode): number {
  switch (code) {
    case 'usage':
    case 'invalid_card':
    case 'digest_mismatch':
    case 'unsupported_device':
    case 'fingerprint_mismatch':
    case 'corrupt_output':
      return EXIT.usage;
    case 'interrupted':
    case 'incomplete':
    case 'output_unwritable':
      return EXIT.tryAgain;
    default:
      // `inspect` ends with the error of the one recording it was asked about.
      return isRecordErrorCode(code) ? EXIT.tooManyErrors : EXIT.software;
  }
}

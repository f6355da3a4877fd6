/** The exit code of a finished execution, and the sentence that explains one other than 0. */
import type { Supervised } from '../supervisor/supervise.js';
import { EXIT } from './exit-codes.js';

export function outcome(
  { errors, records }: Pick<Supervised, 'errors' | 'records'>,
  maxErrorShare: number,
  says = 'errors.csv',
): number {
  if (errors <= maxErrorShare * records) return EXIT.done;
  process.stderr.write(
    `${errors} of ${records} recordings failed, more than --max-error-share ${maxErrorShare} allows; ${says} says why\n`,
  );
  return EXIT.tooManyErrors;
}

/** What becomes of a run when nobody can be told about it any more. */
import { EXIT } from './exit-codes.js';

/** Commands whose standard output is a side of them at most: their result is in files. */
const RESULT_IN_FILES: ReadonlySet<string> = new Set(['run', 'features']);

/**
 * A reader that went away (`| head`) ends a command in silence; standard output that cannot be written ends it with a
 * sentence. Messages, progress and events that cannot be shown never end a run that goes on in the night.
 */
export function guardStandardStreams(verb: string): void {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (RESULT_IN_FILES.has(verb)) return;
    if (error.code === 'EPIPE') process.exit(EXIT.done);
    process.stderr.write(`Standard output cannot be written: ${error.message}\n`);
    process.exit(EXIT.tryAgain);
  });
  process.stderr.on('error', () => undefined);
}

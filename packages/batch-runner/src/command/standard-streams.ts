/** What becomes of a run when nobody can be told about it any more. */
import { EXIT } from './exit-codes.js';

/**
 * A reader that went away (`| head`) ends a command in silence; standard output that cannot be written ends it with a
 * sentence. Messages and progress that cannot be shown never end a run that goes on in the night.
 */
export function guardStandardStreams(): void {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(EXIT.done);
    process.stderr.write(`Standard output cannot be written: ${error.message}\n`);
    process.exit(EXIT.tryAgain);
  });
  process.stderr.on('error', () => undefined);
}

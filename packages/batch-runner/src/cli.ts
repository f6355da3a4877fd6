/** The command line: one program, one file a verb. Wrong use ends with one sentence and exit 64. */
import { dropAhead, forkAhead } from './supervisor/ahead.js';

const [verb = '', ...rest] = process.argv.slice(2);
// Paths on standard input are read first, and help needs no runner.
const early = !rest.some((word) => ['-', '--help', '-h', '--list'].includes(word));
if ((verb === 'run' || verb === 'features') && early) forkAhead(verb);

const { main } = await import('./command/program.js');
try {
  process.exitCode = await main(verb);
} finally {
  dropAhead();
}

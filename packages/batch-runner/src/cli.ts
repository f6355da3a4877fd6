/** The command line: one program, one file a verb. Wrong use ends with one sentence and exit 64. */
import { toErrorData } from '@undertone/shared';
import { Command, CommanderError } from 'commander';
import { addBench } from './command/bench.js';
import { addDoctor } from './command/doctor.js';
import { EXIT, exitCodeOf } from './command/exit-codes.js';
import { addFeatures } from './command/features.js';
import { addInspect } from './command/inspect.js';
import { addModels } from './command/models.js';
import { addRun } from './command/run.js';
import { VERSION } from './version.js';

const program = new Command('undertone')
  .description('Batch labelling of emotion in speech: recordings in, tables out')
  .version(VERSION)
  .exitOverride()
  .configureHelp({ helpWidth: 120 })
  .configureOutput({ outputError: (text, write) => write(text.replace(/^error: /, '')) });

for (const add of [addRun, addFeatures, addInspect, addModels, addDoctor, addBench]) add(program);

try {
  await program.parseAsync();
} catch (thrown) {
  if (thrown instanceof CommanderError) {
    // Commander has printed its sentence; help and version are no errors.
    process.exitCode = thrown.exitCode === 0 ? EXIT.done : EXIT.usage;
  } else {
    const { code, message } = toErrorData(thrown, 'undertone');
    process.stderr.write(`${message}\n`);
    if (code === 'internal' && thrown instanceof Error && thrown.stack)
      process.stderr.write(`${thrown.stack}\n`);
    process.exitCode = exitCodeOf(code);
  }
}

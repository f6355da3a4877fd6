/** The verbs, and how a command that fails ends. */
import { toErrorData } from '@undertone/shared';
import { Command, CommanderError } from 'commander';
import { VERSION } from '../version.js';
import { EXIT, exitCodeOf } from './exit-codes.js';
import { guardStandardStreams } from './standard-streams.js';

type Add = (program: Command) => void;

/** In the order of the help. Each loads when it is asked for: `run` must not wait for what only `bench` needs. */
const VERBS: Readonly<Record<string, () => Promise<Add>>> = {
  run: async () => (await import('./run.js')).addRun,
  features: async () => (await import('./features.js')).addFeatures,
  label: async () => (await import('./label.js')).addLabel,
  eval: async () => (await import('./eval.js')).addEval,
  explore: async () => (await import('./explore.js')).addExplore,
  verify: async () => (await import('./verify.js')).addVerify,
  merge: async () => (await import('./merge.js')).addMerge,
  inspect: async () => (await import('./inspect.js')).addInspect,
  models: async () => (await import('./models.js')).addModels,
  doctor: async () => (await import('./doctor.js')).addDoctor,
  bench: async () => (await import('./bench.js')).addBench,
  summary: async () => (await import('./summary.js')).addSummary,
  export: async () => (await import('./export.js')).addExport,
};

/**
 * @param verb the first word of the command line
 * @returns the exit code
 */
export async function main(verb: string): Promise<number> {
  guardStandardStreams(verb);
  const program = new Command('undertone')
    .description('Batch labelling of emotion in speech: recordings in, tables out')
    .version(VERSION)
    .exitOverride()
    .configureHelp({ helpWidth: 120 })
    .configureOutput({ outputError: (text, write) => write(text.replace(/^error: /, '')) });
  const one = Object.hasOwn(VERBS, verb) ? VERBS[verb] : undefined;
  for (const load of one ? [one] : Object.values(VERBS)) (await load())(program);
  try {
    await program.parseAsync();
    return Number(process.exitCode ?? EXIT.done);
  } catch (thrown) {
    // Commander has printed its sentence; help and version are no errors.
    if (thrown instanceof CommanderError) return thrown.exitCode === 0 ? EXIT.done : EXIT.usage;
    const { code, message } = toErrorData(thrown, 'undertone');
    process.stderr.write(`${message}\n`);
    if (code === 'internal' && thrown instanceof Error && thrown.stack)
      process.stderr.write(`${thrown.stack}\n`);
    return exitCodeOf(code);
  }
}

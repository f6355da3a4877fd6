/** `undertone doctor`: what this machine and this build can do. */
import { cpus, totalmem } from 'node:os';
import { describeBuild } from '@undertone/dsp-native';
import { chooseProviders, deviceOf, probeMachine, runtimeFolder } from '@undertone/inference';
import type { Command } from 'commander';
import { VERSION } from '../version.js';

export function addDoctor(program: Command): void {
  program
    .command('doctor')
    .summary('tell what this machine and build can do')
    .option('--json', 'print JSON')
    .action((flags: { json?: boolean }) => {
      const facts = diagnose();
      process.stdout.write(
        flags.json
          ? `${JSON.stringify(facts, null, 2)}\n`
          : `${Object.entries(facts)
              .map(([name, value]) => `${name.padEnd(18)} ${Array.isArray(value) ? value.join(', ') : value}`)
              .join('\n')}\n`,
      );
    });
}

function diagnose(): Record<string, string | number | readonly string[]> {
  const build = describeBuild();
  const facts = probeMachine(runtimeFolder());
  const auto = chooseProviders('auto', facts);
  return {
    undertone: VERSION,
    node: process.versions.node,
    cpu: `${cpus()[0]?.model ?? 'unknown'}, ${cpus().length} cores`,
    memory: `${(totalmem() / 2 ** 30).toFixed(1)} GiB`,
    instructionSets: build.instructionSets,
    instructionSet: `${build.instructionSet} (${build.lanes} frames a tile; UNDERTONE_ISA chooses another)`,
    backends: build.backends,
    compiler: build.compiler,
    ffmpeg: build.ffmpeg,
    codecs: ['wav (own reader)', ...build.codecs],
    cudaProvider: facts.cudaLibrary ?? 'not in this build of onnxruntime-node (npm run gpu:setup)',
    cudaMissing: facts.missingLibraries.length > 0 ? facts.missingLibraries : 'nothing',
    cudaDevices: facts.cudaDevices,
    deviceAuto: `${auto.providers.map(deviceOf).join(', ')}: ${auto.why}`,
  };
}

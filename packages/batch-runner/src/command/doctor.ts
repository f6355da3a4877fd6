/** `undertone doctor`: what this machine and this build can do. */
import { cpus, totalmem } from 'node:os';
import { describeBuild, describeCuda } from '@undertone/dsp-native';
import { probeMachine, runtimeFolder } from '@undertone/inference';
import type { Command } from 'commander';
import { chooseDevices } from '../devices.js';
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
  const cuda = describeCuda();
  const auto = chooseDevices('auto', facts, () => cuda);
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
    cudaFeatures: cuda.reason ?? `CUDA ${cuda.runtimeVersion}, ${cuda.library}`,
    cudaModels: facts.cudaLibrary ?? 'not in this build: npm run gpu:setup',
    cudaMissing: facts.missingLibraries.length > 0 ? facts.missingLibraries : 'nothing',
    cudaDriver: cuda.driverVersion ?? 'none',
    cudaDevices:
      cuda.devices.length > 0
        ? cuda.devices.map(
            (one) =>
              `cuda:${one.index} ${one.name} (${one.computeCapability}, ${(one.memoryBytes / 2 ** 30).toFixed(0)} GiB)`,
          )
        : 'none',
    deviceAuto: `${auto.words.join(', ')}: ${auto.why}`,
  };
}

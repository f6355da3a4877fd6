/** --device cuda without a GPU: the CUDA library of the tests computes on the host what the kernels compute on a device. */
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describeCuda } from '@undertone/dsp-native';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readBytes, start } from './cli.ts';

const recording = fileURLToPath(new URL('../fixtures/speech/librivox-16k.wav', import.meta.url));
const emulated = fileURLToPath(
  new URL('../../packages/dsp-native/build/Release/undertone_cuda_emulated.so', import.meta.url),
);
let work = '';
beforeAll(async () => {
  work = await mkdtemp(join(tmpdir(), 'undertone-cuda-'));
});
afterAll(() => rm(work, { recursive: true }));

async function features(name: string, flags: readonly string[], library = emulated) {
  const out = join(work, name);
  const args = ['features', recording, '--set', 'kaldi-mfcc-13', '--formats', 'csv', '--out', out, ...flags];
  const { exitCode, stderr } = await start(args, { env: { UNDERTONE_CUDA_LIBRARY: library } });
  return { out, code: exitCode, stderr: String(stderr) };
}

describe('features --device cuda', () => {
  it('gives the tables of the CPU, and run.json names the device', async () => {
    const cpu = await features('cpu', []);
    const cuda = await features('cuda', ['--device', 'cuda:0', '--gpu-memory', '4', '--streams', '1']);
    expect(cuda.code, cuda.stderr).toBe(0);
    expect(readBytes(cuda.out, 'features.csv')).toBe(readBytes(cpu.out, 'features.csv'));
    // Instruction sets without fused multiply-adds round differently from CUDA.
    if (process.arch === 'x64' && readFileSync('/proc/cpuinfo', 'utf8').includes('avx2'))
      expect(readBytes(cuda.out, 'frames.csv') === readBytes(cpu.out, 'frames.csv')).toBe(true);
    expect(readBytes(cuda.out, 'run.json')).toContain('"cuda:0"');
    expect(readBytes(cuda.out, 'run.json')).toContain('emulation on the host, no GPU');
  });

  it.each([
    [
      ['--device', 'gpu'],
      'Expected cpu, cuda or cuda:<index>[,<index>…] for --device but received "gpu" of type string',
    ],
    [['--device', 'cuda:7'], 'The device cuda:7 is not on this machine: it has 1 CUDA device(s)'],
    [['--gpu-memory', '1'], 'for --gpu-memory but received 1 of type number'],
    [['--streams', '2'], '--streams 2 asks for workers a GPU, but this run computes on the CPU'],
  ])('refuses %j', async (flags, message) => {
    const { code, stderr } = await features('refused', flags);
    expect(stderr).toContain(message);
    expect(code).toBe(64);
  });

  it('refuses a set that only the CPU computes, by the name of the feature', async () => {
    const { code, stderr } = await features('tonal', ['--device', 'cuda', '--set', 'reference-178']);
    expect(stderr).toMatch(/Expected a feature that the CUDA backend computes for .* but received "chroma/);
    expect(code).toBe(64);
  });

  it('says that a build has no CUDA', async () => {
    const { code, stderr } = await features('none', ['--device', 'cuda'], '/nowhere/undertone_cuda.so');
    expect(stderr).toContain('CUDA is not in this build: there is no /nowhere/undertone_cuda.so');
    expect(code).toBe(64);
  });

  it.skipIf(describeCuda().reason === null)('says that a machine has no CUDA', async () => {
    const { reason, library } = describeCuda();
    const { code, stderr } = await features('machine', ['--device', 'cuda'], library);
    expect(stderr).toContain(reason);
    expect(code).toBe(64);
  });
});

describe('bench features --device cuda', () => {
  const bench = (flags: readonly string[]) =>
    start(['bench', 'features', '--set', 'kaldi-mfcc-13', '--seconds', '0.1', '--repeats', '1', ...flags], {
      env: { UNDERTONE_CUDA_LIBRARY: emulated },
    });

  it('tells figures on the device from those of host to host', async () => {
    const json = join(work, 'figures.json');
    const { exitCode, stdout, stderr } = await bench(['--device', 'cuda', '--json', json]);
    expect(exitCode, String(stderr)).toBe(0);
    expect(stdout).toMatch(/^cuda:0 .*\nkaldi-mfcc-13 +on the device .* host to host .*$/);
    const { rows } = JSON.parse(readBytes(json)) as { rows: Record<string, number>[] };
    expect(rows[0]?.residentFramesPerSecond).toBeGreaterThan(0);
    expect(rows[0]?.hostToHostShareOfCopy).toBeGreaterThan(0);
  });

  it('refuses flags of the CPU', async () => {
    const { exitCode, stderr } = await bench(['--device', 'cuda', '--isa', 'all']);
    expect(stderr).toContain('Expected no --isa beside --device cuda');
    expect(exitCode).toBe(64);
  });
});

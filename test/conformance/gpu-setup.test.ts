// What `npm run gpu:setup` does and says, short of a GPU: with real archives, a real server and real shared libraries.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { missingLibraries } from '@undertone/inference';
import AdmZip from 'adm-zip';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { root } from '../../.ci/base.mjs';
import {
  cuda13Wheel,
  download,
  driverCudaMajor,
  explainMissing,
  linkLibraries,
  parseOptions,
  providerFiles,
  takeProviderFrom,
} from '../../.ci/gpu-setup.mjs';

let folder: string;
const at = (...names: string[]): string => path.join(folder, ...names);

beforeAll(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'undertone-gpu-setup-'));
});
afterAll(() => fs.rmSync(folder, { recursive: true, force: true }));

function archive(name: string, files: Record<string, string>): string {
  const zip = new AdmZip();
  for (const [file, content] of Object.entries(files)) zip.addFile(file, Buffer.from(content));
  zip.writeZip(at(name));
  return at(name);
}

const libraries = (prefix: string): Record<string, string> =>
  Object.fromEntries(providerFiles.map((name) => [`${prefix}/${name}`, `bytes of ${name}`]));

describe('options', () => {
  test('nothing is needed', () => {
    expect(parseOptions([])).toEqual({ cuda: undefined, from: undefined, libraries: [] });
    expect(parseOptions(['--cuda', '12', '--libraries', 'a', '--libraries', 'b'])).toEqual({
      cuda: '12',
      from: undefined,
      libraries: ['a', 'b'],
    });
  });

  test.each([
    [['--cuda', '11'], 'Expected 12 or 13 for --cuda but received "11" of type string'],
    [['--gpu'], "Unknown option '--gpu'. Use: npm run gpu:setup"],
  ])('%j is refused', (args, message) => {
    expect(() => parseOptions(args)).toThrow(message);
  });

  test('the driver tells its newest CUDA', () => {
    expect(driverCudaMajor('| Driver Version: 580.159.04     CUDA Version: 13.0     |')).toBe('13');
    expect(driverCudaMajor('')).toBeUndefined();
  });
});

describe('the provider', () => {
  const bin = (): string => fs.mkdtempSync(at('bin-'));
  const placed = (target: string): string[] => fs.readdirSync(target).sort();

  test.each([
    [
      'a wheel',
      'good.whl',
      { ...libraries('onnxruntime/capi'), 'onnxruntime_gpu-1.30.0.dist-info/METADATA': '' },
    ],
    [
      'a NuGet package',
      'good.nupkg',
      { ...libraries('runtimes/linux-x64/native'), 'Gpu.Linux.nuspec': '<version>1.30.0</version>' },
    ],
  ])('comes from %s', async (_what, name, files) => {
    const target = bin();
    await takeProviderFrom(archive(name, files), target, '1.30.0');
    expect(placed(target)).toEqual([...providerFiles].sort());
    expect(fs.readFileSync(path.join(target, providerFiles[0] ?? ''), 'utf8')).toBe(
      `bytes of ${providerFiles[0]}`,
    );
  });

  test('comes from a folder', async () => {
    const from = fs.mkdtempSync(at('from-'));
    for (const name of providerFiles) fs.writeFileSync(path.join(from, name), 'x');
    const target = bin();
    await takeProviderFrom(from, target, '1.30.0');
    expect(placed(target)).toEqual([...providerFiles].sort());
  });

  test.each([
    ['what is not there', () => at('none.whl'), 'does not exist: give --from a wheel'],
    ['an empty folder', () => fs.mkdtempSync(at('empty-')), `does not hold ${providerFiles.join(' and ')}`],
    ['an archive without it', () => archive('other.whl', { 'a.py': '' }), 'it is no onnxruntime-gpu wheel'],
    [
      'another version',
      () => archive('old.whl', { ...libraries('x'), 'onnxruntime_gpu-1.29.0.dist-info/METADATA': '' }),
      'is onnxruntime 1.29.0 but onnxruntime-node is 1.30.0: fetch version 1.30.0 of it',
    ],
  ])('is refused: %s', async (_what, from, message) => {
    const target = bin();
    await expect(takeProviderFrom(from(), target, '1.30.0')).rejects.toThrow(message);
    expect(placed(target)).toEqual([]);
  });

  test('is refused: no archive', async () => {
    fs.writeFileSync(at('torn.whl'), 'PK torn');
    await expect(takeProviderFrom(at('torn.whl'), bin(), '1.30.0')).rejects.toThrow('is no zip archive');
  });

  test('the pinned wheel is that of the pinned onnxruntime-node', () => {
    const manifest = JSON.parse(fs.readFileSync(path.join(root, 'packages/inference/package.json'), 'utf8'));
    expect(cuda13Wheel.version).toBe(manifest.dependencies['onnxruntime-node']);
    expect(cuda13Wheel.url).toContain(`onnxruntime_gpu-${cuda13Wheel.version}-`);
  });
});

describe('fetching', () => {
  let server: http.Server;
  let base: string;
  const body = 'the wheel';
  const sha256 = createHash('sha256').update(body).digest('hex');

  beforeAll(async () => {
    server = http.createServer((request, answer) => {
      answer.statusCode = request.url === '/wheel' ? 200 : 404;
      answer.end(body);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterAll(() => server.close());

  test('keeps what has the pinned digest', async () => {
    await download({ url: `${base}/wheel`, sha256 }, at('fetched.whl'));
    expect(fs.readFileSync(at('fetched.whl'), 'utf8')).toBe(body);
  });

  test.each([
    [
      'a server that has it not',
      '/gone',
      sha256,
      'could not be fetched (the server answered 404): fetch http',
    ],
    ['another digest', '/wheel', '0'.repeat(64), `has the digest ${sha256} and not 000`],
  ])('is refused: %s', async (_what, url, digest, message) => {
    await expect(download({ url: base + url, sha256: digest }, at('bad.whl'))).rejects.toThrow(message);
    expect(fs.existsSync(at('bad.whl'))).toBe(false);
  });

  test('is refused: no network', async () => {
    const wheel = { url: 'http://127.0.0.1:1/wheel', sha256 };
    await expect(download(wheel, at('bad.whl'))).rejects.toThrow(
      /could not be fetched \(.+\): fetch .* where there is a network and run "npm run gpu:setup -- --from/,
    );
  });
});

describe('the libraries that the provider needs', () => {
  /** provider.so needs libundertone_blas.so.1, which opens libundertone_dnn.so.9 later. */
  function compile(): { provider: string; wheels: string } {
    const wheels = at('wheels');
    fs.mkdirSync(path.join(wheels, 'nvidia/lib'), { recursive: true });
    const made = (file: string, ...args: string[]): string => {
      execFileSync('g++', ['-shared', '-fPIC', '-x', 'c++', '/dev/null', '-o', file, ...args]);
      return file;
    };
    const blas = made(
      path.join(wheels, 'nvidia/lib/libundertone_blas.so.1'),
      '-Wl,-soname,libundertone_blas.so.1',
    );
    made(path.join(wheels, 'nvidia/lib/libundertone_dnn.so.9'));
    return { provider: made(at('provider.so'), '-Wl,--no-as-needed', '-x', 'none', blas), wheels };
  }

  test('are named while they are missing, and found once they are linked', () => {
    const { provider, wheels } = compile();
    const links = at('links');
    const later = ['libundertone_dnn.so.9'];
    const env = { ...process.env, LD_LIBRARY_PATH: links };
    const missing = missingLibraries(provider, env, later);
    expect(missing).toEqual(['libundertone_blas.so.1', 'libundertone_dnn.so.9']);
    linkLibraries(missing, [at('nowhere'), wheels], links);
    expect(missingLibraries(provider, env, later)).toEqual([]);
  });

  test.each([
    [
      ['libcublas.so.13', 'libcuda.so.1'],
      '13',
      'CUDA libraries are missing (libcublas.so.13): install CUDA 13',
    ],
    [['libcudnn.so.9'], '12', 'cuDNN 9 is missing (libcudnn.so.9): install CUDA 12 and cuDNN 9'],
    [['libcuda.so.1'], '13', 'The NVIDIA driver is missing (libcuda.so.1): install it'],
  ])('%j: what to do is one sentence', (missing, cuda, sentence) => {
    const said = explainMissing(missing, cuda);
    expect(said).toContain(sentence);
    expect(said.split('\n')).toHaveLength(1);
  });
});

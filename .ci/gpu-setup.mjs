// `npm run gpu:setup`: puts onnxruntime's CUDA provider beside the pinned onnxruntime-node, finds the CUDA libraries that
// it needs, and labels a trial input on the GPU. Nothing of this belongs to the default install.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { childEnv, isMain, newLog, root, runLogged, runMain, SetupError, stateDir, step } from './base.mjs';

export const providerFiles = ['libonnxruntime_providers_cuda.so', 'libonnxruntime_providers_shared.so'];

/** Where the provider for CUDA 13 comes from: the wheel of the same onnxruntime. For CUDA 12 the package fetches its own. */
export const cuda13Wheel = {
  version: '1.30.0',
  url: 'https://files.pythonhosted.org/packages/ea/71/b225bd559a718f6cefb058d4f4c4c95e556543f47d4be0e81819681ac347/onnxruntime_gpu-1.30.0-cp311-cp311-manylinux_2_28_x86_64.whl',
  sha256: '4fbf0c5d7b5fb99266c2e8a802e3e64af68bdc383e0f3c7349b985f1087eedaa',
};

const usage = 'npm run gpu:setup -- [--cuda 12|13] [--from <wheel, nupkg or folder>] [--libraries <folder>]…';
const again = 'run the same command again';

/** The packages that hold the libraries, by CUDA's major version. */
const libraryWheels = {
  12: 'nvidia-cublas-cu12 nvidia-curand-cu12 nvidia-cufft-cu12 nvidia-cuda-runtime-cu12 nvidia-cudnn-cu12~=9.0',
  13: 'nvidia-cublas~=13.0 nvidia-curand~=10.0 nvidia-cuda-runtime~=13.0 nvidia-cudnn-cu13~=9.0',
};

/** @param {string[]} args */
export function parseOptions(args) {
  let values;
  try {
    ({ values } = parseArgs({
      args,
      options: {
        cuda: { type: 'string' },
        from: { type: 'string' },
        libraries: { type: 'string', multiple: true },
      },
    }));
  } catch (error) {
    throw new SetupError(`${error.message.split('. ')[0]}. Use: ${usage}`);
  }
  const { cuda, from, libraries = [] } = values;
  if (cuda !== undefined && cuda !== '12' && cuda !== '13')
    throw new SetupError(`Expected 12 or 13 for --cuda but received ${JSON.stringify(cuda)} of type string`);
  return { cuda, from, libraries };
}

/** What nvidia-smi says of the newest CUDA that the driver runs, e.g. "CUDA Version: 13.0". @param {string} text */
export function driverCudaMajor(text) {
  return /CUDA Version:\s*(\d+)\./.exec(text)?.[1];
}

function runtimePackage() {
  const resolve = createRequire(path.join(root, 'packages/inference/package.json')).resolve;
  let entry;
  try {
    entry = resolve('onnxruntime-node');
  } catch {
    throw new SetupError(`onnxruntime-node is not installed: run "npm run setup" and ${again}.`);
  }
  const folder = path.dirname(path.dirname(entry));
  const { version } = JSON.parse(fs.readFileSync(path.join(folder, 'package.json'), 'utf8'));
  return { folder, version, bin: path.join(folder, 'bin/napi-v6/linux/x64') };
}

/**
 * Copies the two provider libraries into `bin` from a wheel, a NuGet package or a folder.
 * @param {string} from @param {string} bin @param {string} version of onnxruntime-node
 */
export async function takeProviderFrom(from, bin, version) {
  const found = fs.existsSync(from) ? fs.statSync(from) : undefined;
  if (!found)
    throw new SetupError(`${from} does not exist: give --from a wheel, a NuGet package or a folder.`);
  if (found.isDirectory()) {
    const lacking = providerFiles.filter((name) => !fs.existsSync(path.join(from, name)));
    if (lacking.length > 0)
      throw new SetupError(
        `${from} does not hold ${lacking.join(' and ')}: give --from the folder that does.`,
      );
    for (const name of providerFiles) place(fs.readFileSync(path.join(from, name)), path.join(bin, name));
    return;
  }
  const { default: AdmZip } = await import('adm-zip');
  let entries;
  try {
    entries = new AdmZip(from).getEntries();
  } catch {
    throw new SetupError(`${from} is no zip archive, as wheels and NuGet packages are: fetch it again.`);
  }
  const held = providerFiles.map((name) => entries.find((entry) => path.basename(entry.entryName) === name));
  if (held.includes(undefined))
    throw new SetupError(
      `${from} does not hold ${providerFiles.join(' and ')}: it is no onnxruntime-gpu wheel and no Microsoft.ML.OnnxRuntime.Gpu.Linux package.`,
    );
  const own = archiveVersion(
    entries.map((entry) => entry.entryName),
    entries,
  );
  if (own !== version)
    throw new SetupError(
      `${from} is onnxruntime ${own ?? 'of an unknown version'} but onnxruntime-node is ${version}: fetch version ${version} of it.`,
    );
  held.forEach((entry, i) => {
    place(entry.getData(), path.join(bin, providerFiles[i]));
  });
}

/** A wheel names its version in the folder of its metadata, a NuGet package in its .nuspec. */
function archiveVersion(names, entries) {
  const wheel = names.map((name) => /^onnxruntime_gpu-([^/]+)\.dist-info\//.exec(name)?.[1]).find(Boolean);
  if (wheel) return wheel;
  const nuspec = entries.find((entry) => /^[^/]+\.nuspec$/.test(entry.entryName));
  return nuspec && /<version>([^<]+)<\/version>/.exec(nuspec.getData().toString('utf8'))?.[1];
}

/** Whole or not at all: a torn library would be taken for a good one. @param {Buffer} bytes @param {string} target */
function place(bytes, target) {
  const temporary = `${target}.${process.pid}`;
  try {
    fs.writeFileSync(temporary, bytes);
    fs.renameSync(temporary, target);
  } catch (error) {
    fs.rmSync(temporary, { force: true });
    const why = error.code === 'ENOSPC' ? 'the disk is full: free 1 GB' : `${error.message}: put it right`;
    throw new SetupError(`${target} could not be written, ${why} and ${again}.`);
  }
}

/** @param {{ url: string, sha256: string }} wheel @param {string} target @param {typeof fetch} [get] */
export async function download(wheel, target, get = fetch) {
  const byHand = `fetch ${wheel.url} where there is a network and run "npm run gpu:setup -- --from <that file>"`;
  let bytes;
  try {
    const answer = await get(wheel.url);
    if (!answer.ok) throw new Error(`the server answered ${answer.status}`);
    bytes = Buffer.from(await answer.arrayBuffer());
  } catch (error) {
    const why = error.cause?.code ?? error.cause?.message ?? error.message;
    throw new SetupError(`onnxruntime's CUDA provider could not be fetched (${why}): ${byHand}.`);
  }
  const digest = createHash('sha256').update(bytes).digest('hex');
  if (digest !== wheel.sha256)
    throw new SetupError(
      `What came from ${wheel.url} has the digest ${digest} and not ${wheel.sha256}: ${byHand}.`,
    );
  fs.mkdirSync(path.dirname(target), { recursive: true });
  place(bytes, target);
}

/** @param {{ cuda: string, from?: string }} options @param {(what: string) => void} say */
async function ensureProvider({ cuda, from }, say) {
  const { folder, version, bin } = runtimePackage();
  const there = providerFiles.every((name) => fs.existsSync(path.join(bin, name)));
  if (there && from === undefined) return say('there');
  if (from !== undefined) {
    await takeProviderFrom(path.resolve(from), bin, version);
    return say(`taken from ${from}`);
  }
  if (cuda === '12') {
    const log = newLog('gpu-provider');
    const args = [path.join(folder, 'script/install.js'), '--onnxruntime-node-install=cuda12'];
    if (!(await runLogged(process.execPath, args, { log, cwd: folder })).ok)
      throw new SetupError(
        `onnxruntime-node could not fetch its CUDA 12 provider (a network that reaches api.nuget.org is needed): fetch Microsoft.ML.OnnxRuntime.Gpu.Linux ${version} and run "npm run gpu:setup -- --cuda 12 --from <that file>".`,
        log,
      );
    return say('fetched for CUDA 12');
  }
  if (version !== cuda13Wheel.version)
    throw new SetupError(
      `The pinned wheel is onnxruntime ${cuda13Wheel.version} but onnxruntime-node is ${version}: bring .ci/gpu-setup.mjs up to date.`,
    );
  const wheel = path.join(stateDir, 'onnxruntime-gpu.whl');
  await download(cuda13Wheel, wheel);
  await takeProviderFrom(wheel, bin, version);
  fs.rmSync(wheel);
  say('fetched for CUDA 13');
}

/** Every folder under `top`, itself included, that holds a file of that name. @param {string} top @param {string} name */
function foldersWith(top, name) {
  if (!fs.existsSync(top)) return [];
  return fs
    .readdirSync(top, { recursive: true, encoding: 'utf8' })
    .filter((file) => path.basename(file) === name)
    .map((file) => path.dirname(path.join(top, file)));
}

/**
 * Links every library of the folders that hold a missing one.
 * @param {string[]} missing names @param {string[]} tops searched with all that lies below @param {string} links folder
 */
export function linkLibraries(missing, tops, links) {
  for (const name of missing) {
    const folder = tops.flatMap((top) => foldersWith(path.resolve(top), name))[0];
    if (folder === undefined) continue;
    fs.mkdirSync(links, { recursive: true });
    // cuDNN opens parts of itself by name, so its neighbours come along.
    for (const file of fs.readdirSync(folder).filter((one) => /\.so(\.|$)/.test(one))) {
      const link = path.join(links, file);
      fs.rmSync(link, { force: true });
      fs.symlinkSync(path.join(folder, file), link);
    }
  }
}

/** @param {string[]} missing @param {string} cuda */
export function explainMissing(missing, cuda) {
  const driver = missing.filter((name) => name.startsWith('libcuda.so'));
  const others = missing.filter((name) => !driver.includes(name));
  if (others.length === 0)
    return `The NVIDIA driver is missing (${driver.join(', ')}): install it, see that nvidia-smi shows a GPU, and ${again}.`;
  const what = others.every((name) => name.includes('cudnn')) ? 'cuDNN 9 is' : 'CUDA libraries are';
  return (
    `${what} missing (${others.join(', ')}): install CUDA ${cuda} and cuDNN 9 from NVIDIA's package repository and ${again}, ` +
    `or run "pip install --target cuda-libraries ${libraryWheels[cuda]}" and "npm run gpu:setup -- --libraries cuda-libraries".`
  );
}

/** @param {string} cuda @param {string[]} folders @param {(what: string) => void} say */
async function ensureLibraries(cuda, folders, say) {
  const { cudaLibraryFolder, missingLibraries } = await inference();
  const library = path.join(runtimePackage().bin, providerFiles[0]);
  const usual = ['/usr/local/cuda/lib64', `/usr/local/cuda-${cuda}/lib64`, '/opt/cuda/lib64'];
  for (const folder of folders)
    if (!fs.existsSync(folder)) throw new SetupError(`${folder} does not exist: give --libraries a folder.`);
  linkLibraries(missingLibraries(library), [...folders, ...usual], cudaLibraryFolder);
  const missing = missingLibraries(library);
  if (missing.length > 0) throw new SetupError(explainMissing(missing, cuda));
  say(
    fs.existsSync(cudaLibraryFolder) ? `found, linked in ${path.relative(root, cudaLibraryFolder)}` : 'found',
  );
}

/** @returns {Promise<typeof import('../packages/inference/dist/index.js')>} */
async function inference() {
  try {
    return await import('../packages/inference/dist/index.js');
  } catch {
    throw new SetupError(`The packages are not built: run "npm run setup" and ${again}.`);
  }
}

/** The shipped model's golden outputs, computed on the GPU by a process of its own. @param {(what: string) => void} say */
async function trial(say) {
  const { withCudaLibraries } = await inference();
  const log = newLog('gpu-trial');
  const script = path.join(root, '.ci/gpu-trial.mjs');
  const run = await runLogged(process.execPath, [script], { log, env: withCudaLibraries(childEnv()) });
  if (!run.ok) throw new SetupError('The model did not run on the GPU: see why below.', log);
  say(run.output.trim().split('\n').at(-1) ?? '');
}

async function main() {
  const options = parseOptions(process.argv.slice(2));
  if (process.platform !== 'linux' || process.arch !== 'x64')
    throw new SetupError(
      `onnxruntime's CUDA provider exists for Linux on x64 and this is ${process.platform} on ${process.arch}: use --device cpu.`,
    );
  const driver = driverCudaMajor(spawnSync('nvidia-smi', { encoding: 'utf8' }).stdout ?? '');
  const cuda = options.cuda ?? (driver === '12' ? '12' : '13');
  await step('cuda provider', (say) => ensureProvider({ ...options, cuda }, say));
  await step('cuda libraries', (say) => ensureLibraries(cuda, options.libraries, say));
  await step('driver', (say) => {
    if (driver === undefined)
      throw new SetupError(`nvidia-smi shows no driver: install NVIDIA's driver and ${again}.`);
    if (Number(driver) < Number(cuda))
      throw new SetupError(
        `The driver runs CUDA ${driver} at most and the provider is for CUDA ${cuda}: install a newer driver, or run "npm run gpu:setup -- --cuda ${driver} --from <its package>".`,
      );
    say(`runs CUDA ${driver}`);
  });
  await step('trial', trial);
}

if (isMain(import.meta.url)) await runMain(main);

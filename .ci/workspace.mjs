// The node modules (pnpm, pinned, from the lock file) and the build (turbo: native add-on and TypeScript).
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import {
  digestOf,
  findProgram,
  newLog,
  readStamp,
  root,
  rootPackage,
  runLogged,
  SetupError,
  writeStamp,
} from './base.mjs';

const nativeBuild = path.join(root, 'packages/dsp-native/build');
const neededDiskBytes = 3e9;
const notSources = new Set(['node_modules', 'dist', 'build', '.turbo']);

/** @param {string} dir relative to the root @returns {string[]} the source files under it */
function sourcesUnder(dir) {
  return fs.readdirSync(path.join(root, dir), { withFileTypes: true }).flatMap((entry) => {
    if (notSources.has(entry.name)) return [];
    const file = `${dir}/${entry.name}`;
    if (entry.isDirectory()) return sourcesUnder(file);
    return entry.isFile() ? [file] : [];
  });
}

/** The workspace's packages as in pnpm-workspace.yaml, which no builtin can parse: a conformance test compares. */
export function workspacePackages() {
  const inFolder = fs.readdirSync(path.join(root, 'packages')).map((name) => `packages/${name}`);
  return [...inFolder, 'test'].filter((dir) => fs.existsSync(path.join(root, dir, 'package.json')));
}

/** One sentence for a failed pnpm. @param {string} output */
export function explainPnpm(output) {
  if (/ENOSPC|No space left/.test(output))
    return 'The disk is full: free 3 GB and run the same command again.';
  if (/ERR_PNPM_OUTDATED_LOCKFILE|ERR_PNPM_NO_LOCKFILE|ERR_PNPM_LOCKFILE/.test(output))
    return 'pnpm-lock.yaml does not match the package.json files: run "npm run lock" and run the same command again.';
  if (
    /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|META_FETCH_FAIL|FETCH_(40|50)/.test(
      output,
    )
  )
    return 'The npm registry could not be reached: check the network (or the proxy and registry of npm) and run the same command again.';
  if (/EACCES|EPERM/.test(output))
    return `A file belongs to another user: run "sudo chown -R $(id -u) ${root} ~/.npm" and run the same command again.`;
  return 'pnpm could not install the node modules: see why below, put it right and run the same command again.';
}

/** @param {(what: string) => void} say */
export async function ensureNodeModules(say) {
  const packages = workspacePackages();
  const manifests = [
    'package.json',
    'pnpm-lock.yaml',
    'pnpm-workspace.yaml',
    '.npmrc',
    ...packages.map((dir) => `${dir}/package.json`),
  ];
  if (!fs.existsSync(path.join(root, 'pnpm-lock.yaml'))) {
    throw new SetupError('pnpm-lock.yaml is missing: restore it from the repository, or run "npm run lock".');
  }
  const digest = digestOf(manifests, [root, process.platform, process.arch]);
  const expected = [
    'node_modules/.modules.yaml',
    'node_modules/.bin/turbo',
    'node_modules/.bin/pnpm',
    'test/node_modules/vitest/package.json',
  ];
  const there = expected.every((file) => fs.existsSync(path.join(root, file)));
  if (there && readStamp('modules') === digest) return say('unchanged');

  const disk = fs.statfsSync(root);
  const freeBytes = disk.bavail * disk.bsize;
  if (!there && freeBytes < neededDiskBytes) {
    throw new SetupError(
      `Only ${(freeBytes / 1e9).toFixed(1)} GB are free under ${root}: free ${neededDiskBytes / 1e9} GB and run the same command again.`,
    );
  }
  if (!findProgram('npx'))
    throw new SetupError(
      'npx is not in PATH: install npm (it comes with Node from https://nodejs.org) and run the same command again.',
    );
  const { packageManager } = rootPackage();
  say(`installing by ${packageManager}`);
  const log = newLog('modules');
  const args = [
    '--yes',
    packageManager,
    'install',
    '--frozen-lockfile',
    '--config.confirm-modules-purge=false',
    '--reporter=append-only',
  ];
  const install = await runLogged('npx', args, { log });
  if (!install.ok) throw new SetupError(explainPnpm(install.output), log);
  writeStamp('modules', digest);
}

/** What a native build depends on besides our sources. */
export function toolchain() {
  const say = (command, args) => spawnSync(command, args, { encoding: 'utf8' }).stdout?.trim() ?? '';
  const modules = ['libhwy', 'libavformat', 'libavcodec', 'libavutil'];
  return [
    root,
    process.arch,
    say('g++', ['-dumpfullversion']),
    say('cmake', ['--version']),
    say('pkg-config', ['--modversion', ...modules]),
    // cmake-js takes ninja where it finds it, and cmake refuses a folder begun with another generator.
    findProgram('ninja') ?? 'make',
    // With a CUDA compiler the build makes the CUDA backend's library too.
    say('nvcc', ['--version']),
    process.env.UNDERTONE_CUDA_ARCHITECTURES ?? '',
  ].join('\n');
}

/** A native build made by other tools, or in a folder that has moved since, is begun afresh. @param {string} tools */
function dropForeignNativeBuild(tools) {
  const cache = path.join(nativeBuild, 'CMakeCache.txt');
  if (!fs.existsSync(cache)) return;
  const home = /^CMAKE_HOME_DIRECTORY:INTERNAL=(.*)$/m.exec(fs.readFileSync(cache, 'utf8'))?.[1];
  const known = readStamp('toolchain');
  if (home !== path.dirname(nativeBuild) || (known !== '' && known !== tools))
    fs.rmSync(nativeBuild, { recursive: true });
}

function builtFilesExist() {
  const native = path.join(nativeBuild, 'Release');
  const addOn = fs.existsSync(native) && fs.readdirSync(native).some((name) => name.endsWith('.node'));
  const compiled = workspacePackages().filter(
    (dir) => fs.existsSync(path.join(root, dir, 'tsconfig.json')) && dir !== 'test',
  );
  return addOn && compiled.every((dir) => fs.existsSync(path.join(root, dir, 'dist')));
}

/** @param {(what: string) => void} say */
export async function ensureBuild(say) {
  const tools = toolchain();
  const sources = [
    'package.json',
    'pnpm-lock.yaml',
    'turbo.json',
    'tsconfig.base.json',
    ...sourcesUnder('packages'),
  ];
  const digest = digestOf(sources, [tools]);
  if (readStamp('build') === digest && builtFilesExist()) return say('unchanged');
  dropForeignNativeBuild(tools);
  say('native add-on and TypeScript by turbo');
  const log = newLog('build');
  const args = ['run', 'build', '--concurrency=2', '--output-logs=new-only', '--no-color'];
  const build = await runLogged(path.join(root, 'node_modules/.bin/turbo'), args, { log });
  if (!build.ok) {
    const full = /No space left/.test(build.output);
    throw new SetupError(
      full
        ? 'The disk is full: free 3 GB and run the same command again.'
        : 'The build failed: see why below.',
      log,
    );
  }
  if (!builtFilesExist())
    throw new SetupError('The build ended well but made no add-on or no dist folder: see its log.', log);
  writeStamp('toolchain', tools);
  writeStamp('build', digest);
}

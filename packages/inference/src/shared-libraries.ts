/**
 * What the loader of this machine would not find. The runtime itself says no more than "failed to load".
 * Imports node alone, so that a process may ask before it loads anything large.
 */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Opened by name while the provider starts, so no list of needed libraries holds it. */
const OPENED_LATER = ['libcudnn.so.9'];

/**
 * Links to the CUDA libraries that `npm run gpu:setup` was told of. The loader reads LD_LIBRARY_PATH when a process
 * starts, so whoever starts the process that runs models puts this folder there.
 */
export const cudaLibraryFolder = fileURLToPath(new URL('../build/cuda-libraries', import.meta.url));

/** The environment in which a process finds those libraries. */
export function withCudaLibraries(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  if (!existsSync(cudaLibraryFolder)) return env;
  return {
    ...env,
    LD_LIBRARY_PATH: [cudaLibraryFolder, env.LD_LIBRARY_PATH].filter(Boolean).join(':'),
  };
}

/** Names of the shared libraries that `library` needs and that a process of `env` would not find. Linux only. */
export function missingLibraries(
  library: string,
  env = withCudaLibraries(process.env),
  openedLater: readonly string[] = OPENED_LATER,
): string[] {
  if (process.platform !== 'linux') return [];
  const listed = spawnSync('ldd', [library], { env, encoding: 'utf8' });
  const needed = [...(listed.stdout ?? '').matchAll(/^\s*(\S+) => not found$/gm)].map(
    ([, name]) => name ?? '',
  );
  const folders = [dirname(library), ...(env.LD_LIBRARY_PATH ?? '').split(':').filter(Boolean)];
  const later = openedLater.filter(
    (name) => !folders.some((folder) => existsSync(join(folder, name))) && !inLoaderCache(name),
  );
  return [...new Set([...needed, ...later])];
}

function inLoaderCache(name: string): boolean {
  const cache = spawnSync('/sbin/ldconfig', ['-p'], { encoding: 'utf8' });
  return (cache.stdout ?? '').split('\n').some((line) => line.trimStart().startsWith(`${name} `));
}

/** Finds and loads the native add-on, once a thread. */
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { UndertoneError } from '@undertone/shared';
import type { NativeAddon } from './native.js';

const require = createRequire(import.meta.url);
const addonPath = fileURLToPath(new URL('../build/Release/undertone_dsp.node', import.meta.url));

let loaded: NativeAddon | undefined;

/** @throws UndertoneError no_native_build that says what was found, what is needed and what to do */
export function loadNative(): NativeAddon {
  loaded ??= requireAddon(addonPath);
  return loaded;
}

/** Exported for the test of its messages; callers use `loadNative`. */
export function requireAddon(path: string): NativeAddon {
  if (!existsSync(path)) throw noBuild(path, 'found no file there');
  try {
    return require(path) as NativeAddon;
  } catch (thrown) {
    const reason = thrown instanceof Error ? thrown.message : String(thrown);
    throw noBuild(path, `found a file that does not load: ${reason}`, thrown);
  }
}

function noBuild(path: string, found: string, cause?: unknown): UndertoneError {
  const needed = `${process.platform}-${process.arch}, Node ${process.version} (Node-API 8)`;
  return new UndertoneError(
    'no_native_build',
    path,
    `The native add-on is not usable: needed ${path} for ${needed}, ${found}. Run \`npm run setup\` in the repository.`,
    { cause },
  );
}

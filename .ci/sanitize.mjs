// The engine's native tests under AddressSanitizer, LeakSanitizer and UndefinedBehaviorSanitizer, once for every
// instruction set that this machine has. Any report fails the test it came from, and deliberate defects are among the
// tests: a build that reports nothing fails too. Built in build/sanitize, where a later run compiles only what changed.
// Alone: node .ci/sanitize.mjs. Exit status 0 when nothing failed.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { childEnv, isMain, logTail, newLog, root, runLogged, runMain, step } from './base.mjs';
import { toolchain } from './workspace.mjs';

const folder = path.join(root, 'build/sanitize');
// Beyond `undefined`: conversions of floats that no integer holds. Not divisions of floats by zero, which are defined in IEEE
// arithmetic and which lanes do whose result is not taken.
const sanitizers = 'address,undefined,float-cast-overflow';

/** Configures and builds; a folder that other tools or another tree began is begun afresh. @param {string} log */
async function builds(log) {
  const stamp = path.join(folder, 'toolchain.txt');
  const tools = toolchain();
  if (!fs.existsSync(stamp) || fs.readFileSync(stamp, 'utf8') !== tools) {
    fs.rmSync(folder, { recursive: true, force: true });
    fs.mkdirSync(folder, { recursive: true });
    fs.writeFileSync(stamp, tools);
  }
  const source = path.join(root, 'packages/dsp-native');
  const options = ['-DUNDERTONE_NATIVE_TESTS=ON', `-DUNDERTONE_SANITIZE=${sanitizers}`];
  const configured = await runLogged('cmake', ['-S', source, '-B', folder, ...options], { log });
  return configured.ok && (await runLogged('cmake', ['--build', folder], { log })).ok;
}

/** What ctest printed, as numbers. @param {string} output @returns {import('./test.mjs').Tally} */
export function tallyCtest(output) {
  const count = (pattern) => [...output.matchAll(pattern)].length;
  const ended = count(/^ *\d+\/\d+ Test +#\d+: /gm);
  const passed = count(/^ *\d+\/\d+ Test +#\d+: \S+ \.+ +Passed /gm);
  const skipped = count(/^ *\d+\/\d+ Test +#\d+: \S+ \.+\*\*\*Skipped /gm);
  // Nothing that ran is a failure too.
  return { passed, failed: ended === 0 ? 1 : ended - passed - skipped, skipped };
}

/** @returns {Promise<import('./test.mjs').Tally>} */
export async function sanitize() {
  const log = newLog('sanitize');
  return await step('sanitizers', async (say) => {
    if (!(await builds(log))) {
      say(`native tests could not be built: FAILED\n${logTail(log, 60)}\n`);
      return { passed: 0, failed: 1, skipped: 0 };
    }
    const { ok, output } = await runLogged(
      'ctest',
      ['--test-dir', folder, '--output-on-failure', `-j${os.availableParallelism()}`],
      {
        log,
        env: {
          ...childEnv(),
          ASAN_OPTIONS: 'detect_leaks=1:detect_stack_use_after_return=1:check_initialization_order=1',
          UBSAN_OPTIONS: 'print_stacktrace=1',
        },
      },
    );
    const tally = tallyCtest(output);
    if (!ok && tally.failed === 0) tally.failed = 1;
    say(tally.failed === 0 ? `${tally.passed} native tests passed` : `${tally.failed} native tests FAILED`);
    if (tally.failed > 0) console.log(`\n${output.trimEnd().split('\n').slice(-80).join('\n')}`);
    return tally;
  });
}

async function main() {
  const { failed } = await sanitize();
  process.exitCode = failed > 0 ? 1 : 0;
}

if (isMain(import.meta.url)) await runMain(main);

// `npm test`: set-up, lint, the native tests under sanitizers, every other test. The last line is
// `N passed, N failed[, N skipped]` and the exit status follows it.
// Arguments go to vitest (`npm test -- conformance/setup`), and leave the native tests out.
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import {
  childEnv,
  endedWithUs,
  isMain,
  newLog,
  reportFailure,
  root,
  runLogged,
  runMain,
  stateDir,
  step,
} from './base.mjs';
import { sanitize } from './sanitize.mjs';
import { setup } from './setup.mjs';

/** @typedef {{ passed: number, failed: number, skipped: number }} Tally */

const checks = [
  {
    name: 'biome',
    command: path.join(root, 'node_modules/.bin/biome'),
    args: ['check', '--colors=off', '.'],
  },
  {
    name: 'clang-format',
    command: process.execPath,
    args: ['.ci/clang-format.mjs', '--check'],
    skip: /^No clang-format/m,
  },
];

/** @returns {Promise<Tally>} */
async function lint() {
  const tally = { passed: 0, failed: 0, skipped: 0 };
  for (const { name, command, args, skip } of checks) {
    const result = await step(name, async (say) => {
      const outcome = await runLogged(command, args, { log: newLog(name) });
      const skipped = !outcome.ok && skip?.test(outcome.output) === true;
      say(outcome.ok ? 'passed' : skipped ? 'skipped' : 'FAILED');
      return { ...outcome, skipped };
    });
    if (!result.ok) console.log(result.output.trimEnd().split('\n').slice(-80).join('\n'));
    tally[result.ok ? 'passed' : result.skipped ? 'skipped' : 'failed'] += 1;
  }
  return tally;
}

/**
 * What a vitest JSON report comes to. A test file that could not be loaded holds no test, so it counts as one failure;
 * so does a run that ended badly, or ran nothing, with no failed test to show for it.
 * @param {Record<string, any> | undefined} report undefined when vitest wrote none
 * @param {number | null} exitCode @returns {Tally}
 */
export function tallyVitest(report, exitCode) {
  if (!report) return { passed: 0, failed: 1, skipped: 0 };
  const brokenFiles = report.testResults.filter(
    (file) => file.status === 'failed' && !file.assertionResults.some((test) => test.status === 'failed'),
  );
  const passed = report.numPassedTests;
  let failed = report.numFailedTests + brokenFiles.length;
  if (failed === 0 && (exitCode !== 0 || passed === 0)) failed = 1;
  return { passed, failed, skipped: report.numPendingTests + report.numTodoTests };
}

/** @returns {Promise<Tally>} */
async function vitest() {
  const report = path.join(stateDir, 'vitest.json');
  fs.rmSync(report, { force: true });
  const cli = path.join(root, 'test/node_modules/vitest/vitest.mjs');
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
  const exitCode = await new Promise((resolve) => {
    const args = [cli, 'run', ...reporters, ...process.argv.slice(2)];
    const child = endedWithUs(
      spawn(process.execPath, args, {
        cwd: path.join(root, 'test'),
        env: childEnv(),
        stdio: ['ignore', 'inherit', 'inherit'],
      }),
    );
    child.on('error', () => resolve(null));
    child.on('close', resolve);
  });
  const tally = tallyVitest(
    fs.existsSync(report) ? JSON.parse(fs.readFileSync(report, 'utf8')) : undefined,
    exitCode,
  );
  if (exitCode !== 0) console.log(`vitest ended with status ${exitCode}`);
  return tally;
}

async function main() {
  let tallies;
  try {
    await setup();
    tallies = [await lint()];
    if (process.argv.length === 2) tallies.push(await sanitize());
    tallies.push(await vitest());
  } catch (error) {
    reportFailure(error);
    tallies = [{ passed: 0, failed: 1, skipped: 0 }];
  }
  const sum = (key) => tallies.reduce((total, tally) => total + tally[key], 0);
  const skipped = sum('skipped');
  console.log(`${sum('passed')} passed, ${sum('failed')} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`);
  process.exitCode = sum('failed') > 0 ? 1 : 0;
}

if (isMain(import.meta.url)) await runMain(main);

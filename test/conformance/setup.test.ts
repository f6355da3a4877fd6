// The set-up's own rules: what it asks of a machine, and the sentence it says when it cannot go on.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { childEnv, findProgram, root } from '../../.ci/base.mjs';
import { tallyCtest } from '../../.ci/sanitize.mjs';
import { nodeVersionMeets, requireNode } from '../../.ci/setup.mjs';
import {
  explainApt,
  missingSystemPackages,
  parseInstalled,
  parseOsRelease,
  requireApt,
  systemPackages,
} from '../../.ci/system-packages.mjs';
import { tallyVitest } from '../../.ci/test.mjs';
import { explainPnpm, workspacePackages } from '../../.ci/workspace.mjs';

const names = systemPackages.map(({ name }) => name);
const manifest = JSON.parse(fs.readFileSync(path.join(root, 'package.json'), 'utf8'));
let empty: string;

beforeAll(() => {
  empty = fs.mkdtempSync(path.join(os.tmpdir(), 'undertone-setup-'));
});
afterAll(() => fs.rmSync(empty, { recursive: true, force: true }));

describe('Node', () => {
  const range = manifest.engines.node;

  test.each(['20.19.0', '20.20.2', '22.12.0', '24.0.0', '25.1.0-nightly'])('%s is fine', (version) => {
    expect(nodeVersionMeets(version, range)).toBe(true);
    expect(() => requireNode(version, range)).not.toThrow();
  });

  test.each(['18.20.4', '20.18.3', '21.7.0', '22.11.0'])(
    '%s is refused with its version and what to do',
    (version) => {
      expect(nodeVersionMeets(version, range)).toBe(false);
      expect(() => requireNode(version, range)).toThrow(
        `Undertone needs Node ^20.19.0 or >=22.12.0 but this is Node ${version}: install Node 22 or 24`,
      );
    },
  );

  test('a range of another form is an error, not a guess', () => {
    expect(() => nodeVersionMeets('22.12.0', '~22.12')).toThrow('but received ~22.12');
  });
});

describe('system packages', () => {
  test('dpkg knows a package as installed only by that status', () => {
    const output = 'g++ installed\ncmake config-files\nlibhwy-dev not-installed\n\nffmpeg installed\n';
    expect([...parseInstalled(output)]).toEqual(['g++', 'ffmpeg']);
  });

  test('nothing is missing on the machine that runs the tests', () => {
    expect(missingSystemPackages()).toEqual([]);
  });

  test('all are missing where PATH holds neither dpkg nor the programs', () => {
    expect(missingSystemPackages({ PATH: empty })).toEqual(names);
  });

  test('what another system provides is found by its program', () => {
    const bin = path.join(empty, 'bin');
    fs.mkdirSync(bin);
    fs.writeFileSync(path.join(bin, 'ffmpeg'), '#!/bin/sh\n', { mode: 0o755 });
    fs.writeFileSync(path.join(bin, 'cmake'), 'not executable');
    expect(missingSystemPackages({ PATH: bin })).toEqual(names.filter((name) => name !== 'ffmpeg'));
  });

  test('a system without apt is told what to install', () => {
    const fedora = parseOsRelease('ID=fedora\nVERSION_ID=43\nPRETTY_NAME="Fedora Linux 43"\n');
    const check = () => requireApt(['cmake', 'libhwy-dev'], { PATH: empty }, fedora);
    expect(check).toThrow('This system (Fedora Linux 43) has no apt');
    expect(check).toThrow('cmake libhwy-dev');
  });

  test.skipIf(!findProgram('apt-get')).each([
    ['debian', '11', true],
    ['debian', '12', false],
    ['debian', '13', false],
    ['ubuntu', '22.04', true],
    ['ubuntu', '24.04', false],
    ['linuxmint', '22', false],
  ])('%s %s: too old is %s', (id, version, tooOld) => {
    const check = () => requireApt(['cmake'], process.env, { id, version, name: `${id} ${version}` });
    if (tooOld) expect(check).toThrow(`${id} ${version} is too old for cmake`);
    else expect(check).not.toThrow();
  });
});

describe('what failed is told in one sentence', () => {
  test.each([
    [
      'W: Temporary failure resolving deb.debian.org\nE: Failed to fetch x',
      'apt could not reach its package servers',
    ],
    ['E: Unable to locate package libhwy-dev', 'apt knows no package libhwy-dev'],
    ['E: Unable to fetch some archives\ndpkg: error: No space left on device', 'The disk is full'],
    ['sudo: a password is required', 'sudo was refused: ask an administrator to install cmake'],
    ['dpkg: error processing package', 'apt-get could not install cmake'],
  ])('apt: %s', (output, sentence) => {
    expect(explainApt(output, ['cmake'])).toContain(sentence);
  });

  test.each([
    ['npm error code EAI_AGAIN', 'The npm registry could not be reached'],
    [' ERR_PNPM_OUTDATED_LOCKFILE  Cannot install', 'npm run lock'],
    ['ENOSPC: no space left on device', 'The disk is full'],
    ["EACCES: permission denied, mkdir '/x'", 'belongs to another user'],
    ['something else', 'pnpm could not install the node modules'],
  ])('pnpm: %s', (output, sentence) => {
    expect(explainPnpm(output)).toContain(sentence);
  });

  test('the command line says it without a stack and ends with 1', async () => {
    // A copy outside the tree: no package.json of ours, no modules, no apt in PATH.
    const copy = path.join(empty, 'copy');
    fs.cpSync(path.join(root, '.ci'), path.join(copy, '.ci'), { recursive: true });
    fs.cpSync(path.join(root, 'package.json'), path.join(copy, 'package.json'));
    const run = await execa(process.execPath, ['.ci/setup.mjs'], {
      cwd: copy,
      reject: false,
      extendEnv: false,
      env: { PATH: empty },
    });
    expect(run.exitCode).toBe(1);
    expect(run.stdout).toMatch(/^system packages +FAILED +\d+\.\d s$/);
    expect(run.stderr).toContain(`has no apt: install what these Debian packages hold`);
    expect(run.stderr).not.toContain('    at ');
  });
});

describe('the workspace', () => {
  test('pnpm has one version wherever it stands', () => {
    expect(manifest.packageManager).toBe(`pnpm@${manifest.devDependencies.pnpm}`);
    expect(manifest.scripts.lock).toContain(` ${manifest.packageManager} `);
  });

  test('the lock file is kept: npm and pnpm share .npmrc, and package-lock=false would drop it', () => {
    expect(fs.existsSync(path.join(root, 'pnpm-lock.yaml'))).toBe(true);
    expect(fs.readFileSync(path.join(root, '.npmrc'), 'utf8')).not.toMatch(
      /^\s*(package-lock|lockfile)\s*=/m,
    );
  });

  test('its packages are those of pnpm-workspace.yaml', () => {
    const text = fs.readFileSync(path.join(root, 'pnpm-workspace.yaml'), 'utf8');
    const patterns = /^packages:\n((?: {2}- .*\n)+)/m
      .exec(text)?.[1]
      ?.trim()
      .split(/\n? *- /)
      .filter(Boolean);
    expect(patterns).toEqual(['packages/*', 'test']);
    expect(workspacePackages()).toContain('test');
    expect(workspacePackages()).toContain('packages/shared');
  });

  test("npm's own settings do not reach child programs, a registry does", () => {
    const env: Record<string, string | undefined> = childEnv({
      PATH: '/bin',
      npm_config_nodedir: '/usr',
      npm_config_registry: 'https://registry.example/',
      npm_config_noproxy: '',
      npm_package_name: 'x',
      HTTPS_PROXY: 'http://proxy',
    });
    expect(Object.keys(env).filter((key) => key.startsWith('npm_'))).toEqual(['npm_config_registry']);
    expect(env).toMatchObject({ HTTPS_PROXY: 'http://proxy', TURBO_TELEMETRY_DISABLED: '1' });
    expect(env.PATH?.startsWith(path.join(root, 'node_modules/.bin:'))).toBe(true);
  });
});

describe('the count of a test run', () => {
  const file = (status: string, ...tests: string[]) => ({
    status,
    assertionResults: tests.map((test) => ({ status: test })),
  });
  const report = (passed: number, failed: number, ...testResults: object[]) => ({
    numPassedTests: passed,
    numFailedTests: failed,
    numPendingTests: 0,
    numTodoTests: 0,
    testResults,
  });

  test.each([
    ['no report (a crash)', undefined, null, { passed: 0, failed: 1, skipped: 0 }],
    ['no test ran', report(0, 0), 0, { passed: 0, failed: 1, skipped: 0 }],
    ['all passed', report(2, 0, file('passed', 'passed', 'passed')), 0, { passed: 2, failed: 0, skipped: 0 }],
    ['one failed', report(1, 1, file('failed', 'passed', 'failed')), 1, { passed: 1, failed: 1, skipped: 0 }],
    [
      'a file that could not be loaded',
      report(1, 0, file('passed', 'passed'), file('failed')),
      1,
      { passed: 1, failed: 1, skipped: 0 },
    ],
    [
      'an error outside of tests',
      report(1, 0, file('passed', 'passed')),
      1,
      { passed: 1, failed: 1, skipped: 0 },
    ],
  ])('%s', (_, given, exitCode, expected) => {
    expect(tallyVitest(given, exitCode)).toEqual(expected);
  });
});

describe('the tally of the native tests', () => {
  const line = (i: number, name: string, outcome: string): string =>
    ` ${i}/4 Test  #${i}: ${name} ${outcome}`;

  test('counts what passed, failed in any way, and was skipped', () => {
    const output = [
      'Test project /build/sanitize',
      '    Start 1: engine_avx2',
      line(1, 'engine_avx2', '.......   Passed    2.10 sec'),
      line(2, 'engine_neon', '.......***Skipped   0.01 sec'),
      line(3, 'engine_scalar', '.....***Failed    1.00 sec'),
      line(4, 'engine_sse4', '.......Subprocess aborted***Exception:   3.32 sec'),
    ];
    expect(tallyCtest(output.join('\n'))).toEqual({ passed: 1, failed: 2, skipped: 1 });
  });

  test('is one failure when nothing ran', () => {
    expect(tallyCtest('No tests were found!!!')).toEqual({ passed: 0, failed: 1, skipped: 0 });
  });
});

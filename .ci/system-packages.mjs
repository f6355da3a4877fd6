// The system packages: what is missing, and apt to install it.
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import { findProgram, newLog, runLogged, SetupError } from './base.mjs';

/**
 * Everything needed from the system, by Debian name. `probe` tells whether it is there where dpkg does not know it
 * (another distribution, or a package of another name such as pkgconf): a program in PATH, or a pkg-config module.
 */
export const systemPackages = [
  { name: 'g++', probe: { command: 'g++' } },
  { name: 'cmake', probe: { command: 'cmake' } },
  { name: 'make', probe: { command: 'make' } },
  { name: 'pkg-config', probe: { command: 'pkg-config' } },
  { name: 'libhwy-dev', probe: { module: 'libhwy >= 1.0' } },
  { name: 'libavformat-dev', probe: { module: 'libavformat >= 59' } },
  { name: 'libavcodec-dev', probe: { module: 'libavcodec >= 59' } },
  { name: 'libavutil-dev', probe: { module: 'libavutil >= 57.28' } },
  { name: 'espeak-ng', probe: { command: 'espeak-ng' } },
  { name: 'ffmpeg', probe: { command: 'ffmpeg' } },
];

/** The oldest releases whose FFmpeg and Highway are new enough. */
const oldestRelease = { debian: 12, ubuntu: 24.04 };

/** @param {string} text of /etc/os-release */
export function parseOsRelease(text) {
  const pairs = [...text.matchAll(/^([A-Z_]+)=(.*)$/gm)].map(([, key, value]) => [
    key,
    value.replace(/^"|"$/g, ''),
  ]);
  const { ID = '', VERSION_ID = '', PRETTY_NAME = ID } = Object.fromEntries(pairs);
  return { id: ID, version: VERSION_ID, name: PRETTY_NAME };
}

function osRelease() {
  try {
    return parseOsRelease(fs.readFileSync('/etc/os-release', 'utf8'));
  } catch {
    return { id: '', version: '', name: os.platform() };
  }
}

/** The names that dpkg reports as installed. @param {string} output of dpkg-query -f '${Package} ${db:Status-Status}\n' */
export function parseInstalled(output) {
  const lines = output.split('\n').map((line) => line.trim().split(' '));
  return new Set(lines.filter(([, status]) => status === 'installed').map(([name]) => name));
}

/** @param {{ command?: string, module?: string }} probe @param {NodeJS.ProcessEnv} env */
function probeFinds(probe, env) {
  if (probe.command !== undefined) return findProgram(probe.command, env) !== undefined;
  return spawnSync('pkg-config', ['--exists', probe.module ?? ''], { env }).status === 0;
}

/** The Debian names of what is missing here. @param {NodeJS.ProcessEnv} [env] */
export function missingSystemPackages(env = process.env) {
  const names = systemPackages.map(({ name }) => name);
  // biome-ignore lint/suspicious/noTemplateCurlyInString: the placeholders are dpkg-query's.
  const format = '${Package} ${db:Status-Status}\\n';
  const query = spawnSync('dpkg-query', ['-W', '-f', format, ...names], {
    env,
    encoding: 'utf8',
  });
  const installed = parseInstalled(query.stdout ?? '');
  return systemPackages
    .filter(({ name, probe }) => !installed.has(name) && !probeFinds(probe, env))
    .map(({ name }) => name);
}

/** The words before apt-get that make it run as root; throws when there is no way. @param {string[]} missing */
function rootPrefix(missing, env = process.env) {
  if (process.getuid?.() === 0) return [];
  const ask =
    `Missing system packages: ${missing.join(' ')}. Installing them needs root: ask an administrator to run ` +
    `"apt-get install --no-install-recommends ${missing.join(' ')}", then run the same command again.`;
  const sudo = findProgram('sudo', env);
  if (!sudo) throw new SetupError(ask);
  if (spawnSync(sudo, ['-n', 'true'], { stdio: 'ignore' }).status === 0) return [sudo];
  // sudo asks for the password on the terminal; without one it would only hang or fail.
  if (process.stdin.isTTY) return [sudo];
  throw new SetupError(ask);
}

/** Throws unless this system's apt can provide the packages. @param {string[]} missing */
export function requireApt(missing, env = process.env, release = osRelease()) {
  const list = missing.join(' ');
  if (!findProgram('apt-get', env) || !findProgram('dpkg-query', env)) {
    throw new SetupError(
      `This system (${release.name}) has no apt: install what these Debian packages hold by its own package manager, ` +
        `then run the same command again: ${list} (FFmpeg libraries of release 5 or newer, Highway 1.0 or newer).`,
    );
  }
  const oldest = oldestRelease[release.id];
  if (oldest !== undefined && Number.parseFloat(release.version) < oldest) {
    throw new SetupError(
      `${release.name} is too old for ${list}: Undertone needs Debian ${oldestRelease.debian} or Ubuntu ` +
        `${oldestRelease.ubuntu.toFixed(2)}, or newer.`,
    );
  }
}

/** One sentence for a failed apt-get. @param {string} output @param {string[]} missing */
export function explainApt(output, missing) {
  const unknown = [...output.matchAll(/Unable to locate package (\S+)/g)].map(([, name]) => name);
  if (/No space left|don't have enough free space/i.test(output))
    return 'The disk is full: free 3 GB and run the same command again.';
  if (
    /Could not resolve|Temporary failure resolving|Could not connect|Unable to connect|Failed to fetch|Network is unreachable|timed out/i.test(
      output,
    )
  )
    return 'apt could not reach its package servers: check the network (or the proxy in /etc/apt) and run the same command again.';
  if (unknown.length > 0)
    return `apt knows no package ${unknown.join(', ')}: enable the main (on Ubuntu also universe) repository and run the same command again.`;
  if (/Could not get lock/.test(output))
    return 'Another program holds the apt lock: wait until it ends and run the same command again.';
  if (/password is required|incorrect password|not in the sudoers/i.test(output))
    return `sudo was refused: ask an administrator to install ${missing.join(' ')}, then run the same command again.`;
  return `apt-get could not install ${missing.join(' ')}: see why below, put it right and run the same command again.`;
}

/** @param {(what: string) => void} say */
export async function ensureSystemPackages(say) {
  const missing = missingSystemPackages();
  if (missing.length === 0) return say(`all ${systemPackages.length} present`);
  requireApt(missing);
  const prefix = rootPrefix(missing);
  say(`installing ${missing.join(' ')} by apt${prefix.length > 0 ? ' with sudo' : ''}`);
  const log = newLog('system');
  const quiet = [
    'env',
    'DEBIAN_FRONTEND=noninteractive',
    'NEEDRESTART_SUSPEND=1',
    'apt-get',
    '-y',
    '-o',
    'DPkg::Lock::Timeout=300',
  ];
  const apt = (...args) => {
    const [command, ...rest] = [...prefix, ...quiet, ...args];
    return runLogged(command, rest, {
      log,
      env: process.env,
      stdin: prefix.length > 0 ? 'inherit' : 'ignore',
    });
  };
  // A foreign repository that cannot be reached fails the update; what we need may be there all the same.
  const update = await apt('update');
  const install = await apt('install', '--no-install-recommends', ...missing);
  const left = install.ok ? missingSystemPackages() : missing;
  if (left.length > 0)
    throw new SetupError(explainApt(install.output + (update.ok ? '' : update.output), left), log);
}

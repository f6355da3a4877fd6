// Set-up: from a fresh Debian or Ubuntu with Node to a built workspace.
//
// Steps: system packages (apt) → node modules (pnpm, pinned) → build (turbo: native add-on and TypeScript).
// Each step first looks whether its inputs changed since it last succeeded, so a later run does no work and needs
// no network. What child programs print goes to .setup/logs/<step>.log; its tail is shown when a step fails.
import fs from 'node:fs';
import path from 'node:path';
import { isMain, logDir, root, rootPackage, runMain, SetupError, stateDir, step } from './base.mjs';
import { ensureSystemPackages } from './system-packages.mjs';
import { ensureBuild, ensureNodeModules } from './workspace.mjs';

/**
 * Whether a Node version meets an `engines.node` range of the forms we use: `>=a.b.c` and `^a.b.c`, joined by `||`.
 * @param {string} version as in process.versions.node
 * @param {string} range
 */
export function nodeVersionMeets(version, range) {
  const parse = (text) => text.split('-')[0].split('.').map(Number);
  const actual = parse(version);
  return range.split('||').some((part) => {
    const match = /^\s*(>=|\^)\s*(\d+(?:\.\d+){0,2})\s*$/.exec(part);
    if (!match) throw new Error(`Expected >=a.b.c or ^a.b.c for engines.node but received ${part}`);
    const wanted = parse(match[2]);
    if (match[1] === '^' && actual[0] !== wanted[0]) return false;
    for (let i = 0; i < 3; i++) {
      const difference = actual[i] - (wanted[i] ?? 0);
      if (difference !== 0) return difference > 0;
    }
    return true;
  });
}

/** @param {string} version @param {string} range */
export function requireNode(version = process.versions.node, range = rootPackage().engines.node) {
  if (nodeVersionMeets(version, range)) return;
  throw new SetupError(
    `Undertone needs Node ${range.replaceAll('||', 'or')} but this is Node ${version}: install Node 22 or 24 ` +
      '(for example from https://nodejs.org or by nvm) and run the same command again.',
  );
}

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** The id of the live program that holds the lock, or undefined; a lock left by a dead one is removed. @param {string} lock */
function lockOwner(lock) {
  try {
    const owner = fs.readFileSync(lock, 'utf8');
    // Ids are used again after a crash: ours is a Node program started from an .mjs file.
    if (fs.existsSync(`/proc/${owner}`) && fs.readFileSync(`/proc/${owner}/cmdline`, 'utf8').includes('.mjs'))
      return owner;
    fs.rmSync(lock, { force: true });
  } catch (error) {
    if (error.code !== 'ENOENT' && error.code !== 'ESRCH') throw error;
  }
}

/** Two set-ups in one tree would overwrite each other's files. @template T @param {() => Promise<T>} work */
async function withLock(work) {
  const lock = path.join(stateDir, 'lock');
  const own = `${lock}.${process.pid}`;
  const deadline = Date.now() + 20 * 60_000;
  fs.writeFileSync(own, String(process.pid));
  const release = () => fs.rmSync(lock, { force: true });
  try {
    for (let told = false; ; await pause(500)) {
      try {
        // A link is made whole or not at all, so nobody reads a lock without an owner.
        fs.linkSync(own, lock);
        break;
      } catch (error) {
        if (error.code !== 'EEXIST') throw error;
      }
      const owner = lockOwner(lock);
      if (owner === undefined) continue;
      if (Date.now() > deadline) {
        throw new SetupError(
          `Another set-up (process ${owner}) holds ${lock}: end it and run the same command again.`,
        );
      }
      if (!told) console.log(`Another set-up (process ${owner}) is at work here: waiting for it.`);
      told = true;
    }
  } finally {
    fs.rmSync(own, { force: true });
  }
  process.once('exit', release);
  try {
    return await work();
  } finally {
    release();
    process.off('exit', release);
  }
}

/** Brings the tree to a built state. Throws SetupError. Safe to repeat. */
export async function setup() {
  requireNode();
  if (process.platform !== 'linux') {
    throw new SetupError(
      `Undertone's set-up knows Linux only and this is ${process.platform}: use Debian 12+ or Ubuntu 24.04+ (a container will do).`,
    );
  }
  try {
    fs.mkdirSync(logDir, { recursive: true });
    fs.accessSync(stateDir, fs.constants.W_OK);
  } catch {
    throw new SetupError(
      `${stateDir} cannot be written by this user: run "sudo chown -R $(id -u) ${root}" and run the same command again.`,
    );
  }
  await withLock(async () => {
    await step('system packages', ensureSystemPackages);
    await step('node modules', ensureNodeModules);
    await step('build', ensureBuild);
  });
}

if (isMain(import.meta.url)) await runMain(setup);

// What the scripts here share: running programs with a log, one line a step, stamps, errors in one sentence.
// Node builtins only: nothing is installed yet.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
export const stateDir = path.join(root, '.setup');
export const logDir = path.join(stateDir, 'logs');

/** What stands between the user and a working tree: one sentence that says what to do, and the log of what failed. */
export class SetupError extends Error {
  /** @param {string} message @param {string} [logFile] */
  constructor(message, logFile) {
    super(message);
    this.name = 'SetupError';
    this.logFile = logFile;
  }
}

/** @returns {{ packageManager: string, engines: { node: string } }} */
export function rootPackage() {
  return JSON.parse(fs.readFileSync(path.join(root, 'package.json'), 'utf8'));
}

/** @param {string} command @param {NodeJS.ProcessEnv} [env] the first executable of that name in PATH, or undefined */
export function findProgram(command, env = process.env) {
  for (const dir of (env.PATH ?? '').split(':').filter(Boolean)) {
    const file = path.join(dir, command);
    try {
      fs.accessSync(file, fs.constants.X_OK);
      if (fs.statSync(file).isFile()) return file;
    } catch {}
  }
}

// What `npm run` puts into the environment would otherwise reach pnpm and cmake-js as their own settings.
const keptNpmSettings = new Set(
  'registry proxy http_proxy https_proxy noproxy cafile ca strict_ssl cache userconfig globalconfig prefix store_dir'.split(
    ' ',
  ),
);

/** The environment of child programs: without npm's own settings, without telemetry, able to find our pnpm. */
export function childEnv(env = process.env) {
  const kept = Object.entries(env).filter(([key, value]) => {
    const setting = /^npm_config_(.*)$/i.exec(key)?.[1]?.toLowerCase();
    if (setting !== undefined) return value !== '' && keptNpmSettings.has(setting);
    return !/^npm_(lifecycle|package|command|execpath|node_execpath)/.test(key);
  });
  return {
    ...Object.fromEntries(kept),
    // turbo starts the package manager by name; ours is a pinned development dependency.
    PATH: [path.join(root, 'node_modules/.bin'), path.dirname(process.execPath), env.PATH].join(':'),
    NO_UPDATE_NOTIFIER: '1',
    DO_NOT_TRACK: '1',
    TURBO_TELEMETRY_DISABLED: '1',
    TURBO_NO_UPDATE_NOTIFIER: '1',
    // cmake runs one compiler at a time unless told.
    CMAKE_BUILD_PARALLEL_LEVEL: env.CMAKE_BUILD_PARALLEL_LEVEL ?? String(os.availableParallelism()),
  };
}

/**
 * Runs a program with its output appended to a log.
 * @param {string} command @param {string[]} args
 * @param {{ log: string, env?: NodeJS.ProcessEnv, cwd?: string, stdin?: 'ignore' | 'inherit' }} options
 * @returns {Promise<{ ok: boolean, output: string }>} output: what this program printed
 */
export async function runLogged(command, args, { log, env = childEnv(), cwd = root, stdin = 'ignore' }) {
  fs.mkdirSync(path.dirname(log), { recursive: true });
  fs.appendFileSync(log, `$ ${command} ${args.join(' ')}\n`);
  const start = fs.statSync(log).size;
  const fd = fs.openSync(log, 'a');
  const ok = await new Promise((resolve) => {
    const child = endedWithUs(spawn(command, args, { cwd, env, stdio: [stdin, fd, fd] }));
    child.on('error', (error) => {
      fs.writeSync(fd, `${error.message}\n`);
      resolve(false);
    });
    child.on('close', (code, signal) => {
      if (signal) fs.writeSync(fd, `ended by ${signal}\n`);
      resolve(code === 0);
    });
  });
  fs.closeSync(fd);
  return { ok, output: fs.readFileSync(log).subarray(start).toString('utf8') };
}

const running = new Set();

/** Marks a child program as one to be ended when this one is. @template {import('node:child_process').ChildProcess} T @param {T} child */
export function endedWithUs(child) {
  running.add(child);
  child.once('close', () => running.delete(child));
  return child;
}

/** A fresh log for a step. @param {string} name */
export function newLog(name) {
  const log = path.join(logDir, `${name}.log`);
  fs.rmSync(log, { force: true });
  return log;
}

/** The last lines of a log, indented. @param {string} log @param {number} [lines] */
export function logTail(log, lines = 25) {
  if (!fs.existsSync(log)) return '';
  const text = fs.readFileSync(log, 'utf8').trimEnd().split('\n');
  return text
    .slice(-lines)
    .map((line) => `  | ${line}`)
    .join('\n');
}

/**
 * Prints one line a step, `name  what … outcome  seconds`, and hands back what the step returns.
 * @template T
 * @param {string} name
 * @param {(say: (what: string) => void) => Promise<T> | T} work `say` tells what is going on, before or after it is done
 * @returns {Promise<T>}
 */
export async function step(name, work) {
  const start = performance.now();
  process.stdout.write(`${name.padEnd(16)}`);
  const end = () => process.stdout.write(`  ${((performance.now() - start) / 1000).toFixed(1)} s\n`);
  try {
    const value = await work((what) => process.stdout.write(what));
    end();
    return value;
  } catch (error) {
    process.stdout.write(' FAILED');
    end();
    throw error;
  }
}

/** Prints why it failed and the tail of the log. @param {unknown} error */
export function reportFailure(error) {
  if (!(error instanceof SetupError)) {
    console.error(error);
    return;
  }
  console.error(`\n${error.message}`);
  if (!error.logFile) return;
  console.error(`\nThe end of ${path.relative(root, error.logFile)}:\n${logTail(error.logFile)}`);
}

/** Whether a module is the program that was started. Not by import.meta.main, which the oldest Node here lacks. @param {string} url */
export function isMain(url) {
  return process.argv[1] !== undefined && fs.realpathSync(process.argv[1]) === fileURLToPath(url);
}

/** Runs a script's main function; what it throws is told in one sentence and ends it with status 1. @param {() => Promise<void>} main */
export async function runMain(main) {
  for (const [signal, status] of [
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ])
    process.once(signal, () => {
      for (const child of running) child.kill('SIGTERM');
      process.exit(status);
    });
  try {
    await main();
  } catch (error) {
    reportFailure(error);
    process.exitCode = 1;
  }
}

/** @param {string} name */
export function readStamp(name) {
  try {
    return fs.readFileSync(path.join(stateDir, `${name}.stamp`), 'utf8');
  } catch {
    return '';
  }
}

/** @param {string} name @param {string} digest */
export function writeStamp(name, digest) {
  fs.mkdirSync(stateDir, { recursive: true });
  fs.writeFileSync(path.join(stateDir, `${name}.stamp`), digest);
}

/** SHA-256 over names and contents. @param {string[]} files relative to the root @param {string[]} [facts] */
export function digestOf(files, facts = []) {
  const hash = createHash('sha256');
  for (const fact of facts) hash.update(`${fact}\0`);
  for (const file of [...files].sort()) {
    const content = fs.readFileSync(path.join(root, file));
    hash.update(`${file}\0${content.length}\0`).update(content);
  }
  return hash.digest('hex');
}

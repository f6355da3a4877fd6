/** Who is whose child, for tests that kill one process of a run. */
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';

/** Pid → pid of its parent, of every process that can be seen. */
function parents(): Map<number, number> {
  if (!existsSync('/proc/self/stat')) {
    const listed = execFileSync('ps', ['-A', '-o', 'pid=,ppid='], { encoding: 'utf8' });
    return new Map(
      listed
        .trim()
        .split('\n')
        .map((line) => line.trim().split(/\s+/).map(Number) as [number, number]),
    );
  }
  const found = new Map<number, number>();
  for (const name of readdirSync('/proc').filter((one) => /^\d+$/.test(one))) {
    try {
      // The command's name, in brackets, may itself hold blanks and brackets.
      const fields = readFileSync(`/proc/${name}/stat`, 'utf8').replace(/^.*\)/s, '').trim().split(' ');
      if (fields[0] !== 'Z') found.set(Number(name), Number(fields[1]));
    } catch {
      // It ended in between.
    }
  }
  return found;
}

export const childrenOf = (pid: number): number[] =>
  [...parents()].filter(([, parent]) => parent === pid).map(([child]) => child);

export const isAlive = (pid: number): boolean => parents().has(pid);

/** Polls until it holds. */
export async function until(holds: () => boolean, what: string, seconds = 60): Promise<void> {
  const end = performance.now() + 1000 * seconds;
  while (!holds()) {
    if (performance.now() > end) throw new Error(`Waited ${seconds} s for: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/**
 * Measures every task under every instruction set and number of threads, in rounds: in each round everything has its
 * turn once, so that what disturbs the machine for a while disturbs all alike. The first round warms up.
 */
import type { IsaProcess } from './isa-process.js';
import type { Limits, PassFacts, Task } from './task.js';

export interface Plan {
  readonly tasks: readonly Task[];
  readonly processes: readonly IsaProcess[];
  readonly threads: readonly number[];
  readonly repeats: number;
}

export interface Measured {
  readonly task: Task;
  readonly isa: string;
  readonly threads: number;
  readonly facts: PassFacts;
  /** Passes of each thread in one repeat. */
  readonly passes: number;
  /** One entry a repeat. */
  readonly seconds: readonly number[];
}

export interface MeasuredLimits extends Limits {
  readonly isa: string;
  readonly threads: number;
}

/** A repeat lasts at least this long, so that neither clock nor barrier matters. */
const LEAST_SECONDS = 0.05;
/** Aimed at, so that a faster repeat still lasts long enough. */
const AIM_SECONDS = 0.065;

/** Limits are measured this often, the best counts. */
const LIMIT_ROUNDS = 3;

type Row = Omit<Measured, 'passes' | 'seconds'> & {
  readonly process: IsaProcess;
  readonly index: number;
  passes: number;
  readonly seconds: number[];
};

/** @param onRound called before each round, 0 being the warm-up */
export async function measureRounds(
  plan: Plan,
  onRound: (round: number) => void,
): Promise<{ rows: Measured[]; limits: MeasuredLimits[] }> {
  onRound(0);
  const rows = await makeRows(plan);
  for (const row of rows) row.passes = await enoughPasses(row);
  const limits = plan.processes.flatMap((process) =>
    plan.threads.map((threads) => ({ process, threads, multiplyAddsPerSecond: 0, bytesPerSecond: 0 })),
  );
  const limitRounds = spreadOver(plan.repeats, LIMIT_ROUNDS);
  for (let round = 1; round <= plan.repeats; ++round) {
    onRound(round);
    for (const row of rows) row.seconds.push(await row.process.measure(row.index, row.passes, row.threads));
    if (!limitRounds.has(round)) continue;
    for (const limit of limits) {
      const found = await limit.process.limits(limit.threads);
      limit.multiplyAddsPerSecond = Math.max(limit.multiplyAddsPerSecond, found.multiplyAddsPerSecond);
      limit.bytesPerSecond = Math.max(limit.bytesPerSecond, found.bytesPerSecond);
    }
  }
  return {
    rows: rows.map(({ process: _process, index: _index, ...row }) => row),
    limits: limits.map(({ process, ...limit }) => ({ isa: process.isa, ...limit })),
  };
}

async function makeRows({ tasks, processes, threads }: Plan): Promise<Row[]> {
  const facts = new Map<IsaProcess, PassFacts[]>();
  for (const process of processes) facts.set(process, await process.prepare(tasks));
  return tasks.flatMap((task, index) =>
    processes.flatMap((process) =>
      threads.map((count) => {
        const pass = facts.get(process)?.[index];
        if (!pass) throw new Error(`${process.isa} has not prepared ${task.name}`);
        return {
          task,
          isa: process.isa,
          threads: count,
          facts: pass,
          process,
          index,
          passes: 1,
          seconds: [],
        };
      }),
    ),
  );
}

/** Also the warm-up: the last of these measurements is as long as a repeat. */
async function enoughPasses({ process, index, threads }: Row): Promise<number> {
  let passes = 1;
  for (;;) {
    const seconds = await process.measure(index, passes, threads);
    if (seconds >= LEAST_SECONDS) return passes;
    // A first pass may be slow for other reasons: no more than tenfold at once, lest one estimate goes astray.
    passes = Math.max(passes + 1, Math.ceil(passes * Math.min(10, AIM_SECONDS / seconds)));
  }
}

/** `count` of the rounds 1 … `rounds`, the first and the last among them. */
function spreadOver(rounds: number, count: number): Set<number> {
  return new Set(
    Array.from({ length: count }, (_, i) => 1 + Math.round((i * (rounds - 1)) / Math.max(1, count - 1))),
  );
}

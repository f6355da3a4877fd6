/** Proves an output folder: plan, commits, digests, every record's rows, and the tables against the shards. */
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { type Commit, type PlannedShard, sha256File, UndertoneError } from '@undertone/shared';
import { partRows } from '../sink/rows.js';
import type { Table } from '../sink/table.js';
import { commitFile, shardFolder } from './layout.js';
import { wholeCommit } from './ledger.js';
import { firstBroken, partPaths, totalsOf } from './merge.js';
import { type Plan, readPlan } from './plan-file.js';
import { rederive } from './rederive.js';
import { type RunFile, readRunFile } from './run-file.js';

/** Something that is wrong, and what to do about it. */
export interface Problem {
  readonly what: string;
  readonly todo: string;
}

export interface Verification {
  readonly folder: string;
  /** `finished`: all there and right. `unfinished`: what is there is right. `damaged`: something is wrong. */
  readonly verdict: 'finished' | 'unfinished' | 'damaged';
  readonly records: number;
  readonly recordsCommitted: number;
  readonly shards: number;
  readonly shardsCommitted: number;
  /** Files compared with what the shards give, byte by byte. */
  readonly compared: readonly string[];
  readonly problems: readonly Problem[];
  /** No harm: left-overs, files that could not be compared. */
  readonly notes: readonly string[];
}

const AGAIN = 'give the command of the run again';

/** @throws UndertoneError usage when the folder holds no run */
export async function verifyRun(out: string, version: string): Promise<Verification> {
  const verifier = new Verifier(out, version);
  await verifier.all();
  return verifier.result();
}

class Verifier {
  readonly #problems: Problem[] = [];
  readonly #notes: string[] = [];
  readonly #compared: string[] = [];
  #plan: Plan | null = null;
  #shardsCommitted = 0;
  #recordsCommitted = 0;
  #complete = false;

  constructor(
    readonly out: string,
    readonly version: string,
  ) {}

  async all(): Promise<void> {
    const run = this.#attempt(() => readRunFile(this.out));
    const plan = this.#attempt(() => readPlan(this.out));
    if (!run) return;
    if (!plan) {
      if (this.#problems.length === 0) this.#notes.push(`There is no plan yet: ${AGAIN}`);
      return;
    }
    this.#plan = plan;
    this.#checkPlan(plan, run);
    for (const shard of plan.shards) await this.#checkShard(plan, run, shard);
    this.#noteLeftOvers(plan);
    this.#complete = this.#shardsCommitted === plan.shards.length;
    if (run.state === 'complete' && this.#complete) await this.#checkTables(plan, run);
  }

  result(): Verification {
    const finished = this.#complete && this.#compared.length > 0;
    return {
      folder: this.out,
      verdict: this.#problems.length > 0 ? 'damaged' : finished ? 'finished' : 'unfinished',
      records: this.#plan?.manifest.count ?? 0,
      recordsCommitted: this.#recordsCommitted,
      shards: this.#plan?.shards.length ?? 0,
      shardsCommitted: this.#shardsCommitted,
      compared: this.#compared,
      problems: this.#problems,
      notes: this.#notes,
    };
  }

  #wrong(what: string, todo: string): void {
    this.#problems.push({ what, todo });
  }

  /** What a file that cannot be read says becomes a problem. */
  #attempt<T>(read: () => T): T | null {
    try {
      return read();
    } catch (thrown) {
      if (!(thrown instanceof UndertoneError) || thrown.code === 'usage') throw thrown;
      const [what = '', todo = AGAIN] = thrown.message.split(/: (?=delete|give)/);
      this.#wrong(what, todo);
      return null;
    }
  }

  #checkPlan(plan: Plan, run: RunFile): void {
    if (plan.fingerprint !== run.fingerprint)
      this.#wrong(
        'plan.jsonl is of a run with other settings than run.json',
        `delete plan.jsonl and ${AGAIN}`,
      );
    let next = 0;
    for (const { first, end } of plan.shards) {
      if (first > next) this.#wrong(`plan.jsonl has no shard for recordings ${next} to ${first - 1}`, AGAIN);
      next = Math.max(next, end);
    }
    if (next !== plan.manifest.count) this.#wrong(`plan.jsonl has no shard for its last recordings`, AGAIN);
  }

  async #checkShard(plan: Plan, run: RunFile, shard: PlannedShard): Promise<void> {
    const file = commitFile(this.out, shard.id);
    if (!existsSync(file)) return;
    const name = `Shard ${shard.index + 1} (${shard.id})`;
    const commit = wholeCommit(this.out, shard.id, file);
    if (!commit)
      return this.#wrong(`${name}: its commit is damaged, or a part is missing or cut short`, AGAIN);
    if (commit.fingerprint !== plan.fingerprint || commit.records !== shard.end - shard.first)
      return this.#wrong(
        `${name}: its commit is of another run`,
        `delete "${shardFolder(this.out, shard.id)}" and ${AGAIN}`,
      );
    const parts = partPaths(
      this.out,
      commit,
      run.merge.tables.map(({ table }) => table.name),
    );
    const broken = await firstBroken(parts);
    if (broken) return this.#wrong(`${name}: "${broken}" does not match its digest`, AGAIN);
    const rows = this.#rowsOf(plan, run, shard, commit);
    if (rows)
      return this.#wrong(`${name}: ${rows}`, `delete "${shardFolder(this.out, shard.id)}" and ${AGAIN}`);
    this.#shardsCommitted += 1;
    this.#recordsCommitted += commit.records;
  }

  /** @returns what is wrong with the rows of a shard, or null */
  #rowsOf(plan: Plan, run: RunFile, shard: PlannedShard, commit: Commit): string | null {
    for (const { table } of run.merge.tables) {
      const part = commit.parts.find((one) => one.table === table.name);
      const paths = partPaths(this.out, commit, [table.name]).map(({ path }) => path);
      const isIndex = table.name === run.merge.recordTable;
      let rows = 0;
      let at = shard.first - 1;
      let last = '';
      for (const cells of partRows(table, paths)) {
        rows += 1;
        if (!isIndex) continue;
        const [id = ''] = cells;
        if (id !== last) {
          at += 1;
          if (at >= shard.end || plan.manifest.record(at).id !== id)
            return `table ${table.name} has a row of no recording of the shard`;
          last = id;
        }
        const matrix = this.#matrixProblem(table, cells);
        if (matrix) return matrix;
      }
      if (isIndex && at !== shard.end - 1)
        return `recording "${plan.manifest.record(at + 1).file}" has no row in table ${table.name}`;
      if (rows !== part?.rows) return `table ${table.name} has ${rows} rows, its commit says ${part?.rows}`;
    }
    return null;
  }

  /** npy files have no digest: their length says whether they are whole. */
  #matrixProblem(table: Table, cells: readonly string[]): string | null {
    const cell = (name: string): string =>
      cells[table.columns.findIndex((column) => column.name === name)] ?? '';
    const npy = cell('npy');
    if (!npy) return null;
    const wanted = 128 + 4 * Number(cell('frames')) * Number(cell('columns'));
    const found = statSync(join(this.out, npy), { throwIfNoEntry: false })?.size;
    return found === wanted ? null : `"${npy}" has ${found ?? 'no'} bytes, not ${wanted}`;
  }

  #noteLeftOvers(plan: Plan): void {
    const own = new Set(plan.shards.map(({ id }) => id));
    const folder = join(this.out, 'shards');
    const others = existsSync(folder) ? readdirSync(folder).filter((name) => !own.has(name)).length : 0;
    if (others > 0)
      this.#notes.push(
        `${others} shard folders are of earlier plans (other recordings); they are not part of the tables`,
      );
  }

  async #checkTables(plan: Plan, run: RunFile): Promise<void> {
    const { wallSeconds: _wall, ...totals } = run.totals ?? { wallSeconds: 0 };
    if (JSON.stringify(sorted(totals)) !== JSON.stringify(sorted(totalsOf(this.out, plan, plan.shards))))
      this.#wrong('run.json has other totals than the shards', AGAIN);
    if (run.fingerprintParts.program !== this.version)
      this.#notes.push(
        `The tables were written by version ${run.fingerprintParts.program}, this is ${this.version}`,
      );
    for await (const { name, sha256 } of rederive(this.out, plan, run.merge)) {
      const found = existsSync(join(this.out, name)) ? await sha256File(join(this.out, name)) : null;
      if (found === sha256) this.#compared.push(name);
      else
        this.#wrong(
          `${name} ${found ? 'is not what the shards give' : 'is missing'}`,
          `\`undertone merge ${this.out}\` writes it anew`,
        );
    }
  }
}

/** Keys in order, so that equal values give equal text. */
function sorted(value: object): object {
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, inner]) => [key, inner !== null && typeof inner === 'object' ? sorted(inner) : inner]),
  );
}

/** Where things lie in an output folder. */
import { join } from 'node:path';

export const shardFolder = (out: string, shard: string): string => join(out, 'shards', shard);
export const commitFile = (out: string, shard: string): string =>
  join(shardFolder(out, shard), 'COMMIT.json');
/** Which shards the tables were merged from, in their order. */
export const mergedFile = (out: string): string => join(out, 'shards.json');
export const runFile = (out: string): string => join(out, 'run.json');
/** The recordings and shards of the run. */
export const PLAN_NAME = 'plan.jsonl';
export const planFile = (out: string): string => join(out, PLAN_NAME);

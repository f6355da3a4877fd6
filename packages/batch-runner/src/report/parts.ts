/** Sentences about parts of a plan, and about what has changed since an earlier one. */
import type { Changes } from '../commit/earlier-plan.js';

/** How much of the whole plan is committed after a part of it. */
export function partLines(
  { index, count, committed, shards }: { index: number; count: number; committed: number; shards: number },
  out: string,
): string[] {
  const state = `Part ${index} of ${count} is done: ${committed} of ${shards} shards of the plan are committed in ${out}`;
  return committed === shards
    ? [state, `Nothing is missing: \`undertone merge ${out}\` writes the tables`]
    : [state, `No tables yet: when every part is done, \`undertone merge ${out}\` writes them`];
}

/** '' when there is nothing to say. */
export function changesLine(changes: Changes | null): string {
  if (!changes || changes.added + changes.changed + changes.gone === 0) return '';
  const { added, changed, gone } = changes;
  return `Since the plan before: ${added} recordings new, ${changed} changed, ${gone} gone; the tables say what is there now`;
}

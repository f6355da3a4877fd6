/** Runners that died: whom to suspect, what to note in run.json, and when to give up. */
import { UndertoneError } from '@undertone/shared';
import type { InFlight } from '../flight/in-flight.js';
import type { Incident } from '../runner/messages.js';
import type { Death } from './runner-session.js';

/** Runners that may die one after the other without a shard committed or a culprit found in between. */
const MOST_CRASHES = 3;
/** The same for SIGKILL, which no code of ours causes: somebody kills, or memory is short for a while. */
const MOST_KILLS = 10;

export class Deaths {
  readonly #incidents: Incident[] = [];
  /** By what they were at. */
  readonly #suspects = new Map<string, InFlight>();
  readonly #judged = new Set<number>();
  #crashes = 0;
  #kills = 0;

  get incidents(): readonly Incident[] {
    return this.#incidents;
  }

  get suspects(): readonly InFlight[] {
    return [...this.#suspects.values()];
  }

  /** Something was achieved since the last death. */
  forgive(): void {
    this.#crashes = 0;
    this.#kills = 0;
  }

  /** A record of the manifest was tried alone. */
  judged(index: number): void {
    this.#judged.add(index);
    for (const [key, { first, last }] of this.#suspects) {
      let open = false;
      for (let i = first; i <= last; ++i) open ||= !this.#judged.has(i);
      if (!open) this.#suspects.delete(key);
    }
  }

  /** It ended by itself, after shards were committed: no reason to suspect anybody. */
  recycled(residentMb: number): Incident {
    return this.#note('memory', `${residentMb} MB`, []);
  }

  /** @throws UndertoneError runner_crash when it happens again and again */
  add({ how, hung, inFlight }: Death): Incident {
    const blamed = hung ?? inFlight;
    for (const one of blamed) {
      this.#suspects.set(`${one.phase} ${one.first} ${one.last}`, one);
      // A record may crash again although it did not alone.
      for (let i = one.first; i <= one.last; ++i) this.#judged.delete(i);
    }
    const files = [...new Set(blamed.map((one) => one.file).filter(Boolean))];
    const incident = this.#note(hung ? 'timeout' : 'crash', hung ? 'no progress' : how, files);
    this.#bound(incident);
    return incident;
  }

  #note(kind: Incident['kind'], how: string, files: readonly string[]): Incident {
    const incident = { at: new Date().toISOString(), kind, how, files };
    this.#incidents.push(incident);
    return incident;
  }

  #bound({ how, files }: Incident): void {
    const kill = how === 'SIGKILL';
    const times = kill ? ++this.#kills : ++this.#crashes;
    if (times < (kill ? MOST_KILLS : MOST_CRASHES)) return;
    const at = files.length > 0 ? `, last while at ${files.join(', ')}` : '';
    const guess = kill ? '; is it short of memory? fewer --workers take less' : '';
    throw new UndertoneError(
      'runner_crash',
      'runner',
      `The runner process died ${times} times (${how}) with nothing achieved in between${at}, and no recording does it alone${guess}. ` +
        'Committed shards stay, and the same command goes on from there',
    );
  }
}

/** What people are told of it. */
export function sentenceOf({ kind, how, files }: Incident): string {
  if (kind === 'memory') return `The runner process holds ${how} of memory: another one goes on`;
  const what =
    kind === 'timeout' ? 'The runner process hung and was killed' : `The runner process died (${how})`;
  return `${what}${files.length > 0 ? ` while at ${files.join(', ')}` : ''}: starting another`;
}

/** The records that were being worked on when a runner died: each tried alone, the guilty ones noted for good. */
import type { ManifestRecord, PlannedShard } from '@undertone/shared';
import type { Quarantine } from '../commit/quarantine.js';
import { type InFlight, LONGEST_NAME } from '../flight/in-flight.js';
import type { CompactManifest } from '../manifest/manifest.js';
import type { Job } from '../worker/job.js';
import type { Runner } from './runner.js';
import { tryAlone } from './trial.js';

export class Suspects {
  readonly #open = new Map<number, ManifestRecord>();
  readonly #judged = new Set<number>();

  constructor(
    readonly runner: Runner,
    readonly job: Job,
    readonly quarantine: Quarantine,
  ) {}

  /**
   * Before any header is read: tries those at which a runner died while it read one.
   * @param known set for those whose headers must not be read again
   */
  async tryUnread(manifest: CompactManifest, known: Uint8Array): Promise<void> {
    this.#find(manifest, (one) => one.phase === 'probe');
    await this.#try(true);
    if (!this.quarantine.holdsUnprobed) return;
    for (let i = 0; i < manifest.count; ++i) {
      if (!this.quarantine.noteOf(manifest.record(i))?.unprobed) continue;
      known[i] = 1;
      // An earlier plan may have its length, and long ones are read again to see whether they can be cut.
      manifest.setSeconds(i, new Float64Array(1));
    }
  }

  /** Which records of the plan are suspects. */
  find(manifest: CompactManifest): void {
    this.#find(manifest, () => true);
  }

  /** Whether any of its records is not cleared yet. */
  within({ first, end, piece }: PlannedShard): boolean {
    const holds = (index: number): boolean =>
      piece ? index === piece.record : index >= first && index < end;
    return [...this.#open.keys()].some(holds);
  }

  async tryAll(): Promise<void> {
    await this.#try(false);
  }

  #find(manifest: CompactManifest, among: (one: InFlight) => boolean): void {
    for (const suspect of this.runner.suspects.filter(among)) {
      // The inputs may have changed since; then nobody knows which record it was.
      if (suspect.last >= manifest.count || !isStill(suspect, manifest.record(suspect.last))) continue;
      for (let i = suspect.first; i <= suspect.last; ++i)
        if (!this.#judged.has(i)) this.#open.set(i, manifest.record(i));
    }
  }

  async #try(unprobed: boolean): Promise<void> {
    for (const [index, record] of [...this.#open]) {
      const { recordTimeout, counters } = this.runner;
      if (counters.stopRequested) return;
      const known = this.quarantine.noteOf(record) !== null;
      const verdict = known ? null : await tryAlone(record, this.job, recordTimeout, counters);
      if (verdict === undefined) return;
      if (verdict) {
        const { id, file, mtimeMs } = record;
        await this.quarantine.add({ record: id, file, mtimeMs, ...verdict, unprobed });
        this.runner.send({ kind: 'quarantined', record: id, file, ...verdict });
      }
      this.#judged.add(index);
      this.#open.delete(index);
      this.runner.send({ kind: 'judged', index });
    }
  }
}

function isStill({ phase, file }: InFlight, record: ManifestRecord): boolean {
  const name = phase === 'probe' ? Buffer.from(record.path).toString() : record.file;
  return name.slice(0, LONGEST_NAME) === file;
}

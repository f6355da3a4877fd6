/** Who speaks on a channel, by rule. */
import type { ManifestRecord, RoleRules } from '@undertone/shared';

/** In a call that goes out the sides change place: what --roles says is of a call that comes in. */
const OUTWARD = /^out/i;

export class Roles {
  readonly #pattern: RegExp | null;

  constructor(readonly rules: RoleRules) {
    this.#pattern = rules.pattern === null ? null : new RegExp(rules.pattern, 'u');
  }

  /** @param channels of the recording @returns null where no rule says anything */
  of(record: ManifestRecord, channel: number | null, channels: number): string | null {
    if (record.role !== null) return byText(record.role, channel);
    const found = this.#pattern?.exec(record.file)?.groups;
    if (found?.role) return found.role;
    // On a single channel both sides may speak.
    if (channel === null || channels < 2) return null;
    const turned = channel < 2 && OUTWARD.test(found?.direction ?? '');
    return byText(this.rules.roles, turned ? 1 - channel : channel);
  }
}

function byText(text: string, channel: number | null): string | null {
  if (!text.includes('=')) return text || null;
  for (const part of text.split(/[;,]/)) {
    const [index, role] = part.split('=');
    if (role !== undefined && Number(index) === channel) return role;
  }
  return null;
}

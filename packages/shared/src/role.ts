/** Who speaks on a channel: how manifests and flags write it. */

/** A role by itself, or roles by channel: `agent`, or `0=agent;1=customer` (or with commas). */
const ONE_ROLE = '[^=;,\\s][^=;,]{0,63}';
const ROLE_TEXT = new RegExp(`^(${ONE_ROLE}|\\d+=${ONE_ROLE}([;,]\\d+=${ONE_ROLE})*)$`);

export const isRoleText = (text: string): boolean => ROLE_TEXT.test(text);

/** The rules of a run; a role that the manifest gives a recording goes before them. */
export interface RoleRules {
  /** Roles by channel, for recordings of two channels or more: `0=agent,1=customer`. Empty where there are none. */
  readonly roles: string;
  /** A regular expression on the name in the tables, with a group `role`, `direction` or both. */
  readonly pattern: string | null;
}

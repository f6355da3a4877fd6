/** --roles and --role-pattern, made sure of before anything is worked on. */
import { expectation, type RoleRules, UndertoneError } from '@undertone/shared';
import type { RunSettings } from '../settings.js';

/** @throws UndertoneError usage for rules that could never name a role */
export function roleRules(settings: RunSettings): RoleRules {
  const { roles, rolePattern, channels } = settings;
  if (roles.length > 0 && channels === 'mix') {
    refuse('--channels', 'split or a channel, which --roles needs,', channels);
  }
  if (rolePattern !== undefined) checkPattern(rolePattern);
  return { roles: roles.join(), pattern: rolePattern ?? null };
}

function checkPattern(pattern: string): void {
  try {
    new RegExp(pattern, 'u');
  } catch {
    refuse('--role-pattern', 'a regular expression', pattern);
  }
  if (!/\(\?<(role|direction)>/.test(pattern)) {
    refuse('--role-pattern', 'a group (?<role>…) or (?<direction>…)', pattern);
  }
}

function refuse(flag: string, what: string, value: unknown): never {
  throw new UndertoneError('usage', flag, expectation(what, flag, value));
}

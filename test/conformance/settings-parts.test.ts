/** The settings of parts: --shard, and those of merge and verify. */
import { UndertoneError } from '@undertone/shared';
import { describe, expect, it } from 'vitest';
import { parseFlags } from '../../packages/batch-runner/src/command/flags.ts';
import {
  featuresSettings,
  mergeSettings,
  partOfText,
  runSettings,
  verifySettings,
} from '../../packages/batch-runner/src/settings.ts';

function refusal(act: () => unknown): string {
  try {
    act();
  } catch (thrown) {
    if (thrown instanceof UndertoneError && thrown.code === 'usage') return thrown.message;
    throw thrown;
  }
  return 'not refused';
}

describe('--shard', () => {
  it.each(['1/1', '3/8', '8/8', '1000/1000'])('takes %s', (shard) => {
    expect(parseFlags(runSettings, { out: 'o', shard }).shard).toBe(shard);
    expect(parseFlags(featuresSettings, { out: 'o', set: 's', shard }).shard).toBe(shard);
  });

  it.each(['0/8', '9/8', '3', '3/', '/8', '-1/8', '1.5/8', '3/8/9', 'one/two', ''])('refuses %j', (shard) => {
    expect(refusal(() => parseFlags(runSettings, { out: 'o', shard }))).toBe(
      `Expected a part of the plan, 1/<n> to <n>/<n>, for --shard but received ${JSON.stringify(shard)} of type string`,
    );
  });

  it('is the whole plan when it is left out', () => {
    expect(parseFlags(runSettings, { out: 'o' }).shard).toBeUndefined();
    expect(partOfText('3/8')).toEqual({ index: 3, count: 8 });
  });
});

describe('merge and verify', () => {
  it('have their defaults', () => {
    expect(parseFlags(mergeSettings, {})).toEqual({ quiet: false });
    expect(parseFlags(mergeSettings, { out: 'o', quiet: true })).toEqual({ out: 'o', quiet: true });
    expect(parseFlags(verifySettings, {})).toEqual({ json: false });
  });

  it('refuse an empty folder name', () => {
    expect(refusal(() => parseFlags(mergeSettings, { out: '' }))).toMatch(/for --out but received ""/);
  });
});

/** Names are bytes, tables are text: the shown form can be turned back, and no two names share one. */
import { holdsEscapes, shownName, systemPath } from '@undertone/shared';
import { describe, expect, it } from 'vitest';
import { seeded } from '../fixtures/random.ts';

const bytes = (...values: (string | number)[]): Buffer =>
  Buffer.concat(
    values.map((value) => (typeof value === 'number' ? Buffer.from([value]) : Buffer.from(value))),
  );

describe('shown names', () => {
  it.each([
    ['UTF-8 as it is', bytes('späß 日本語 😀\n".wav'), 'späß 日本語 😀\n".wav'],
    ['a byte of Latin-1', bytes('caf', 0xe9, '.wav'), 'caf\\xE9.wav'],
    ['several, and UTF-8 between them', bytes(0xff, 'ü', 0xfe, 0x80), '\\xFFü\\xFE\\x80'],
    ['a surrogate, which UTF-8 does not have', bytes(0xed, 0xa0, 0x80), '\\xED\\xA0\\x80'],
    ['a character cut short', bytes('a', 0xf0, 0x9f, 0x98), 'a\\xF0\\x9F\\x98'],
    ['a name that looks like an escape', bytes('lit\\xE9'), 'lit\\x5CxE9'],
    ['other backslashes', bytes('a\\b\\\\x4'), 'a\\b\\\\x4'],
    ['a byte-order mark', bytes(0xef, 0xbb, 0xbf, 'a'), '\uFEFFa'],
    ['composed and decomposed are two names', bytes('e\u0301'), 'e\u0301'],
  ])('%s', (_what, name, shown) => {
    expect(shownName(name)).toBe(shown);
    expect(Buffer.from(systemPath(shown))).toEqual(name);
  });

  it('any bytes come back, and different ones look different', () => {
    const random = seeded(17);
    const alphabet = [0x5c, 0x78, 0x45, 0x39, 0xe9, 0xc3, 0xa9, 0xf0, 0x9f, 0x41, 0xff, 0x80];
    const seen = new Map<string, string>();
    for (let i = 0; i < 20_000; ++i) {
      const name = Buffer.from(
        Array.from({ length: 1 + random.below(8) }, () => alphabet[random.below(alphabet.length)] ?? 0),
      );
      const shown = shownName(name);
      expect(Buffer.from(shown).toString('utf8')).toBe(shown);
      expect(Buffer.from(systemPath(shown)).equals(name)).toBe(true);
      expect(seen.get(shown) ?? name.toString('hex')).toBe(name.toString('hex'));
      seen.set(shown, name.toString('hex'));
    }
  });

  it('plain text asks the system for text', () => {
    expect(holdsEscapes('a\\xg1.wav')).toBe(false);
    expect(systemPath('ü/a.wav')).toBe('ü/a.wav');
  });
});

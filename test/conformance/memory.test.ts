/** A worker's memory does not grow with what it has done. The native side of it: native-test/allocation_test.cc. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { babble, toCodes } from '../fixtures/wav.ts';
import { PCM, pack, wav } from '../fixtures/wav-bytes.ts';

const scratch = mkdtempSync(join(tmpdir(), 'undertone-memory-'));
afterAll(() => rmSync(scratch, { recursive: true }));

it('stays what it is over 200 rounds of decoding and features', () => {
  const recording = join(scratch, 'stereo.wav');
  const format = { tag: PCM, channels: 2, rate: 44100, bits: 16 };
  writeFileSync(recording, wav(format, pack('s16', toCodes(babble(2 * 6, 44100, 5)))));
  const script = new URL('memory.mjs', import.meta.url).pathname;
  const printed = execFileSync(process.execPath, ['--expose-gc', script, recording, '200'], {
    encoding: 'utf8',
  });
  const resident = JSON.parse(printed) as number[];
  const [first = 0] = resident;
  // Measured: 3 MB at most, and 24 MB where every round leaks 100 KB.
  expect(
    Math.max(...resident) - first,
    `${resident.map((bytes) => Math.round(bytes / 1e6))} MB`,
  ).toBeLessThan(12e6);
});

/** A million recordings: scanned, listed and planned in bounded memory, in an order that no locale changes. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';

const work = mkdtempSync(join(tmpdir(), 'undertone-million-'));
afterAll(() => execFileSync('rm', ['-rf', work]));

/** Collects in a process of its own, whose memory is this work's alone. */
function collected(input: string): { count: number; first: string; last: string; peakMb: number } {
  const script = `
    import { collectInputs } from '${new URL('../../packages/batch-runner/dist/manifest/inputs.js', import.meta.url)}';
    import { ManifestBuilder } from '${new URL('../../packages/batch-runner/dist/manifest/manifest.js', import.meta.url)}';
    const builder = new ManifestBuilder();
    await collectInputs([${JSON.stringify(input)}], () => process.stdin, (entry) => builder.add(entry));
    const manifest = builder.build();
    const { count } = manifest;
    const file = (i) => manifest.record(i).file;
    console.log(JSON.stringify({ count, first: file(0), last: file(count - 1), peakMb: process.resourceUsage().maxRSS / 1024 }));
  `;
  return JSON.parse(execFileSync('node', ['--input-type=module', '-e', script], { encoding: 'utf8' }));
}

describe('a list', () => {
  it('of a million lines in a few hundred megabytes', () => {
    const path = join(work, 'million.csv');
    const pieces: string[] = ['file,truth\n'];
    // In no order, every path different, none of them there: nothing but the list is measured.
    for (let i = 0; i < 1_000_000; ++i) pieces.push(`calls/2026/${(i * 7919) % 1_000_000}.wav,\n`);
    writeFileSync(path, pieces.join(''));
    const { count, first, last, peakMb } = collected(path);
    expect({ count, first, last }).toEqual({
      count: 1_000_000,
      first: './calls/2026/0.wav',
      last: './calls/2026/999999.wav',
    });
    expect(peakMb).toBeLessThan(400);
  });
});

describe('a folder', () => {
  it('of 100,000 files in one, and folders in folders', () => {
    const flat = join(work, 'flat');
    mkdirSync(join(flat, 'a/b/c'), { recursive: true });
    // Links to one file are quick to make, and are files for the scan.
    writeFileSync(join(flat, 'one'), 'x');
    for (let i = 0; i < 100_000; ++i) symlinkSync('one', join(flat, `${String(i).padStart(6, '0')}.wav`));
    writeFileSync(join(flat, 'a/b/c/deep.wav'), 'x');
    const { count, first, last, peakMb } = collected(flat);
    expect({ count, first, last }).toEqual({
      count: 100_001,
      first: './000000.wav',
      last: './a/b/c/deep.wav',
    });
    expect(peakMb).toBeLessThan(250);
  });
});

/** Recordings that vanish, grow or are replaced while a run is at work: named, never mixed, done again by the next run. */
import { execFileSync } from 'node:child_process';
import {
  appendFileSync,
  closeSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  renameSync,
  rmSync,
  truncateSync,
  utimesSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { babble, wav16 } from '../fixtures/wav.ts';
import { PCM, wav } from '../fixtures/wav-bytes.ts';
import { readBytes, readTable, start, undertone } from './cli.ts';
import { until } from './processes.ts';

const work = mkdtempSync(join(tmpdir(), 'undertone-changes-'));
afterAll(() => rmSync(work, { recursive: true }));

/** Hours of silence that take no room on the disk: whoever decodes it is busy for some seconds. */
function longSilence(path: string, hours: number): void {
  const bytes = hours * 3600 * 16000 * 2;
  const header = wav({ tag: PCM, channels: 1, rate: 16000, bits: 16 }, Buffer.alloc(0), bytes);
  header.writeUInt32LE(36 + bytes, 4);
  const descriptor = openSync(path, 'w');
  writeSync(descriptor, header);
  closeSync(descriptor);
  truncateSync(path, header.length + bytes);
}

const changes: Readonly<Record<string, (path: string) => void>> = {
  '1-vanished.wav': (path) => rmSync(path),
  '2-grown.wav': (path) => appendFileSync(path, Buffer.alloc(16000)),
  '3-replaced.wav': (path) => {
    writeFileSync(`${path}.new`, wav16(babble(3, 8000, 77), 8000));
    renameSync(`${path}.new`, path);
  },
  '4-touched.wav': (path) => utimesSync(path, new Date(), new Date(2020, 1, 1)),
  '5-shrunk.wav': (path) => truncateSync(path, 20_000),
  '6-pipe.wav': (path) => {
    rmSync(path);
    execFileSync('mkfifo', [path]);
  },
  '7-folder.wav': (path) => {
    rmSync(path);
    mkdirSync(path);
  },
};

let folder = '';
let round = 0;
beforeEach(() => {
  folder = join(work, `in-${round++}`);
  mkdirSync(folder);
  longSilence(join(folder, '0-long.wav'), 3);
  for (const [i, name] of ['8-good.wav', ...Object.keys(changes)].entries()) {
    writeFileSync(join(folder, name), wav16(babble(2, 8000, i), 8000));
  }
});

/** Starts the command on one worker; does something while the first recording is decoded. */
async function meanwhile(args: readonly string[], out: string, change: () => void): Promise<void> {
  const run = start([...args, '--out', out, '--workers', '1', '--max-error-share', '1']);
  // run.json is written after the scan, and an attempt begins after the probe.
  const begun = (): boolean =>
    existsSync(join(out, 'shards')) && execFileSync('ls', [join(out, 'shards')]).length > 0;
  await until(() => begun() || run.exitCode !== null, 'a worker at work');
  change();
  const { exitCode, stderr } = await run;
  expect(exitCode, String(stderr)).toBe(0);
}

describe.each([
  ['run', ['run'], 'files.csv', 'segments.csv'],
  ['features', ['features', '--set', 'kaldi-mfcc-13', '--formats', 'npy'], 'features.csv', 'features.csv'],
] as const)('%s', (_verb, command, table, values) => {
  it('says what happened to each, loses no other, and does them again', async () => {
    const out = join(work, `out-${round}`);
    const args = [...command, folder];
    await meanwhile(args, out, () => {
      for (const [name, change] of Object.entries(changes)) change(join(folder, name));
    });
    const rows = readTable(out, table);
    const outcome = Object.fromEntries(
      rows.map((row) => [row.file, `${row.status} ${row.error_code}`.trim()]),
    );
    expect(outcome).toEqual({
      './0-long.wav': outcome['./0-long.wav'],
      './1-vanished.wav': 'error not_found',
      './2-grown.wav': 'error changed',
      './3-replaced.wav': 'error changed',
      './4-touched.wav': 'error changed',
      './5-shrunk.wav': 'error changed',
      './6-pipe.wav': 'error changed',
      './7-folder.wav': 'error changed',
      './8-good.wav': 'ok',
    });
    expect(['ok', 'no_speech']).toContain(outcome['./0-long.wav']);
    expect(rows.find((row) => row.file === './2-grown.wav')?.error_message).toMatch(
      /^The file changed during the run: \d+ bytes when scanned, \d+ now$/,
    );
    const valued = new Set(
      readTable(out, values)
        .filter((row) => row.status !== 'error')
        .map((row) => row.file),
    );
    expect([...valued].sort()).toEqual(['./0-long.wav', './8-good.wav']);

    // The same command again takes them as they are now.
    const again = await undertone([...args, '--out', out, '--workers', '1', '--max-error-share', '1']);
    expect(again.code, again.stderr).toBe(0);
    const fresh = join(work, `fresh-${round}`);
    await undertone([...args, '--out', fresh, '--workers', '2', '--max-error-share', '1']);
    for (const name of [table, values, 'errors.csv']) {
      expect(readBytes(out, name) === readBytes(fresh, name), name).toBe(true);
    }
    expect(readTable(out, 'errors.csv').filter((row) => row.error_code === 'changed')).toEqual([]);
  });
});

it('a recording that changes while it is decoded is partial, and says so', async () => {
  const out = join(work, 'while');
  const long = join(folder, '0-long.wav');
  await meanwhile(['run', folder], out, () => utimesSync(long, new Date(), new Date(2021, 1, 1)));
  const [row] = readTable(out, 'files.csv');
  // Caught before the decoder opened it, or after.
  expect(row).toMatchObject({ file: './0-long.wav', error_code: 'changed' });
  expect(['partial', 'error']).toContain(row?.status);
  expect(readTable(out, 'files.csv').filter((one) => one.status === 'ok')).toHaveLength(8);
});

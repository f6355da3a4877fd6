/** Manifest and shard plan: the same whatever order the inputs came in, and nothing lost on the way. */
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ManifestRecord } from '@undertone/shared';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { collectInputs } from '../../packages/batch-runner/src/manifest/inputs.ts';
import {
  type CompactManifest,
  commonFolder,
  ManifestBuilder,
} from '../../packages/batch-runner/src/manifest/manifest.ts';
import { differences } from '../../packages/batch-runner/src/shard/fingerprint.ts';
import { type PlannedManifest, planShards, shardOf } from '../../packages/batch-runner/src/shard/plan.ts';
import { seeded } from '../fixtures/random.ts';

const root = mkdtempSync(join(tmpdir(), 'undertone-plan-'));
const noStdin = (): never => {
  throw new Error('standard input was not asked for');
};
const manifestOf = async (
  inputs: string[],
  stdin: () => AsyncIterable<Uint8Array> = noStdin,
): Promise<CompactManifest> => {
  const builder = new ManifestBuilder();
  await collectInputs(inputs, stdin, (entry) => builder.add(entry));
  return builder.build();
};
const recordsOf = async (...from: Parameters<typeof manifestOf>): Promise<ManifestRecord[]> => {
  const manifest = await manifestOf(...from);
  return Array.from({ length: manifest.count }, (_, i) => manifest.record(i));
};

beforeAll(() => {
  mkdirSync(join(root, 'a/deep'), { recursive: true });
  mkdirSync(join(root, 'empty'));
  for (const name of [
    'a/b.wav',
    'a/B.WAV',
    'a/deep/ü.flac',
    'a/notes.txt',
    'a/.hidden.wav',
    '=1.mp3',
    '03-01-05-01-01-01-07.wav',
  ]) {
    writeFileSync(join(root, name), name);
  }
  symlinkSync(root, join(root, 'a/loop'));
});
afterAll(() => rmSync(root, { recursive: true }));

const filesOf = async (...inputs: string[]): Promise<string[]> =>
  (await recordsOf(inputs)).map((record) => record.file);

describe('inputs', () => {
  it('finds recordings in folders, follows links once, counts what it passes over', async () => {
    const entries: unknown[] = [];
    const { passedOver } = await collectInputs([root], noStdin, (entry) => entries.push(entry));
    expect(entries).toHaveLength(5);
    // A text file and a hidden recording.
    expect(passedOver).toBe(2);
  });

  it('orders byte by byte and counts a recording named twice once', async () => {
    const expected = ['./03-01-05-01-01-01-07.wav', './=1.mp3', './a/B.WAV', './a/b.wav', './a/deep/ü.flac'];
    expect(await filesOf(root)).toEqual(expected);
    expect(await filesOf(join(root, 'a'), root, join(root, '=1.mp3'))).toEqual(expected);
  });

  it('takes globs, and any file that is named', async () => {
    expect(await filesOf(join(root, 'a/**/*.flac'))).toEqual(['./deep/ü.flac']);
    expect(await filesOf(join(root, 'a/notes.txt'))).toEqual(['./notes.txt']);
  });

  it('reads manifests and standard input, with truth', async () => {
    const csv = join(root, 'list.csv');
    writeFileSync(csv, 'file,truth\r\na/b.wav,angry\r\n"=1.mp3",\r\ngone.wav,sad\r\n');
    const fromCsv = await recordsOf([csv]);
    expect(fromCsv.map((r) => [r.file, r.truth, r.scanError?.code ?? null])).toEqual([
      ['./=1.mp3', null, null],
      ['./a/b.wav', 'angry', null],
      ['./gone.wav', 'sad', 'not_found'],
    ]);
    const jsonl = join(root, 'list.jsonl');
    writeFileSync(jsonl, '{"file":"a/b.wav","truth":"happy"}\n{"file":"a/deep/ü.flac"}\n');
    const fromJsonl = await recordsOf([jsonl]);
    expect(fromJsonl.map((r) => r.truth)).toEqual(['happy', null]);
    // In pieces that end anywhere, as a pipe gives them.
    const listed = Buffer.from(`${join(root, 'a/b.wav')}\r\n${join(root, '=1.mp3')}\n\n`);
    async function* pieces(): AsyncGenerator<Uint8Array> {
      for (let at = 0; at < listed.length; at += 7) yield listed.subarray(at, at + 7);
    }
    const named = await recordsOf(['-'], pieces);
    expect(named.map((r) => r.file)).toEqual(['./=1.mp3', './a/b.wav']);
  });

  it.each([
    ['a path that does not exist', () => [join(root, 'nowhere')], /Input ".*nowhere" does not exist/],
    ['a glob without a match', () => [join(root, '*.opus')], /matches no file/],
    ['a folder without recordings', () => [join(root, 'empty')], /hold no recording/],
  ])('refuses %s', async (_what, inputs, message) => {
    await expect(filesOf(...inputs())).rejects.toThrow(message);
  });

  it('refuses a truth that is no emotion, naming it', async () => {
    const csv = join(root, 'bad.csv');
    writeFileSync(csv, 'file,truth\na/b.wav,furious\n');
    await expect(filesOf(csv)).rejects.toThrow(/truth in .*bad.csv", row 1 but received "furious"/);
  });

  it('labels by corpus names', async () => {
    expect((await recordsOf([root]))[0]).toMatchObject({
      truth: 'angry',
      speaker: 'ravdess-07',
      gender: 'male',
      corpus: 'ravdess',
    });
  });

  it('finds the deepest common folder', () => {
    expect(commonFolder(['/a/b/c', '/a/b'])).toBe('/a/b');
    expect(commonFolder(['/a/bc', '/a/b'])).toBe('/a');
    expect(commonFolder(['/a', '/b'])).toBe('/');
  });
});

function record(i: number, seconds: number): ManifestRecord {
  return {
    id: i.toString(16).padStart(16, '0'),
    file: `./${i}.wav`,
    path: `/x/${i}.wav`,
    bytes: 1,
    mtimeMs: 1,
    estimatedSeconds: seconds,
    truth: null,
    speaker: null,
    gender: null,
    corpus: null,
    scanError: null,
  };
}

const listed = (records: readonly ManifestRecord[]): PlannedManifest => {
  const at = (i: number): ManifestRecord => records[i] ?? expect.fail(`no record ${i}`);
  return { root: '/x', count: records.length, record: at, secondsOf: (i) => at(i).estimatedSeconds };
};

describe('shards', () => {
  it('hold every record once, in order, for any corpus', () => {
    const random = seeded(3);
    for (let round = 0; round < 50; ++round) {
      const records = Array.from({ length: 1 + random.below(5000) }, (_, i) =>
        record(i, random.next() ** 6 * 8000),
      );
      const shards = planShards(listed(records), 'f');
      expect(shards.flatMap((shard) => shardOf(listed(records), shard).records)).toEqual(records);
      expect(new Set(shards.map((shard) => shard.id)).size).toBe(shards.length);
    }
  });

  it('are enough for many workers even when the corpus is small, and bounded when it is large', () => {
    const small = planShards(listed(Array.from({ length: 120 }, (_, i) => record(i, 3.7))), 'f');
    expect(small.length).toBeGreaterThanOrEqual(4);
    const large = planShards(listed(Array.from({ length: 50_000 }, (_, i) => record(i, 30))), 'f');
    for (const shard of large) expect(shard.estimatedSeconds).toBeLessThan(3700);
  });

  it('have other ids when a setting, a time of change or a truth differs', () => {
    const of = (change: Partial<ManifestRecord>, fingerprint = 'f') =>
      planShards(listed([{ ...record(1, 1), ...change }]), fingerprint)[0]?.id;
    const said = [{ truth: 'sad' }, { speaker: 'a' }, { gender: 'male' }, { corpus: 'a' }] as const;
    const ids = [of({}), of({}, 'g'), of({ mtimeMs: 2 }), ...said.map((one) => of(one))];
    expect(new Set(ids).size).toBe(7);
    expect(of({ estimatedSeconds: 9 })).toBe(of({}));
  });

  it('name the settings that differ', () => {
    expect(
      differences({ hop: 1.5, model: 'aaa', gone: 1 }, { hop: 1, model: 'aaa', channels: 'mix' }),
    ).toEqual(['channels (was unset, now mix)', 'gone (was 1, now unset)', 'hop (was 1.5, now 1)']);
    // Names stand as they are, digests are cut.
    const names = differences({ set: 'undertone-descriptors' }, { set: 'undertone-functionals' });
    expect(names).toEqual(['set (was undertone-descriptors, now undertone-functionals)']);
    const digests = differences({ frontEnd: 'a'.repeat(64) }, { frontEnd: 'b'.repeat(64) });
    expect(digests).toEqual(['frontEnd (was aaaaaaaaaaaa, now bbbbbbbbbbbb)']);
  });
});

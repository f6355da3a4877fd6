/** The plan in its file, and what a recording costs in memory: numbers and bytes, not objects. */
import { mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterAll, describe, expect, it } from 'vitest';
import {
  compareWithEarlier,
  refuseOtherRecordings,
} from '../../packages/batch-runner/src/commit/earlier-plan.ts';
import {
  type Plan,
  planDigest,
  planLines,
  readPlan,
  readPlanShards,
} from '../../packages/batch-runner/src/commit/plan-file.ts';
import type { GivenLabels } from '../../packages/batch-runner/src/manifest/given-labels.ts';
import { type CompactManifest, ManifestBuilder } from '../../packages/batch-runner/src/manifest/manifest.ts';
import { partOf, planShards, workOrder } from '../../packages/batch-runner/src/shard/plan.ts';
import { partRows } from '../../packages/batch-runner/src/sink/rows.ts';

const work = mkdtempSync(join(tmpdir(), 'undertone-plan-file-'));
afterAll(() => rmSync(work, { recursive: true }));

const gone = { code: 'not_found', message: 'File does not exist' } as const;

/** Recordings that nobody opens: what the scan would have found. */
function manifestOf(names: readonly (string | Uint8Array)[], root = '/archive'): CompactManifest {
  const builder = new ManifestBuilder();
  for (const name of names) {
    const path = Buffer.concat([Buffer.from(`${root}/`), Buffer.from(name)]);
    builder.add({ path, root, error: gone });
  }
  return builder.build();
}

function planOf(manifest: CompactManifest, fingerprint = 'f'): Plan {
  const shards = planShards(manifest, fingerprint);
  return {
    fingerprint,
    inputs: ['in'],
    passedOver: 3,
    digest: planDigest(manifest, shards),
    manifest,
    shards,
  };
}

function written(plan: Plan): string {
  const out = mkdtempSync(join(work, 'out-'));
  writeFileSync(join(out, 'plan.jsonl'), [...planLines(plan)].join(''));
  return out;
}

const numbered = (count: number): string[] =>
  Array.from(
    { length: count },
    (_, i) => `calls/2026/${i % 100}/call-${String(i).padStart(8, '0')}-agent.wav`,
  );

describe('plan.jsonl', () => {
  it('gives back what was written, names of any bytes too', () => {
    const manifest = manifestOf([
      'b.wav',
      Buffer.from([0x61, 0xff, 0x2e, 0x77, 0x61, 0x76]),
      'a "b"\n.wav',
      'ü.wav',
      '\\x41.wav',
    ]);
    manifest.setSeconds(0, Float64Array.from([1.5, 2, 0, 1e6, 3]));
    const plan = planOf(manifest);
    const out = written(plan);
    const read = readPlan(out);
    const { manifest: again, ...header } = read ?? expect.fail('no plan');
    expect(header).toEqual({ ...plan, manifest: undefined });
    expect(Array.from({ length: again.count }, (_, i) => again.record(i))).toEqual(
      Array.from({ length: manifest.count }, (_, i) => manifest.record(i)),
    );
    expect(readPlanShards(out)).toEqual({ digest: plan.digest, shards: plan.shards });
  });

  it('keeps what a list says of a recording, which its digest holds too', () => {
    const of = (given: GivenLabels): Plan => {
      const builder = new ManifestBuilder();
      for (const name of ['a.wav', 'b.wav'])
        builder.add({
          path: `/archive/${name}`,
          root: '/archive',
          error: gone,
          given: name === 'a.wav' ? given : {},
        });
      return planOf(builder.build());
    };
    const given = { truth: 'sad', role: 'agent', speaker: 'Zoë', gender: 'female', corpus: 'calls' } as const;
    const read = readPlan(written(of(given)))?.manifest;
    expect(read?.entry(0).given).toEqual(given);
    expect(read?.entry(1).given).toBeNull();
    expect(of({ ...given, gender: 'male' }).digest).not.toBe(of(given).digest);
  });

  it('has the same digest for another root, and another one for other recordings', () => {
    const digest = (...from: Parameters<typeof manifestOf>): string => planOf(manifestOf(...from)).digest;
    expect(digest(['a.wav', 'b.wav'], '/mnt/x')).toBe(digest(['a.wav', 'b.wav']));
    expect(digest(['a.wav', 'c.wav'])).not.toBe(digest(['a.wav', 'b.wav']));
  });

  it('is refused when it is cut short or changed, with a way on', () => {
    const out = written(planOf(manifestOf(numbered(50))));
    const path = join(out, 'plan.jsonl');
    const bytes = readFileSync(path, 'utf8');
    for (const length of [0, 10, bytes.length >> 1, bytes.length - 2]) {
      truncateSync(path, length);
      expect(() => readPlan(out), String(length)).toThrow(
        /plan\.jsonl" is missing or damaged \(.*\): delete it and give the command of the run again/,
      );
      writeFileSync(path, bytes);
    }
    writeFileSync(path, bytes.replace('call-00000007', 'call-00000008'));
    expect(() => readPlan(out)).toThrow('its digest is another one');
    expect(readPlan(mkdtempSync(join(work, 'none-')))).toBeNull();
  });

  it('tells what has come, gone and changed since', () => {
    const out = written(planOf(manifestOf(['a.wav', 'c.wav', 'd.wav'])));
    const now = manifestOf(['b.wav', 'c.wav', 'd.wav', 'e.wav']);
    // These recordings could not be opened when they were planned: they count as changed, so that they are looked at again.
    expect(compareWithEarlier(out, now)?.changes).toEqual({ same: 0, changed: 2, added: 2, gone: 1 });
    truncateSync(join(out, 'plan.jsonl'), 40);
    expect(compareWithEarlier(out, now)).toBeNull();
    expect(() => refuseOtherRecordings('o', { same: 0, changed: 0, added: 5, gone: 7 })).toThrow(
      '"o" holds a run of 7 other recordings, none of which is among these: use another --out folder',
    );
    refuseOtherRecordings('o', { same: 0, changed: 1, added: 5, gone: 7 });
  });
});

describe('shards', () => {
  it('keep their ids when a recording comes or goes', () => {
    const names = numbered(20_000);
    const ids = (of: string[]): string[] => planShards(manifestOf(of), 'f').map(({ id }) => id);
    const before = ids(names);
    const after = new Set(ids(names.filter((_, i) => i !== 10_000)));
    expect(before.length).toBeGreaterThan(20);
    expect(before.filter((id) => !after.has(id)).length).toBeLessThanOrEqual(3);
  });

  it('are dealt out to parts evenly, each to one', () => {
    const shards = planShards(manifestOf(numbered(20_000)), 'f');
    const parts = [1, 2, 3, 4, 5].map((index) => partOf(shards, { index, count: 5 }));
    expect(parts.flat().sort((a, b) => a.index - b.index)).toEqual(shards);
    const sizes = parts.map((part) => part.length);
    expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1);
    expect(partOf(shards, { index: 999, count: 999 })).toEqual([]);
  });

  it('are worked on in order, but very long ones first', () => {
    const lengths = [60, 70, 5000, 65, 50, 9000, 60, 60, 60, 60];
    const shards = lengths.map((estimatedSeconds, index) => ({
      id: String(index),
      index,
      first: index,
      end: index + 1,
      estimatedSeconds,
    }));
    expect(workOrder(shards).map(({ index }) => index)).toEqual([5, 2, 0, 1, 3, 4, 6, 7, 8, 9]);
  });
});

describe('memory', () => {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const used = (): number => {
    collect();
    const { heapUsed, external } = process.memoryUsage();
    return heapUsed + external;
  };

  it('is less than 300 bytes a recording with a path of 60, plan and reading included', () => {
    const count = 50_000;
    const before = used();
    const manifest = manifestOf(numbered(count));
    const plan = planOf(manifest);
    expect((used() - before) / count).toBeLessThan(300);
    const out = written(plan);
    const middle = used();
    const read = readPlan(out);
    expect((used() - middle) / count).toBeLessThan(300);
    expect(read?.manifest.count).toBe(manifest.count);
  });

  it('of merging is a piece of a part, however long the part', () => {
    const path = join(work, 'long.csv');
    const table = {
      name: 't',
      columns: [
        { name: 'a', kind: 'text' as const },
        { name: 'b', kind: 'text' as const },
      ],
    };
    const row = `"quoted, ""twice""\r\nand broken",${'x'.repeat(200)}\r\n`;
    writeFileSync(path, `a,b\r\n${row.repeat(200_000)}`);
    const before = used();
    let rows = 0;
    let most = 0;
    for (const [first] of partRows(table, [path])) {
      if (rows++ % 50_000 === 0) most = Math.max(most, used() - before);
      if (first !== 'quoted, "twice"\r\nand broken') expect.fail(first);
    }
    expect(rows).toBe(200_000);
    expect(most).toBeLessThan(16e6);
    truncateSync(path, 1000);
    expect(() => [...partRows(table, [path])]).toThrow('ends inside a row');
  });
});

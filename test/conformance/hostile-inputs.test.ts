/** Collecting inputs: names, links, folders that cannot be read, lists of any form. Nothing lost, nothing twice. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { collectInputs } from '../../packages/batch-runner/src/manifest/inputs.ts';
import { ManifestBuilder } from '../../packages/batch-runner/src/manifest/manifest.ts';
import { hostileNames } from '../fixtures/hostile-names.ts';

const root = mkdtempSync(join(tmpdir(), 'undertone-inputs-'));
afterAll(() => rmSync(root, { recursive: true }));

function make(folder: string, files: readonly (string | Buffer)[]): string {
  const base = join(root, folder);
  mkdirSync(base, { recursive: true });
  for (const name of files) {
    const path = Buffer.concat([Buffer.from(`${base}/`), Buffer.from(name)]);
    const last = path.lastIndexOf('/');
    mkdirSync(path.subarray(0, last), { recursive: true });
    writeFileSync(path, 'x');
  }
  return base;
}

async function* bytesOf(...pieces: (string | Buffer)[]): AsyncGenerator<Uint8Array> {
  for (const piece of pieces) yield Buffer.from(piece);
}
const noStdin = (): never => {
  throw new Error('standard input was not asked for');
};

async function collect(
  inputs: string[],
  stdin: () => AsyncIterable<Uint8Array> = noStdin,
): Promise<{ files: string[]; rows: Record<string, string>; passedOver: number; truths: (string | null)[] }> {
  const builder = new ManifestBuilder();
  const { passedOver } = await collectInputs(inputs, stdin, (entry) => builder.add(entry));
  const manifest = builder.build();
  const records = Array.from({ length: manifest.count }, (_, i) => manifest.record(i));
  return {
    files: records.map((record) => record.file),
    rows: Object.fromEntries(records.map((r) => [r.file, r.scanError?.code ?? 'ok'])),
    passedOver,
    truths: records.map((record) => record.truth),
  };
}

describe('names', () => {
  let folder = '';
  beforeAll(() => {
    folder = make(
      'names',
      hostileNames.map(([name]) => name),
    );
  });

  it('each gives one record, in the order of their bytes, and can be opened', async () => {
    const { files, rows } = await collect([folder]);
    const sorted = [...hostileNames].sort(([a], [b]) => Buffer.compare(a, b));
    expect(files).toEqual(sorted.map(([, shown]) => `./${shown}`));
    expect(new Set(Object.values(rows))).toEqual(new Set(['ok']));
  });

  it('a glob finds them all', async () => {
    expect((await collect([join(folder, '**')])).files).toHaveLength(hostileNames.length);
    expect((await collect([join(folder, '*')])).files).toHaveLength(hostileNames.length - 1);
    expect((await collect([join(folder, '*{dash,at}.wav')])).files).toEqual(['./-dash.wav', './@at.wav']);
  });

  it('a file is taken by the name that the tables show, and by its own', async () => {
    const named = async (name: string) => (await collect([join(folder, name)])).files;
    expect(await named('caf\\xE9.wav')).toEqual(['./caf\\xE9.wav']);
    expect(await named('lit\\xE9.wav')).toEqual(['./lit\\x5CxE9.wav']);
    expect(await named('lit\\x5CxE9.wav')).toEqual(['./lit\\x5CxE9.wav']);
    expect(await named('[1].wav')).toEqual(['./[1].wav']);
    expect(await named('\\xE9/\\xFF')).toEqual(['./deep.wav']);
  });

  it('lists name them as bytes, in the shown form, in CSV, in JSON and between NULs', async () => {
    const raw = hostileNames.filter(([name]) => !/[\r\n]/.test(name.toString('latin1')));
    const lines = Buffer.concat(
      raw.flatMap(([name]) => [Buffer.from(`${folder}/`), name, Buffer.from('\n')]),
    );
    const list = await collect(['-'], () => bytesOf(lines));
    expect(list.files).toHaveLength(raw.length);
    expect(new Set(Object.values(list.rows))).toEqual(new Set(['ok']));

    const nuls = Buffer.concat(
      hostileNames.flatMap(([name]) => [Buffer.from(`${folder}/`), name, Buffer.from('\0')]),
    );
    expect((await collect(['-'], () => bytesOf(nuls))).files).toHaveLength(hostileNames.length);

    const quote = (text: string): string => `"${text.replaceAll('"', '""')}"`;
    for (const [name, text] of [
      ['bytes.csv', hostileNames.map(([own]) => quote(own.toString('latin1'))).join('\r\n')],
      ['shown.csv', hostileNames.map(([, shown]) => Buffer.from(quote(shown)).toString('latin1')).join('\n')],
    ] as const) {
      writeFileSync(join(folder, name), Buffer.from(`file\n${text}\n`, 'latin1'));
      const found = await collect([join(folder, name)]);
      expect(found.files, name).toHaveLength(hostileNames.length);
      expect(new Set(Object.values(found.rows)), name).toEqual(new Set(['ok']));
    }
    const json = hostileNames.map(([, shown]) => JSON.stringify({ file: `./${shown}` })).join('\n');
    writeFileSync(join(folder, 'shown.jsonl'), json);
    expect(new Set(Object.values((await collect([join(folder, 'shown.jsonl')])).rows))).toEqual(
      new Set(['ok']),
    );
  });
});

describe('links', () => {
  it('files by every name they have; folders once, by their own name', async () => {
    const folder = make('links/in', ['real/a.wav', 'z/b.wav']);
    const other = make('links/other', ['c.wav', 'sub/d.wav']);
    symlinkSync(join(folder, 'real'), join(folder, 'again'));
    symlinkSync('real/a.wav', join(folder, 'a-too.wav'));
    symlinkSync(folder, join(folder, 'real/loop'));
    symlinkSync(join(folder, 'real'), join(folder, 'real/self'));
    symlinkSync(join(other, 'sub'), join(folder, '1-inner'));
    symlinkSync(other, join(folder, '2-outer'));
    symlinkSync(other, join(folder, '3-twice'));
    symlinkSync('nowhere.wav', join(folder, 'dangling.wav'));
    symlinkSync('round.wav', join(folder, 'round.wav'));
    const { rows } = await collect([folder]);
    expect(rows).toEqual({
      './1-inner/d.wav': 'ok',
      './2-outer/c.wav': 'ok',
      './a-too.wav': 'ok',
      './dangling.wav': 'not_found',
      './real/a.wav': 'ok',
      './round.wav': 'unreadable',
      './z/b.wav': 'ok',
    });
  });

  it('two that point at each other, and one to what is hidden', async () => {
    const folder = make('rings', ['a/1.wav', 'b/2.wav', '.store/3.wav']);
    symlinkSync(join(folder, 'b'), join(folder, 'a/to-b'));
    symlinkSync(join(folder, 'a'), join(folder, 'b/to-a'));
    symlinkSync(join(folder, '.store'), join(folder, 'store'));
    expect((await collect([folder])).files).toEqual(['./a/1.wav', './b/2.wav', './store/3.wav']);
  });

  it('a folder given by a link to it', async () => {
    const folder = make('linked/real', ['a.wav']);
    symlinkSync(folder, join(root, 'linked/link'));
    expect((await collect([join(root, 'linked/link')])).files).toEqual(['./a.wav']);
  });
});

describe('what is no file', () => {
  it('pipes, sockets and devices called .wav are one error each, without waiting', async () => {
    const folder = make('odd', ['good.wav', 'folder.wav/inside.flac']);
    execFileSync('mkfifo', [join(folder, 'pipe.wav')]);
    symlinkSync('/dev/zero', join(folder, 'device.wav'));
    symlinkSync('pipe.wav', join(folder, 'linked-pipe.wav'));
    const { rows } = await collect([folder]);
    expect(rows).toEqual({
      './device.wav': 'unreadable',
      './folder.wav/inside.flac': 'ok',
      './good.wav': 'ok',
      './linked-pipe.wav': 'unreadable',
      './pipe.wav': 'unreadable',
    });
  });

  it('hidden recordings are counted, hidden folders left', async () => {
    const folder = make('hidden', ['a.wav', '._a.wav', '.DS_Store', '.trash/b.wav', 'notes.txt', '.wav']);
    expect(await collect([folder])).toMatchObject({ files: ['./a.wav'], passedOver: 2 });
  });
});

describe('trees of any shape', () => {
  it('deeper than a path may be long: a row says so, and the rest is there', async () => {
    const base = make('deep', ['top.wav']);
    // Made from inside, level by level: the whole path is longer than any call takes.
    const level = 'd'.repeat(200);
    execFileSync('sh', [
      '-c',
      `cd "$1" && i=0 && while [ $i -lt 25 ]; do mkdir "$2" && cd -P "$2" && : > x.wav && i=$((i+1)); done`,
      'sh',
      base,
      level,
    ]);
    const { rows, files } = await collect([base]);
    const unreadable = files.filter((file) => rows[file] === 'unreadable');
    expect(unreadable).toHaveLength(1);
    expect(files.filter((file) => file.endsWith('/x.wav')).length).toBeGreaterThanOrEqual(18);
    expect(rows['./top.wav']).toBe('ok');
    execFileSync('rm', ['-rf', base]);
  });

  it('thousands of levels of short names do not recurse', async () => {
    const base = make('steps', []);
    execFileSync('sh', [
      '-c',
      `cd "$1" && i=0 && while [ $i -lt 1500 ]; do mkdir d && cd -P d && i=$((i+1)); done; : > end.wav`,
      'sh',
      base,
    ]);
    const { files } = await collect([base]);
    expect(files).toEqual([`./${'d/'.repeat(1500)}end.wav`]);
    execFileSync('rm', ['-rf', base]);
  });
});

describe('lists', () => {
  const list = (name: string, content: string | Buffer): string => {
    const folder = make('lists', ['a.wav', 'b/c.wav']);
    writeFileSync(join(folder, name), content);
    return join(folder, name);
  };

  it.each([
    ['a byte-order mark and CRLF', '\uFEFFfile,truth\r\na.wav,sad\r\n\r\nb/c.wav,\r\n', ['sad', null]],
    ['columns in another order, and others', 'speaker,truth,file\n1,sad,a.wav\n2,,b/c.wav\n', ['sad', null]],
    ['the same recording twice', 'file,truth\na.wav,sad\nb/c.wav,\n./b/../a.wav,sad\n', ['sad', null]],
    ['quoted cells', '"file","truth"\n"a.wav","sad"\n"b/c.wav",""\n', ['sad', null]],
    ['no line end at the end', 'file,truth\na.wav,sad\nb/c.wav,', ['sad', null]],
  ])('CSV with %s', async (_what, content, truths) => {
    const found = await collect([list('list.csv', content)]);
    expect(found.files).toEqual(['./a.wav', './b/c.wav']);
    expect(found.truths).toEqual(truths);
  });

  it.each([
    [
      'CSV',
      'l.csv',
      'emotion,truth,file,speaker,gender,corpus\nsad,sad,a.wav,Zoë,female,calls\n,,b/c.wav,,,\n',
    ],
    [
      'JSON lines',
      'l.jsonl',
      '{"file":"a.wav","emotion":"sad","speaker":"Zoë","gender":"female","corpus":"calls"}\n' +
        '{"file":"b/c.wav","gender":null}\n',
    ],
  ])('what %s says of a recording is in its record', async (_form, name, content) => {
    const builder = new ManifestBuilder();
    await collectInputs([list(name, content)], noStdin, (entry) => builder.add(entry));
    const manifest = builder.build();
    expect(manifest.record(0)).toMatchObject({
      truth: 'sad',
      speaker: 'Zoë',
      gender: 'female',
      corpus: 'calls',
    });
    expect(manifest.record(1)).toMatchObject({ truth: null, speaker: null, gender: null, corpus: null });
    expect(manifest.entry(1).given).toBeNull();
  });

  it('absolute and relative paths, and paths that do not exist', async () => {
    const path = list('mixed.csv', `file\n${join(root, 'lists/a.wav')}\nb/c.wav\ngone.wav\n`);
    expect((await collect([path])).rows).toEqual({
      './a.wav': 'ok',
      './b/c.wav': 'ok',
      './gone.wav': 'not_found',
    });
  });

  it('JSON lines with a mark, CRLF and empty lines', async () => {
    const path = list('list.jsonl', '\uFEFF{"file":"a.wav","truth":"sad"}\r\n\r\n{"file":"b/c.wav"}');
    expect(await collect([path])).toMatchObject({ files: ['./a.wav', './b/c.wav'], truths: ['sad', null] });
  });

  it.each([
    [
      'no file column',
      'm.csv',
      'path,truth\na.wav,sad\n',
      /Expected a column file for the header of ".*m.csv" but received "path,truth"/,
    ],
    [
      'an empty path',
      'm.csv',
      'file,truth\n,sad\n',
      /a path for column file of ".*m.csv", row 1 but received ""/,
    ],
    ['rows of different length', 'm.csv', 'file,truth\na.wav\n', /is not CSV: .*line 2/],
    ['an open quote', 'm.csv', 'file\n"a.wav\n', /is not CSV: .*[Qq]uote/],
    [
      'UTF-16',
      'm.csv',
      Buffer.from('\uFEFFfile\na.wav\n', 'utf16le'),
      /Expected UTF-8 text in ".*m.csv" but received UTF-16/,
    ],
    ['UTF-16', 'm.jsonl', Buffer.from('\uFEFF{}', 'utf16le'), /Expected UTF-8 text/],
    [
      'broken JSON',
      'm.jsonl',
      '{"file":"a.wav"}\n{"file":\n',
      /Expected JSON in ".*m.jsonl", line 2 but received \{"file": /,
    ],
    [
      'a number for a path',
      'm.jsonl',
      '{"file":5}\n',
      /a path for file in ".*m.jsonl", line 1 but received 5 of type number/,
    ],
    [
      'a word that is no emotion',
      'm.csv',
      'file,emotion\na.wav,furious\n',
      /^Expected one of neutral, .*, boredom for emotion in ".*m.csv", row 1 but received "furious" of type string$/,
    ],
    [
      'a truth and another emotion',
      'm.jsonl',
      '{"file":"a.wav","truth":"sad","emotion":"happy"}\n',
      /^Expected the truth "sad" of the same recording for emotion in ".*m.jsonl", line 1 but received "happy"/,
    ],
    [
      'a word that is no gender',
      'm.csv',
      'file,gender\na.wav,female\nb/c.wav,F\n',
      /^Expected one of female, male, or nothing, for gender in ".*m.csv", row 2 but received "F"/,
    ],
    [
      'a number for a speaker',
      'm.jsonl',
      '{"file":"a.wav","speaker":7}\n',
      /^Expected a name of at most 200 characters for speaker in ".*m.jsonl", line 1 but received 7 of type number$/,
    ],
    [
      'an endless name of a corpus',
      'm.csv',
      `file,corpus\na.wav,${'x'.repeat(201)}\n`,
      /^Expected a name of at most 200 characters for corpus in /,
    ],
    ['one endless line', 'm.jsonl', Buffer.alloc(3 << 20, 'x'), /line 1 is longer than 1 MiB/],
  ])('refuses %s in %s', async (_what, name, content, message) => {
    await expect(collect([list(name, content)])).rejects.toThrow(message);
  });

  it('an empty list is nothing to do', async () => {
    await expect(collect([list('none.csv', 'file\n')])).rejects.toThrow(/hold no recording/);
    await expect(collect(['-'], () => bytesOf(''))).rejects.toThrow(/hold no recording/);
  });

  it('standard input in pieces that end anywhere', async () => {
    const path = list('unused.csv', '');
    const text = Buffer.from(
      `${dirname(path)}/a.wav\r\n{"file":"${dirname(path)}/b/c.wav","truth":"happy"}\n`,
    );
    const pieces = Array.from(text, (byte) => Buffer.from([byte]));
    expect((await collect(['-'], () => bytesOf(...pieces))).files).toEqual(['./a.wav', './b/c.wav']);
  });
});

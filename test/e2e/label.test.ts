/** `undertone label`: labels.csv from names, what is refused, and labels.csv as the input of other commands. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { babble, toCodes, wav16 } from '../fixtures/wav.ts';
import { FLOAT, PCM, pack, wav } from '../fixtures/wav-bytes.ts';
import { readBytes, readTable, undertone } from './cli.ts';

const work = mkdtempSync(join(tmpdir(), 'undertone-label-'));
afterAll(() => rmSync(work, { recursive: true }));

/** A folder with these files, empty ones. */
function corpus(name: string, files: readonly string[]): string {
  const folder = join(work, name);
  for (const file of files) {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    writeFileSync(join(folder, file), '');
  }
  return folder;
}

const HEADER = 'corpus,file,speaker,gender,emotion,code,intensity,statement,repetition\r\n';

describe('undertone label', () => {
  it('labels by name in whatever folders, in path order, and refuses file by file', async () => {
    const folder = corpus('mixed', [
      'OAF_Pleasant_surprise/OAF_bar_ps.wav',
      'b/DC/a01.wav',
      'a/Actor_01/03-01-05-02-01-02-01.wav',
      'a/Actor_01/03-01-09-02-01-02-01.wav',
      'a/Actor_01/03-01-01-02-01-02-01.wav',
      'interview, 2 people.wav',
      'readme.txt',
    ]);
    const out = join(work, 'mixed.csv');
    const { code, stderr, stdout } = await undertone([
      'label',
      folder,
      '--out',
      out,
      '--max-error-share',
      '0.5',
    ]);
    expect(code, stderr).toBe(0);
    expect(stdout).toBe('');
    expect(readBytes(out)).toBe(
      `${HEADER}tess,./mixed/OAF_Pleasant_surprise/OAF_bar_ps.wav,tess-OAF,female,surprised,ps,,bar,\r\n` +
        'ravdess,./mixed/a/Actor_01/03-01-05-02-01-02-01.wav,ravdess-01,male,angry,05,strong,01,02\r\n' +
        'savee,./mixed/b/DC/a01.wav,savee-DC,male,angry,a,,01,\r\n',
    );
    expect(readTable(work, 'mixed.refused.csv')).toEqual([
      { file: './mixed/a/Actor_01/03-01-01-02-01-02-01.wav', reason: 'no strong neutral in RAVDESS' },
      { file: './mixed/a/Actor_01/03-01-09-02-01-02-01.wav', reason: 'unknown emotion code 09' },
      { file: './mixed/interview, 2 people.wav', reason: 'not a name of any known corpus' },
    ]);
    expect(stderr).toMatch(/^3 recordings labelled: 1 tess, 1 ravdess, 1 savee$/m);
    expect(stderr).toMatch(/^1 files passed over/m);
    expect(stderr).toMatch(/^3 refused, each with its reason in .*mixed\.refused\.csv:$/m);
    expect(stderr).toMatch(/^ {2}1 × unknown emotion code 09, e\.g\. \.\/mixed\/a\/Actor_01\/03-01-09/m);
  });

  it('ends with 65 when more is refused than allowed, and writes what it has', async () => {
    const folder = corpus('few', ['03-01-05-01-01-01-01.wav', 'x.wav']);
    const out = join(work, 'few.csv');
    const { code, stderr } = await undertone(['label', folder, '--out', out, '--quiet']);
    expect(code).toBe(65);
    expect(stderr).toBe('1 of 2 recordings refused, more than --max-error-share 0.05 allows');
    expect(readTable(out)).toHaveLength(1);
  });

  it('names recordings from the CSV when it lies among them or above, else in full', async () => {
    const folder = corpus('where', ['data/wav/03a01Fa.wav', 'data/lists/x', 'elsewhere/x']);
    for (const [csv, file] of [
      ['data/lists/labels.csv', '../wav/03a01Fa.wav'],
      ['labels.csv', './data/wav/03a01Fa.wav'],
      ['elsewhere/labels.csv', join(folder, 'data/wav/03a01Fa.wav')],
    ] as const) {
      const { code } = await undertone(['label', join(folder, 'data'), '--out', join(folder, csv)]);
      expect(code).toBe(0);
      expect(readTable(folder, csv).map((row) => row.file)).toEqual([file]);
    }
  });

  it('with a corpus named takes its names alone', async () => {
    const folder = corpus('one', ['03a01Fa.wav', 'OAF_back_angry.wav', 'a01.wav']);
    const out = join(work, 'one.csv');
    await undertone(['label', folder, '--corpus', 'savee', '--out', out]);
    expect(readTable(out)).toEqual([]);
    expect(readTable(work, 'one.refused.csv').map(({ reason }) => reason)).toEqual(
      Array(3).fill('not a name of savee (DC_a01, or a01 in a folder DC, JE, JK or KL)'),
    );
    await undertone(['label', folder, '--corpus', 'emodb', '--out', out]);
    expect(readTable(out).map(({ emotion }) => emotion)).toEqual(['happy']);
    expect(readTable(work, 'one.refused.csv')).toHaveLength(2);
  });

  it('labels names of files that are not there, a name a line', async () => {
    const out = join(work, 'names.csv');
    const names = [
      'AudioWAV/1001_DFA_ANG_XX.wav',
      'AudioWAV/1040_ITH_SAD_X.wav',
      'AudioWAV/1091_WSI_NEU_XX (1).wav',
    ];
    const { code, stderr } = await undertone(['label', '-', '--out', out], `${names.join('\r\n')}\r\n`);
    expect(code, stderr).toBe(0);
    expect(readTable(out).map((row) => [row.speaker, row.emotion, row.intensity])).toEqual([
      ['crema-d-1001', 'angry', 'unspecified'],
      ['crema-d-1040', 'sad', 'unspecified'],
      ['crema-d-1091', 'neutral', 'unspecified'],
    ]);
  });

  it('takes what a list says before what the name says', async () => {
    const folder = corpus('own', ['03a01Fa.wav', 'call 1.wav', 'call 2.wav']);
    const list = join(folder, 'own.csv');
    writeFileSync(
      list,
      'file,emotion,speaker,gender,corpus\n03a01Fa.wav,sad,,,\ncall 1.wav,angry,"Ann, B.",female,calls\ncall 2.wav,,,,calls\n',
    );
    const out = join(folder, 'labels.csv');
    await undertone(['label', list, '--out', out]);
    expect(readBytes(out)).toBe(
      `${HEADER}emodb,./03a01Fa.wav,emodb-03,male,sad,F,,a01,a\r\ncalls,./call 1.wav,"Ann, B.",female,angry,,,,\r\n`,
    );
    expect(readTable(folder, 'labels.refused.csv')).toEqual([
      { file: './call 2.wav', reason: 'not a name of any known corpus' },
    ]);
  });

  it('names the first of several recordings that hold the same samples', async () => {
    const folder = corpus('twice', []);
    const codes = toCodes(babble(1, 16000, 1));
    const sounds: Record<string, Buffer> = {
      '03a01Fa.wav': wav({ tag: PCM, channels: 1, rate: 16000, bits: 16 }, pack('s16', codes)),
      // Other bytes, the same samples; the same samples at another rate; other samples; no recording.
      '03a01Wa.wav': wav(
        { tag: FLOAT, channels: 1, rate: 16000, bits: 32 },
        pack(
          'f32',
          Float32Array.from(codes, (code) => code / 32768),
        ),
      ),
      '03a02Ta.wav': wav({ tag: PCM, channels: 1, rate: 8000, bits: 16 }, pack('s16', codes)),
      '03a02Fc.wav': wav16(babble(1, 16000, 2), 16000),
      '03a04Ad.wav': Buffer.from('nothing'),
    };
    mkdirSync(folder);
    for (const [name, bytes] of Object.entries(sounds)) writeFileSync(join(folder, name), bytes);
    const out = join(folder, 'labels.csv');
    const flags = ['--duplicates', '--workers', '2', '--out', out];
    const { code, stderr } = await undertone(['label', folder, ...flags]);
    expect(code).toBe(65);
    expect(stderr).toMatch(/^1 hold the same sound as another$/m);
    expect(readTable(out).map((row) => [row.file, row.duplicate_of])).toEqual([
      ['./03a01Fa.wav', ''],
      ['./03a01Wa.wav', './03a01Fa.wav'],
      ['./03a02Fc.wav', ''],
      ['./03a02Ta.wav', ''],
    ]);
    const [refused] = readTable(folder, 'labels.refused.csv');
    expect(refused?.file).toBe('./03a04Ad.wav');
    expect(refused?.reason).toMatch(/^cannot be decoded: .* \(unsupported_codec\)$/);
  });

  it.each([
    [
      ['--out', 'labels.txt'],
      'Expected a name that ends in .csv for --out but received "labels.txt" of type string',
    ],
    [
      ['--out', join(work, 'none/labels.csv')],
      `Expected a file in an existing folder for --out but received "${join(work, 'none/labels.csv')}" of type string`,
    ],
    [
      ['--out', 'labels.csv', '--corpus', 'iemocap'],
      'Expected one of "auto", "ravdess", "crema-d", "tess", "savee", "emodb" for --corpus but received "iemocap" of type string',
    ],
    [[], /^Missing --out: /],
  ])('refuses %j', async (flags, message) => {
    const { code, stderr } = await undertone(['label', corpus('wrong', ['03a01Fa.wav']), ...flags]);
    expect(code).toBe(64);
    expect(stderr).toMatch(message);
    expect(stderr.split('\n')).toHaveLength(1);
  });
});

describe('labels.csv', () => {
  it('is a list of recordings: features.csv carries truth, speaker, gender and corpus', async () => {
    const folder = corpus('round', ['in/x/OAF_back_angry.wav', 'in/DC/a01.wav']);
    for (const file of ['in/x/OAF_back_angry.wav', 'in/DC/a01.wav'])
      writeFileSync(join(folder, file), wav16(babble(1, 16000, 1), 16000));
    const out = join(folder, 'labels.csv');
    await undertone(['label', join(folder, 'in'), '--out', out]);
    const edited = readFileSync(out, 'utf8').replace('tess-OAF,female,angry', 'Mia,,calm');
    writeFileSync(out, edited);
    const table = join(work, 'table');
    const { code, stderr } = await undertone([
      'features',
      out,
      '--set',
      'undertone-functionals',
      '--out',
      table,
    ]);
    expect(code, stderr).toBe(0);
    expect(
      readTable(table, 'features.csv').map((row) => [
        row.file,
        row.truth,
        row.speaker,
        row.gender,
        row.corpus,
      ]),
    ).toEqual([
      ['./in/DC/a01.wav', 'angry', 'savee-DC', 'male', 'savee'],
      ['./in/x/OAF_back_angry.wav', 'calm', 'Mia', 'female', 'tess'],
    ]);
  });
});

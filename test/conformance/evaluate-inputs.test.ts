/** What `undertone eval` reads: labels, folds, merged classes; each refusal in one sentence. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { FoldRule, readFolds } from '../../packages/batch-runner/dist/evaluate/folds.js';
import { judgedClasses } from '../../packages/batch-runner/dist/evaluate/judged-classes.js';
import { readLabels } from '../../packages/batch-runner/dist/evaluate/labels.js';

const work = mkdtempSync(join(tmpdir(), 'undertone-evaluate-'));
afterAll(() => rmSync(work, { recursive: true }));

const written = (name: string, text: string): string => {
  writeFileSync(join(work, name), text);
  return join(work, name);
};
const sentence = (act: () => unknown): string => {
  try {
    act();
  } catch (thrown) {
    return (thrown as Error).message;
  }
  return 'nothing was thrown';
};

describe('labels', () => {
  it('come from the list, and from names where it is silent', async () => {
    const path = written(
      'labels.csv',
      '\ufefffile,emotion,speaker,intensity,note\r\nred/03-01-05-02-01-01-07.wav,,,,x\r\nred/03-01-05-02-01-01-08.wav,sad,me,mild,\r\n"own, 1.wav",happy,,,\r\n',
    );
    expect(await readLabels([path])).toEqual([
      {
        path: join(work, 'red/03-01-05-02-01-01-07.wav'),
        file: 'red/03-01-05-02-01-01-07.wav',
        ...{
          corpus: 'ravdess',
          speaker: 'ravdess-07',
          gender: 'male',
          emotion: 'angry',
          intensity: 'strong',
        },
      },
      {
        path: join(work, 'red/03-01-05-02-01-01-08.wav'),
        file: 'red/03-01-05-02-01-01-08.wav',
        ...{ corpus: 'ravdess', speaker: 'me', gender: 'female', emotion: 'sad', intensity: 'mild' },
      },
      {
        path: join(work, 'own, 1.wav'),
        file: 'own, 1.wav',
        ...{ corpus: null, speaker: null, gender: null, emotion: 'happy', intensity: null },
      },
    ]);
  });

  it('may lie in several lists, each recording in one of them', async () => {
    const one = written('one.csv', 'file,emotion\none/a.wav,sad\n');
    const two = written('two.csv', 'file,emotion\ntwo/a.wav,happy\n');
    expect((await readLabels([one, two])).map(({ file, emotion }) => [file, emotion])).toEqual([
      ['one/a.wav', 'sad'],
      ['two/a.wav', 'happy'],
    ]);
    await expect(readLabels([one, two, one])).rejects.toThrow(/one\.csv" names .*, which is named already$/);
  });

  it('are JSON lines as well', async () => {
    const [one] = await readLabels([written('labels.jsonl', '{"file": "a.wav", "truth": "boredom"}\n')]);
    expect(one).toMatchObject({ emotion: 'boredom', file: 'a.wav' });
  });

  it.each([
    [
      'name,emotion\na.wav,sad\n',
      /^Expected a column file for the header of ".*" but received "name,emotion"/,
    ],
    ['file,emotion\n', /^".*wrong\.csv" names no recording$/],
    ['file,emotion\na.wav,"sad\n', /^Manifest ".*" is not CSV: /],
    [
      'file,emotion\na.wav,sad\nb.wav,glad\n',
      /^Expected one of neutral, .*boredom for emotion in ".*", row 2 but received "glad" of type string$/,
    ],
    ['file,emotion\na.wav,sad\n./a.wav,sad\n', /^".*wrong\.csv" names \/.*\/a\.wav, which is named already$/],
  ])('refuses %j', async (text, expected) => {
    await expect(readLabels([written('wrong.csv', text)])).rejects.toThrow(expected);
  });

  it('refuses a file that is not there', async () => {
    await expect(readLabels([join(work, 'gone.csv')])).rejects.toThrow(
      /gone\.csv" cannot be read: .*no such file/i,
    );
  });
});

const fold = (over: object) => ({ name: '1', model: 'm', ...over });
const folds = (over: object = {}) => ({
  schema: 'undertone-folds/1',
  split: 'speaker-independent',
  rule: 'four actors a fold',
  seeds: [1],
  folds: [fold({ speakers: ['a'] })],
  ...over,
});

describe('folds', () => {
  it('are read with model folders relative to the file', () => {
    mkdirSync(join(work, 'deep'), { recursive: true });
    const file = readFolds(written('deep/folds.json', JSON.stringify(folds())));
    expect(file.folds).toEqual([
      { name: '1', model: [join(work, 'deep/m')], speakers: ['a'], corpora: [], files: [] },
    ]);
  });

  it.each([
    ['{', /^Folds ".*" cannot be read: /],
    [JSON.stringify(folds({ split: 'guess' })), /^Expected .*speaker-independent.* but received "guess"/],
    [JSON.stringify(folds({ folds: [] })), /^Expected at least 1/],
    [JSON.stringify(folds({ speaker: 'a' })), /speaker/],
    [
      JSON.stringify(folds({ folds: [fold({}), fold({})] })),
      /^Expected each fold once for folds of ".*" but received "1"/,
    ],
    [JSON.stringify(folds({ folds: [fold({ name: '../1' })] })), /letters, digits, dots and dashes/],
  ])('refuses %s', (text, expected) => {
    expect(sentence(() => readFolds(written('folds.json', text)))).toMatch(expected);
  });

  const label = (path: string, speaker: string | null, corpus: string | null) => ({
    path,
    file: path,
    ...{ speaker, corpus, gender: null, emotion: null, intensity: null },
  });
  const made = (...all: object[]) =>
    new FoldRule(
      all.map((one, i) => ({
        name: String(i + 1),
        model: 'm',
        speakers: [],
        corpora: [],
        files: [],
        ...one,
      })),
    );

  it('name recordings by speaker, corpus and the end of their path, whole names alone', () => {
    const rule = made({ speakers: ['s1'] }, { corpora: ['tess'] }, { files: ['A/x.wav', 'y.wav'] });
    expect(rule.foldOf(label('/d/z.wav', 's1', 'ravdess'))).toBe(0);
    expect(rule.foldOf(label('/d/z.wav', 's2', 'tess'))).toBe(1);
    expect(rule.foldOf(label('/d/A/x.wav', null, null))).toBe(2);
    expect(rule.foldOf(label('/d/BA/x.wav', null, null))).toBe(null);
    expect(rule.foldOf(label('/d/yy.wav', null, null))).toBe(null);
    expect(rule.unused()).toEqual(['file y.wav']);
  });

  it('may name several models, whose mean judges', () => {
    const file = readFolds(
      written('several.json', JSON.stringify(folds({ folds: [fold({ model: ['m', '/n'] })] }))),
    );
    expect(file.folds[0]?.model).toEqual([join(work, 'm'), '/n']);
  });

  it('may name a recording twice in one fold, but not in two', () => {
    const rule = made({ speakers: ['s1'], files: ['z.wav'] }, { corpora: ['tess'] });
    expect(rule.foldOf(label('/d/z.wav', 's1', 'ravdess'))).toBe(0);
    expect(sentence(() => rule.foldOf(label('/d/z.wav', 's1', 'tess')))).toBe(
      'Folds 1 and 2 both name /d/z.wav: one model can judge it',
    );
  });
});

describe('merged classes', () => {
  const card = (labelMap: object, task = 'emotion') => ({ task, labelMap }) as never;
  const label = (emotion: string | null, gender: string | null = null) => ({ emotion, gender }) as never;

  it('add their probabilities, and truths follow', () => {
    const classes = judgedClasses(['neutral', 'calm', 'sad'], ['calm=neutral']);
    expect(classes.names).toEqual(['neutral', 'sad']);
    expect([...classes.merge([0.2, 0.3, 0.5])]).toEqual([0.5, 0.5]);
    expect(classes.truthOf(label('calm'), card({ calm: 'calm' }))).toBe(0);
    expect(classes.truthOf(label('sad'), card({}))).toBe(1);
  });

  it('change nothing for a model that never had the class', () => {
    const classes = judgedClasses(['neutral', 'sad'], ['calm=neutral']);
    expect(classes.names).toEqual(['neutral', 'sad']);
    for (const mapped of ['neutral', null])
      expect(classes.truthOf(label('calm'), card({ calm: mapped })), String(mapped)).toBe(0);
  });

  it('truths without a class, and without a truth, are left out', () => {
    const classes = judgedClasses(['neutral', 'sad'], []);
    expect(classes.truthOf(label('boredom'), card({ boredom: null }))).toBe('no_class');
    expect(classes.truthOf(label('happy'), card({}))).toBe('no_class');
    expect(classes.truthOf(label('sad'), card({ sad: null }))).toBe('no_class');
    expect(classes.truthOf(label(null), card({}))).toBe('no_truth');
  });

  it('a model of genders is judged by gender', () => {
    const classes = judgedClasses(['female', 'male'], []);
    expect(classes.truthOf(label('sad', 'male'), card({}, 'gender'))).toBe(1);
    expect(classes.truthOf(label('sad'), card({}, 'gender'))).toBe('no_truth');
  });

  it.each([
    [['calm=joy']],
    [['joy=neutral']],
    [['calm=calm']],
    [['calm=neutral', 'calm=sad']],
    [['calm=neutral', 'neutral=sad']],
  ])('%j is refused', (merges) => {
    expect(sentence(() => judgedClasses(['neutral', 'calm', 'sad'], merges))).toMatch(
      /^Expected <class>=<class it counts as>, .* for --merge but received "/,
    );
  });
});

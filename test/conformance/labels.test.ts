/** Corpus labels from real file names, with every known quirk; an unknown code is never a guess. */
import { describe, expect, it } from 'vitest';
import { CORPORA, labelByName } from '../../packages/batch-runner/src/label/registry.ts';

const real: [file: string, corpus: string, speaker: string, gender: string, emotion: string][] = [
  ['./Actor_12/03-01-06-01-02-01-12.wav', 'ravdess', 'ravdess-12', 'female', 'fearful'],
  ['./Actor_01/03-01-02-02-01-02-01.wav', 'ravdess', 'ravdess-01', 'male', 'calm'],
  ['./03-02-08-01-01-01-24.flac', 'ravdess', 'ravdess-24', 'female', 'surprised'],
  ['./1001_DFA_ANG_XX.wav', 'crema-d', 'crema-d-1001', 'male', 'angry'],
  ['./1040_ITH_SAD_X.wav', 'crema-d', 'crema-d-1040', 'male', 'sad'],
  ['./a/1091_WSI_NEU_XX (1).wav', 'crema-d', 'crema-d-1091', 'female', 'neutral'],
  ['./1002_IEO_HAP_HI.wav', 'crema-d', 'crema-d-1002', 'female', 'happy'],
  ['./OAF_angry/OAF_back_angry.wav', 'tess', 'tess-OAF', 'female', 'angry'],
  ['./OAF_Pleasant_surprise/OAF_bar_ps.flac', 'tess', 'tess-OAF', 'female', 'surprised'],
  ['./YAF_fear/YAF_dog_fear.wav', 'tess', 'tess-YAF', 'female', 'fearful'],
  ['./OAF_neutral/OA_bite_neutral.wav', 'tess', 'tess-OAF', 'female', 'neutral'],
  ['./DC_a01.wav', 'savee', 'savee-DC', 'male', 'angry'],
  ['./JK/sa07.wav', 'savee', 'savee-JK', 'male', 'sad'],
  ['./KL_su15.wav', 'savee', 'savee-KL', 'male', 'surprised'],
  ['./JE/h03.wav', 'savee', 'savee-JE', 'male', 'happy'],
  ['./03a01Fa.wav', 'emodb', 'emodb-03', 'male', 'happy'],
  ['./16b10Wb.flac', 'emodb', 'emodb-16', 'female', 'angry'],
  ['./08a02La.wav', 'emodb', 'emodb-08', 'female', 'boredom'],
];

describe('label by name', () => {
  it.each(real)('%s', (file, corpus, speaker, gender, emotion) => {
    expect(labelByName(file)).toEqual({ corpus, speaker, gender, emotion });
  });

  it.each([
    ['an emotion code RAVDESS does not have', './03-01-09-01-02-01-12.wav'],
    ['a strong neutral, which RAVDESS does not have', './03-01-01-02-02-01-12.wav'],
    ['an actor RAVDESS does not have', './03-01-05-01-02-01-25.wav'],
    ['an unknown CREMA-D emotion', './1001_DFA_SUR_XX.wav'],
    ['an unknown TESS emotion', './OAF_back_calm.wav'],
    ['a SAVEE name outside a talker folder', './speech/a01.wav'],
    ['an unknown Emo-DB emotion', './03a01Xa.wav'],
    ['a name of no corpus', './2024-11-03 interview.wav'],
  ])('gives no label for %s', (_what, file) => {
    expect(labelByName(file)).toBeNull();
  });

  it('has one corpus for each name: the forms do not overlap', () => {
    for (const [file] of real) {
      const parts = file.split('/');
      const stem = (parts.at(-1) ?? '').replace(/\.[^.]*$/, '');
      const claimed = CORPORA.filter((corpus) => corpus.parse(stem, parts.at(-2) ?? '') !== null);
      expect(claimed, file).toHaveLength(1);
    }
  });
});

/** Corpus labels from real file names, with every known quirk; an unknown code is refused with its reason, never a guess. */
import { describe, expect, it } from 'vitest';
import { CORPORA, labelByName, readName } from '../../packages/batch-runner/src/label/registry.ts';
import { CORPUS_CHOICES } from '../../packages/batch-runner/src/settings.ts';

/** File, then: speaker (corpus before the last hyphen), gender, emotion, code, intensity, statement, repetition. */
const real: [file: string, speaker: string, gender: string, emotion: string, ...rest: (string | null)[]][] = [
  ['./Actor_12/03-01-06-01-02-01-12.wav', 'ravdess-12', 'female', 'fearful', '06', 'normal', '02', '01'],
  ['./Actor_01/03-01-02-02-01-02-01.wav', 'ravdess-01', 'male', 'calm', '02', 'strong', '01', '02'],
  ['./a/b/Actor_24/03-02-05-01-01-01-24.flac', 'ravdess-24', 'female', 'angry', '05', 'normal', '01', '01'],
  ['./01-01-01-01-01-01-01.mp4', 'ravdess-01', 'male', 'neutral', '01', 'normal', '01', '01'],
  ['./03-01-08-02-02-02-23.wav', 'ravdess-23', 'male', 'surprised', '08', 'strong', '02', '02'],
  ['./03-01-07-01-01-02-10.wav', 'ravdess-10', 'female', 'disgust', '07', 'normal', '01', '02'],
  ['./03-01-03-01-02-01-07.wav', 'ravdess-07', 'male', 'happy', '03', 'normal', '02', '01'],
  ['./03-01-04-02-01-01-16.wav', 'ravdess-16', 'female', 'sad', '04', 'strong', '01', '01'],
  ['./1001_DFA_ANG_XX.wav', 'crema-d-1001', 'male', 'angry', 'ANG', 'unspecified', 'DFA', null],
  ['./1040_ITH_SAD_X.wav', 'crema-d-1040', 'male', 'sad', 'SAD', 'unspecified', 'ITH', null],
  ['./a/1091_WSI_NEU_XX (1).wav', 'crema-d-1091', 'female', 'neutral', 'NEU', 'unspecified', 'WSI', null],
  ['./AudioWAV/1002_IEO_HAP_HI.wav', 'crema-d-1002', 'female', 'happy', 'HAP', 'high', 'IEO', null],
  ['./1002_IEO_FEA_MD.wav', 'crema-d-1002', 'female', 'fearful', 'FEA', 'medium', 'IEO', null],
  ['./AudioMP3/1090_IEO_DIS_LO.mp3', 'crema-d-1090', 'male', 'disgust', 'DIS', 'low', 'IEO', null],
  ['./OAF_angry/OAF_back_angry.wav', 'tess-OAF', 'female', 'angry', 'angry', null, 'back', null],
  ['./OAF_Pleasant_surprise/OAF_bar_ps.flac', 'tess-OAF', 'female', 'surprised', 'ps', null, 'bar', null],
  ['./YAF_pleasant_surprised/YAF_bar_ps.wav', 'tess-YAF', 'female', 'surprised', 'ps', null, 'bar', null],
  ['./OAF_Fear/OAF_young_fear.wav', 'tess-OAF', 'female', 'fearful', 'fear', null, 'young', null],
  ['./YAF_fear/YAF_dog_fear.wav', 'tess-YAF', 'female', 'fearful', 'fear', null, 'dog', null],
  ['./OAF_neutral/OA_bite_neutral.wav', 'tess-OAF', 'female', 'neutral', 'neutral', null, 'bite', null],
  ['./x/yaf_Bean_Disgust.WAV', 'tess-YAF', 'female', 'disgust', 'Disgust', null, 'bean', null],
  ['./OAF_Sad/OAF_gun_sad.wav', 'tess-OAF', 'female', 'sad', 'sad', null, 'gun', null],
  ['./YAF_happy/YAF_met_happy.flac', 'tess-YAF', 'female', 'happy', 'happy', null, 'met', null],
  ['./ALL/DC_a01.wav', 'savee-DC', 'male', 'angry', 'a', null, '01', null],
  ['./AudioData/JK/sa07.wav', 'savee-JK', 'male', 'sad', 'sa', null, '07', null],
  ['./KL_su15.wav', 'savee-KL', 'male', 'surprised', 'su', null, '15', null],
  ['./JE/h03.wav', 'savee-JE', 'male', 'happy', 'h', null, '03', null],
  ['./DC/n30.wav', 'savee-DC', 'male', 'neutral', 'n', null, '30', null],
  ['./JK_d11.wav', 'savee-JK', 'male', 'disgust', 'd', null, '11', null],
  ['./KL/f05.wav', 'savee-KL', 'male', 'fearful', 'f', null, '05', null],
  ['./wav/03a01Fa.wav', 'emodb-03', 'male', 'happy', 'F', null, 'a01', 'a'],
  ['./16b10Wb.flac', 'emodb-16', 'female', 'angry', 'W', null, 'b10', 'b'],
  ['./08a02La.wav', 'emodb-08', 'female', 'boredom', 'L', null, 'a02', 'a'],
  ['./09a05Ea.wav', 'emodb-09', 'female', 'disgust', 'E', null, 'a05', 'a'],
  ['./10b01Aa.wav', 'emodb-10', 'male', 'fearful', 'A', null, 'b01', 'a'],
  ['./15b09Ta.wav', 'emodb-15', 'male', 'sad', 'T', null, 'b09', 'a'],
  ['./14a07Nf.wav', 'emodb-14', 'female', 'neutral', 'N', null, 'a07', 'f'],
];

describe('label by name', () => {
  it.each(real)('%s', (file, speaker, gender, emotion, code, intensity, statement, repetition) => {
    const corpus = speaker.slice(0, speaker.lastIndexOf('-'));
    const label = { corpus, speaker, gender, emotion, code, intensity, statement, repetition };
    expect(readName(file)).toEqual(label);
    expect(labelByName(file)).toEqual(label);
  });

  it.each([
    ['./03-01-09-01-02-01-12.wav', 'ravdess', 'unknown emotion code 09'],
    ['./03-01-01-02-02-01-12.wav', 'ravdess', 'no strong neutral in RAVDESS'],
    ['./03-01-05-01-02-01-25.wav', 'ravdess', 'unknown actor 25, RAVDESS has 01 to 24'],
    ['./03-01-05-01-02-01-00.wav', 'ravdess', 'unknown actor 00, RAVDESS has 01 to 24'],
    ['./04-01-05-01-02-01-12.wav', 'ravdess', 'unknown modality 04'],
    ['./03-03-05-01-02-01-12.wav', 'ravdess', 'unknown vocal channel 03'],
    ['./03-01-05-03-02-01-12.wav', 'ravdess', 'unknown intensity 03'],
    ['./03-01-05-01-03-01-12.wav', 'ravdess', 'unknown statement 03'],
    ['./03-01-05-01-02-00-12.wav', 'ravdess', 'unknown repetition 00'],
    ['./1001_DFA_SUR_XX.wav', 'crema-d', 'unknown emotion code SUR'],
    ['./1092_DFA_ANG_XX.wav', 'crema-d', 'unknown actor 1092, CREMA-D has 1001 to 1091'],
    ['./1001_ABC_ANG_XX.wav', 'crema-d', 'unknown sentence ABC'],
    ['./1001_DFA_ANG_YY.wav', 'crema-d', 'unknown level YY'],
    ['./OAF_back_calm.wav', 'tess', 'unknown emotion code calm'],
    ['./OAF_back_constructor.wav', 'tess', 'unknown emotion code constructor'],
    ['./AB_a01.wav', 'savee', 'unknown talker AB'],
    ['./DC_x01.wav', 'savee', 'unknown emotion code x'],
    ['./KL/sx01.wav', 'savee', 'unknown emotion code sx'],
    ['./03a01Xa.wav', 'emodb', 'unknown emotion code X'],
    ['./17a01Fa.wav', 'emodb', 'unknown speaker 17'],
    ['./03a03Fa.wav', 'emodb', 'unknown text a03'],
  ])('%s is refused by %s: %s', (file, corpus, reason) => {
    expect(readName(file)).toEqual({ corpus, reason });
    expect(labelByName(file)).toBeNull();
  });

  it.each([
    ['a SAVEE name outside a talker folder', './speech/a01.wav'],
    ['a CREMA-D name with more behind it', './1001_DFA_ANG_XX_noisy.wav'],
    ['a name of no corpus', './2024-11-03 interview.wav'],
    ['a corpus name as a folder', './03-01-06-01-02-01-12.wav/take.wav'],
  ])('%s is of no form', (_what, file) => {
    expect(readName(file)).toBeNull();
  });

  it('has one corpus for each name: the forms do not overlap', () => {
    for (const [file] of real) {
      const claimed = CORPORA.filter((corpus) => readName(file, [corpus]) !== null);
      expect(claimed, file).toHaveLength(1);
    }
  });

  it('is offered by --corpus as it is registered', () => {
    expect(CORPUS_CHOICES).toEqual(['auto', ...CORPORA.map(({ name }) => name)]);
  });
});

/**
 * CREMA-D whole: 91 actors say twelve sentences neutrally and in five emotions, IEO at three levels in those five. The
 * published names are this grid less a few.
 */
describe('the grid of CREMA-D', () => {
  const sentences = 'IEO TIE IOM IWW TAI MTI IWL ITH DFA ITS TSI WSI'.split(' ');
  const names = Array.from({ length: 91 }, (_, i) => 1001 + i).flatMap((actor) =>
    sentences.flatMap((sentence) => [
      `${actor}_${sentence}_NEU_XX`,
      ...['ANG', 'DIS', 'FEA', 'HAP', 'SAD'].flatMap((emotion) =>
        (sentence === 'IEO' ? ['LO', 'MD', 'HI'] : ['XX']).map(
          (level) => `${actor}_${sentence}_${emotion}_${level}`,
        ),
      ),
    ]),
  );

  it('is labelled name by name', () => {
    const labels = names.map((name) => labelByName(`AudioWAV/${name}.wav`) ?? expect.fail(name));
    const count = (
      key: 'emotion' | 'gender' | 'speaker' | 'intensity' | 'statement',
    ): Record<string, number> =>
      labels.reduce<Record<string, number>>((counts, label) => {
        const value = String(label[key]);
        counts[value] = (counts[value] ?? 0) + 1;
        return counts;
      }, {});
    expect(labels).toHaveLength(91 * 82);
    expect(count('emotion')).toEqual({
      neutral: 91 * 12,
      ...Object.fromEntries(['angry', 'disgust', 'fearful', 'happy', 'sad'].map((name) => [name, 91 * 14])),
    });
    // 43 of the 91 actors are women.
    expect(count('gender')).toEqual({ female: 43 * 82, male: 48 * 82 });
    expect(Object.keys(count('speaker'))).toHaveLength(91);
    expect(count('intensity')).toEqual({
      ...Object.fromEntries(['low', 'medium', 'high'].map((level) => [level, 91 * 5])),
      unspecified: 91 * 67,
    });
    expect(Object.keys(count('statement')).sort()).toEqual([...sentences].sort());
  });
});

/** CREMA-D (Cao et al. 2014): actor_sentence_emotion_level, e.g. `1001_DFA_ANG_XX`. Sex is in the corpus's own table. */
import type { Emotion } from '@undertone/shared';
import { type Corpus, type CorpusLabel, codes, type Refusal } from './corpus.js';

const CORPUS = 'crema-d';

const emotions = codes<Emotion>({
  ANG: 'angry',
  DIS: 'disgust',
  FEA: 'fearful',
  HAP: 'happy',
  NEU: 'neutral',
  SAD: 'sad',
});

/** One real name has the level X (`1040_ITH_SAD_X`). */
const levels = codes({ LO: 'low', MD: 'medium', HI: 'high', XX: 'unspecified', X: 'unspecified' });

const sentences = new Set('IEO TIE IOM IWW TAI MTI IWL ITH DFA ITS TSI WSI'.split(' '));

/** Copies made by a file manager end in ` (1)`. */
const form = /^(\d{4})_([A-Z]{3})_([A-Z]{3})_([A-Z]{1,2})(?: \(\d+\))?$/;

/** VideoDemographics.csv: the female actors among 1001–1091. */
const female = new Set([
  1002, 1003, 1004, 1006, 1007, 1008, 1009, 1010, 1012, 1013, 1018, 1020, 1021, 1024, 1025, 1028, 1029, 1030,
  1037, 1043, 1046, 1047, 1049, 1052, 1053, 1054, 1055, 1056, 1058, 1060, 1061, 1063, 1072, 1073, 1074, 1075,
  1076, 1078, 1079, 1082, 1084, 1089, 1091,
]);

export const cremaD: Corpus = {
  name: CORPUS,
  form: 'actor, sentence, emotion and level such as 1001_DFA_ANG_XX',
  parse(stem) {
    const match = form.exec(stem);
    return match && label(match);
  },
};

function label([, actor = '', statement = '', code = '', level = '']: RegExpExecArray):
  | CorpusLabel
  | Refusal {
  const refused = (reason: string): Refusal => ({ corpus: CORPUS, reason });
  const number = Number(actor);
  if (number < 1001 || number > 1091) return refused(`unknown actor ${actor}, CREMA-D has 1001 to 1091`);
  if (!sentences.has(statement)) return refused(`unknown sentence ${statement}`);
  const emotion = emotions.get(code);
  if (!emotion) return refused(`unknown emotion code ${code}`);
  const intensity = levels.get(level);
  if (!intensity) return refused(`unknown level ${level}`);
  return {
    corpus: CORPUS,
    speaker: `crema-d-${actor}`,
    gender: female.has(number) ? 'female' : 'male',
    emotion,
    code,
    intensity,
    statement,
    repetition: null,
  };
}

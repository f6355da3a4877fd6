/** CREMA-D (Cao et al. 2014): actor_sentence_emotion_level, e.g. `1001_DFA_ANG_XX`. Sex is in the corpus's own table. */
import type { Emotion } from '@undertone/shared';
import type { Corpus } from './corpus.js';

const emotions: Readonly<Record<string, Emotion>> = {
  ANG: 'angry',
  DIS: 'disgust',
  FEA: 'fearful',
  HAP: 'happy',
  NEU: 'neutral',
  SAD: 'sad',
};

/** One real name has the level X (`1040_ITH_SAD_X`); copies made by a file manager end in ` (1)`. */
const form = /^(1\d{3})_[A-Z]{3}_([A-Z]{3})_(?:LO|MD|HI|XX|X)(?: \(\d+\))?$/;

/** VideoDemographics.csv: the female actors among 1001–1091. */
const female = new Set([
  1002, 1003, 1004, 1006, 1007, 1008, 1009, 1010, 1012, 1013, 1018, 1020, 1021, 1024, 1025, 1028, 1029, 1030,
  1037, 1043, 1046, 1047, 1049, 1052, 1053, 1054, 1055, 1056, 1058, 1060, 1061, 1063, 1072, 1073, 1074, 1075,
  1076, 1078, 1079, 1082, 1084, 1089, 1091,
]);

export const cremaD: Corpus = {
  name: 'crema-d',
  parse(stem) {
    const match = form.exec(stem);
    if (!match) return null;
    const [, actor = '', code = ''] = match;
    const emotion = emotions[code];
    const number = Number(actor);
    if (!emotion || number < 1001 || number > 1091) return null;
    return {
      corpus: 'crema-d',
      speaker: `crema-d-${actor}`,
      gender: female.has(number) ? 'female' : 'male',
      emotion,
    };
  },
};

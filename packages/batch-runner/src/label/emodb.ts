/** Emo-DB (Burkhardt et al. 2005): speaker, text code, emotion (German initial), take, e.g. `03a01Fa`. */
import type { Emotion } from '@undertone/shared';
import type { Corpus } from './corpus.js';

const emotions: Readonly<Record<string, Emotion>> = {
  W: 'angry',
  L: 'boredom',
  E: 'disgust',
  A: 'fearful',
  F: 'happy',
  T: 'sad',
  N: 'neutral',
};

const male = new Set(['03', '10', '11', '12', '15']);
const form = /^(03|08|09|1[0-6])[ab]\d\d([WLEAFTN])[a-f]$/;

export const emodb: Corpus = {
  name: 'emodb',
  parse(stem) {
    const match = form.exec(stem);
    const [, speaker = '', code = ''] = match ?? [];
    const emotion = emotions[code];
    if (!match || !emotion) return null;
    return {
      corpus: 'emodb',
      speaker: `emodb-${speaker}`,
      gender: male.has(speaker) ? 'male' : 'female',
      emotion,
    };
  },
};

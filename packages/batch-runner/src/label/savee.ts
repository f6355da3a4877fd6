/** SAVEE (Haq & Jackson 2009): `DC_a01`, or `a01` in the talker's folder `DC`; all talkers are men. */
import type { Emotion } from '@undertone/shared';
import { type Corpus, codes } from './corpus.js';

const emotions = codes<Emotion>({
  a: 'angry',
  d: 'disgust',
  f: 'fearful',
  h: 'happy',
  n: 'neutral',
  sa: 'sad',
  su: 'surprised',
});

const talkers = ['DC', 'JE', 'JK', 'KL'];
const form = /^(?:([A-Z]{2})_)?([a-z]{1,2})(\d\d)$/;

export const savee: Corpus = {
  name: 'savee',
  form: 'DC_a01, or a01 in a folder DC, JE, JK or KL',
  parse(stem, folder) {
    const match = form.exec(stem);
    const [, prefix, code = '', sentence = ''] = match ?? [];
    // Without a talker in front, a letter and a number are a name of this corpus in a talker's folder alone.
    const talker = prefix ?? (talkers.includes(folder) ? folder : undefined);
    if (!match || !talker) return null;
    if (!talkers.includes(talker)) return { corpus: 'savee', reason: `unknown talker ${talker}` };
    const emotion = emotions.get(code);
    if (!emotion) return { corpus: 'savee', reason: `unknown emotion code ${code}` };
    return {
      corpus: 'savee',
      speaker: `savee-${talker}`,
      gender: 'male',
      emotion,
      code,
      intensity: null,
      statement: sentence,
      repetition: null,
    };
  },
};

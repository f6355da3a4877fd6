/** TESS (Pichora-Fuller & Dupuis 2020): talker_word_emotion, e.g. `OAF_back_angry`; both talkers are women. */
import type { Emotion } from '@undertone/shared';
import { type Corpus, codes } from './corpus.js';

const emotions = codes<Emotion>({
  angry: 'angry',
  disgust: 'disgust',
  fear: 'fearful',
  happy: 'happy',
  neutral: 'neutral',
  ps: 'surprised',
  sad: 'sad',
});

/** One real name lacks the F of its talker: `OA_bite_neutral`. */
const form = /^(OAF?|YAF)_([a-z]+)_([a-z]+)$/i;

export const tess: Corpus = {
  name: 'tess',
  form: 'talker, word and emotion such as OAF_back_angry',
  parse(stem) {
    const match = form.exec(stem);
    if (!match) return null;
    const [, talker = '', word = '', code = ''] = match;
    const emotion = emotions.get(code.toLowerCase());
    if (!emotion) return { corpus: 'tess', reason: `unknown emotion code ${code}` };
    return {
      corpus: 'tess',
      speaker: talker.toUpperCase() === 'YAF' ? 'tess-YAF' : 'tess-OAF',
      gender: 'female',
      emotion,
      code,
      intensity: null,
      statement: word.toLowerCase(),
      repetition: null,
    };
  },
};

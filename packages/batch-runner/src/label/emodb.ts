/** Emo-DB (Burkhardt et al. 2005): speaker, text code, emotion (German initial), take, e.g. `03a01Fa`. */
import type { Emotion, Gender } from '@undertone/shared';
import { type Corpus, type CorpusLabel, codes, type Refusal } from './corpus.js';

const CORPUS = 'emodb';

/** Wut, Langeweile, Ekel, Angst, Freude, Trauer, neutral. */
const emotions = codes<Emotion>({
  W: 'angry',
  L: 'boredom',
  E: 'disgust',
  A: 'fearful',
  F: 'happy',
  T: 'sad',
  N: 'neutral',
});

const speakers = codes<Gender>({
  '03': 'male',
  '08': 'female',
  '09': 'female',
  '10': 'male',
  '11': 'male',
  '12': 'male',
  '13': 'female',
  '14': 'female',
  '15': 'male',
  '16': 'female',
});

const texts = new Set('a01 a02 a04 a05 a07 b01 b02 b03 b09 b10'.split(' '));

const form = /^(\d\d)([ab]\d\d)([A-Z])([a-z])$/;

export const emodb: Corpus = {
  name: CORPUS,
  form: 'speaker, text, emotion and take such as 03a01Fa',
  parse(stem) {
    const match = form.exec(stem);
    return match && label(match);
  },
};

function label([, speaker = '', statement = '', code = '', take = '']: RegExpExecArray):
  | CorpusLabel
  | Refusal {
  const refused = (reason: string): Refusal => ({ corpus: CORPUS, reason });
  const gender = speakers.get(speaker);
  if (!gender) return refused(`unknown speaker ${speaker}`);
  if (!texts.has(statement)) return refused(`unknown text ${statement}`);
  const emotion = emotions.get(code);
  if (!emotion) return refused(`unknown emotion code ${code}`);
  return {
    corpus: CORPUS,
    speaker: `emodb-${speaker}`,
    gender,
    emotion,
    code,
    intensity: null,
    statement,
    repetition: take,
  };
}

/**
 * RAVDESS (Livingstone & Russo 2018): modality-channel-emotion-intensity-statement-repetition-actor,
 * e.g. `03-01-06-01-02-01-12`. Odd actors are male, even ones female; there is no strong neutral.
 */
import type { Emotion } from '@undertone/shared';
import type { Corpus } from './corpus.js';

const emotions: Readonly<Record<string, Emotion>> = {
  '01': 'neutral',
  '02': 'calm',
  '03': 'happy',
  '04': 'sad',
  '05': 'angry',
  '06': 'fearful',
  '07': 'disgust',
  '08': 'surprised',
};

const form = /^0[1-3]-0[12]-(\d\d)-(0[12])-0[12]-0[12]-(\d\d)$/;

export const ravdess: Corpus = {
  name: 'ravdess',
  parse(stem) {
    const match = form.exec(stem);
    if (!match) return null;
    const [, code = '', intensity = '', actor = ''] = match;
    const emotion = emotions[code];
    const number = Number(actor);
    if (!emotion || number < 1 || number > 24 || (code === '01' && intensity === '02')) return null;
    return {
      corpus: 'ravdess',
      speaker: `ravdess-${actor}`,
      gender: number % 2 ? 'male' : 'female',
      emotion,
    };
  },
};

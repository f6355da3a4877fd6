/** SAVEE (Haq & Jackson 2009): `DC_a01`, or `a01` in the talker's folder `DC`; all talkers are men. */
import type { Emotion } from '@undertone/shared';
import type { Corpus } from './corpus.js';

const emotions: Readonly<Record<string, Emotion>> = {
  a: 'angry',
  d: 'disgust',
  f: 'fearful',
  h: 'happy',
  n: 'neutral',
  sa: 'sad',
  su: 'surprised',
};

const talkers = ['DC', 'JE', 'JK', 'KL'];
/** Two-letter codes first, or `sa01` would read as `s`. */
const form = /^(?:(DC|JE|JK|KL)_)?(sa|su|a|d|f|h|n)(\d\d)$/;

export const savee: Corpus = {
  name: 'savee',
  parse(stem, folder) {
    const match = form.exec(stem);
    const talker = match?.[1] ?? (talkers.includes(folder) ? folder : undefined);
    const emotion = emotions[match?.[2] ?? ''];
    if (!match || !talker || !emotion) return null;
    return { corpus: 'savee', speaker: `savee-${talker}`, gender: 'male', emotion };
  },
};

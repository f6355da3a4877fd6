/** TESS (Pichora-Fuller & Dupuis 2020): talker_word_emotion, e.g. `OAF_back_angry`; both talkers are women. */
import type { Emotion } from '@undertone/shared';
import type { Corpus } from './corpus.js';

const emotions: Readonly<Record<string, Emotion>> = {
  angry: 'angry',
  disgust: 'disgust',
  fear: 'fearful',
  happy: 'happy',
  neutral: 'neutral',
  ps: 'surprised',
  sad: 'sad',
};

/** One real name lacks the F of its talker: `OA_bite_neutral`. */
const form = /^(OAF?|YAF)_[a-z]+_([a-z]+)$/i;

export const tess: Corpus = {
  name: 'tess',
  parse(stem) {
    const match = form.exec(stem);
    const emotion = emotions[match?.[2]?.toLowerCase() ?? ''];
    if (!match?.[1] || !emotion) return null;
    const talker = match[1].toUpperCase() === 'YAF' ? 'YAF' : 'OAF';
    return { corpus: 'tess', speaker: `tess-${talker}`, gender: 'female', emotion };
  },
};

/**
 * RAVDESS (Livingstone & Russo 2018): modality-channel-emotion-intensity-statement-repetition-actor,
 * e.g. `03-01-06-01-02-01-12`. Odd actors are male, even ones female; there is no strong neutral.
 */
import type { Emotion } from '@undertone/shared';
import { type Corpus, type CorpusLabel, codes, type Refusal } from './corpus.js';

const CORPUS = 'ravdess';

const emotions = codes<Emotion>({
  '01': 'neutral',
  '02': 'calm',
  '03': 'happy',
  '04': 'sad',
  '05': 'angry',
  '06': 'fearful',
  '07': 'disgust',
  '08': 'surprised',
});
const intensities = codes({ '01': 'normal', '02': 'strong' });

const form = /^(\d\d)-(\d\d)-(\d\d)-(\d\d)-(\d\d)-(\d\d)-(\d\d)$/;

export const ravdess: Corpus = {
  name: CORPUS,
  form: 'seven numbers such as 03-01-06-01-02-01-12',
  parse(stem) {
    const match = form.exec(stem);
    return match && label(match);
  },
};

function label([, modality = '', channel = '', ...rest]: RegExpExecArray): CorpusLabel | Refusal {
  const [code = '', level = '', statement = '', repetition = '', actor = ''] = rest;
  const refused = (reason: string): Refusal => ({ corpus: CORPUS, reason });
  if (!/^0[1-3]$/.test(modality)) return refused(`unknown modality ${modality}`);
  if (!/^0[12]$/.test(channel)) return refused(`unknown vocal channel ${channel}`);
  const emotion = emotions.get(code);
  if (!emotion) return refused(`unknown emotion code ${code}`);
  const intensity = intensities.get(level);
  if (!intensity) return refused(`unknown intensity ${level}`);
  if (emotion === 'neutral' && intensity === 'strong') return refused('no strong neutral in RAVDESS');
  if (!/^0[12]$/.test(statement)) return refused(`unknown statement ${statement}`);
  if (!/^0[12]$/.test(repetition)) return refused(`unknown repetition ${repetition}`);
  const number = Number(actor);
  if (number < 1 || number > 24) return refused(`unknown actor ${actor}, RAVDESS has 01 to 24`);
  return {
    corpus: CORPUS,
    speaker: `ravdess-${actor}`,
    gender: number % 2 ? 'male' : 'female',
    emotion,
    code,
    intensity,
    statement,
    repetition,
  };
}

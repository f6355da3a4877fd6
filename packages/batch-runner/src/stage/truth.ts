/** What a recording's label is compared with. */
import type { Card } from '@undertone/inference';
import type { ManifestRecord } from '@undertone/shared';

/**
 * For a model of genders the gender of who speaks; else the emotion, as a class of the model where its card maps it and
 * as the corpus names it where not.
 */
export function truthFor(
  { task, labelMap }: Pick<Card, 'task' | 'labelMap'>,
  { truth, gender }: Pick<ManifestRecord, 'truth' | 'gender'>,
): string | null {
  if (task === 'gender') return gender;
  return truth === null ? null : (labelMap[truth] ?? truth);
}

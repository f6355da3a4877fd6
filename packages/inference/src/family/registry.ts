/** ★ The families, by the name that a card's `family` holds. A new one is registered by its line here. */
import type { ModelFamily } from './family.js';
import { matrix } from './matrix.js';
import { sequence } from './sequence.js';
import { stretch } from './stretch.js';
import { vector } from './vector.js';
import { waveform } from './waveform.js';

export const families = { vector, matrix, stretch, sequence, waveform } as const satisfies Record<
  string,
  ModelFamily
>;

export type FamilyName = keyof typeof families;
export const FAMILIES = Object.keys(families) as FamilyName[];

export const familyOf = (name: FamilyName): ModelFamily => families[name];

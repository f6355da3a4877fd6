/** What a manifest says of a recording besides its path. It wins over what the file name tells. */
import {
  EMOTIONS,
  type Emotion,
  expectation,
  GENDERS,
  type Gender,
  isRoleText,
  UndertoneError,
} from '@undertone/shared';

/** What is not given is left to the file name. */
export interface GivenLabels {
  readonly truth?: Emotion;
  /** Who speaks: one role, or roles by channel. */
  readonly role?: string;
  readonly speaker?: string;
  readonly gender?: Gender;
  readonly corpus?: string;
  readonly intensity?: string;
}

/** Columns of a CSV, keys of a JSON line. `emotion` is another name of `truth`. */
export const GIVEN_COLUMNS = [
  'truth',
  'emotion',
  'role',
  'speaker',
  'gender',
  'corpus',
  'intensity',
] as const;
export type GivenCells = Readonly<Partial<Record<(typeof GIVEN_COLUMNS)[number], unknown>>>;

/**
 * @param cells undefined or null where nothing stands
 * @param place for messages: the list and its row or line
 * @throws UndertoneError usage: the column, the place, the bad value and what is allowed
 */
export function givenLabels(cells: GivenCells, place: string): GivenLabels {
  const emotions = EMOTIONS.join(', ');
  const truth = checked(cells, 'truth', isEmotion, `one of ${emotions}`, place);
  const emotion = checked(cells, 'emotion', isEmotion, `one of ${emotions}`, place);
  if (truth !== undefined && emotion !== undefined && truth !== emotion)
    refuse('emotion', place, `the truth "${truth}" of the same recording`, emotion);
  const given = {
    truth: truth ?? emotion,
    role: checked(cells, 'role', isRole, 'a role, or roles by channel such as 0=agent;1=customer,', place),
    speaker: checked(cells, 'speaker', isName, NAME, place),
    gender: checked(cells, 'gender', isGender, `one of ${GENDERS.join(', ')}, or nothing,`, place),
    corpus: checked(cells, 'corpus', isName, NAME, place),
    intensity: checked(cells, 'intensity', isName, NAME, place),
  };
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
}

const NAME = 'a name of at most 200 characters';
const isEmotion = (value: unknown): value is Emotion => EMOTIONS.includes(value as Emotion);
const isGender = (value: unknown): value is Gender => GENDERS.includes(value as Gender);
const isRole = (value: unknown): value is string => typeof value === 'string' && isRoleText(value);
const isName = (value: unknown): value is string =>
  typeof value === 'string' && /^\P{Cc}{1,200}$/u.test(value);

function checked<T>(
  cells: GivenCells,
  column: keyof GivenCells,
  isAllowed: (value: unknown) => value is T,
  allowed: string,
  place: string,
): T | undefined {
  const value = cells[column] ?? undefined;
  if (value === undefined || isAllowed(value)) return value;
  return refuse(column, place, allowed, value);
}

function refuse(column: string, place: string, allowed: string, received: unknown): never {
  throw new UndertoneError('usage', column, expectation(allowed, `${column} in ${place}`, received));
}

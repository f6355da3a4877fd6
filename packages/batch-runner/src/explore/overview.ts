/** Facts of recordings → figures by corpus, gender, emotion and speaker. The same bytes whatever the workers. */
import { EMOTIONS, GENDERS, type ManifestRecord } from '@undertone/shared';
import { type Bin, durationBins, levelBins } from './bins.js';
import type { Facts } from './facts.js';
import { type Figures, figuresOf } from './figures.js';

export const KINDS = ['corpus', 'gender', 'emotion', 'speaker'] as const;
export type Kind = (typeof KINDS)[number];

export interface Group extends Figures {
  /** null: recordings of which nothing says it. */
  readonly group: string | null;
}

export interface CrossGroup extends Figures {
  readonly corpus: string | null;
  readonly gender: string | null;
  readonly emotion: string | null;
}

export interface Overview {
  readonly all: Figures;
  readonly groups: Readonly<Record<Kind, readonly Group[]>>;
  /** Every combination that has a recording. */
  readonly corpusGenderEmotion: readonly CrossGroup[];
  readonly durations: readonly Bin[];
  readonly levels: readonly Bin[];
  /** How many recordings have which failure. */
  readonly failures: Readonly<Record<string, number>>;
}

export function overviewOf(facts: Facts): Overview {
  const { manifest, seconds, levels } = facts;
  const places = new PlacesByKey();
  const crossed = new PlacesByKey();
  for (let place = 0; place < manifest.count; ++place) {
    const values = valuesOf(manifest.record(place));
    for (const kind of KINDS) places.add([kind, values[kind]], place);
    crossed.add([values.corpus, values.gender, values.emotion], place);
  }
  const groups = (kind: Kind): Group[] =>
    places
      .inOrder((one, other) => byName(kind, one[1] ?? null, other[1] ?? null))
      .filter(([key]) => key[0] === kind)
      .map(([key, own]) => ({ group: key[1] ?? null, ...figuresOf(facts, own) }));
  const corpusGenderEmotion = crossed
    .inOrder((one, other) => {
      const order = (['corpus', 'gender', 'emotion'] as const).map((kind, i) =>
        byName(kind, one[i] ?? null, other[i] ?? null),
      );
      return order.find((sign) => sign !== 0) ?? 0;
    })
    .map(([[corpus = null, gender = null, emotion = null], own]) => ({
      corpus,
      gender,
      emotion,
      ...figuresOf(facts, own),
    }));
  return {
    all: figuresOf(facts, [...manifest.order.keys()]),
    groups: {
      corpus: groups('corpus'),
      gender: groups('gender'),
      emotion: groups('emotion'),
      speaker: groups('speaker'),
    },
    corpusGenderEmotion,
    durations: durationBins(seconds),
    levels: levelBins(levels),
    failures: failureCounts(facts),
  };
}

const valuesOf = ({ corpus, gender, truth, speaker }: ManifestRecord): Record<Kind, string | null> => ({
  corpus,
  gender,
  emotion: truth,
  speaker,
});

function failureCounts({ failures }: Facts): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { code } of failures.values()) counts[code] = (counts[code] ?? 0) + 1;
  return Object.fromEntries(Object.entries(counts).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** Emotions and genders in the order of their lists, names by their characters; what is not known comes last. */
function byName(kind: Kind, one: string | null, other: string | null): number {
  if (one === other) return 0;
  if (one === null || other === null) return one === null ? 1 : -1;
  const list: readonly string[] = kind === 'emotion' ? EMOTIONS : kind === 'gender' ? GENDERS : [];
  const [a, b] = [list.indexOf(one), list.indexOf(other)];
  return a === b ? (one < other ? -1 : 1) : a - b;
}

type Key = readonly (string | null)[];

class PlacesByKey {
  readonly #groups = new Map<string, [Key, number[]]>();

  add(key: Key, place: number): void {
    const text = JSON.stringify(key);
    const group = this.#groups.get(text);
    if (group) group[1].push(place);
    else this.#groups.set(text, [key, [place]]);
  }

  inOrder(compare: (one: Key, other: Key) => number): [Key, number[]][] {
    return [...this.#groups.values()].sort(([one], [other]) => compare(one, other));
  }
}

/** Several models as one: which may stand together, the windows they share, the mean of what they say. */
import { type Card, classOrder, meanDistribution, membersOf, parseCard } from '@undertone/inference';
import { describe, expect, it } from 'vitest';
import {
  expectError,
  genderCard,
  type Json,
  matrixCard,
  melFrontEnd,
  vectorCard,
} from './inference-models.ts';

const card = (changes: Json = {}): Card => parseCard(matrixCard(changes));
const vectorAt22k = (changes: Json = {}): Card =>
  parseCard(
    vectorCard({
      name: 'b',
      frontEnd: { ...melFrontEnd(), sampleRateHz: 22_050, statistics: ['mean'] },
      window: { lengthS: 0.06, hopS: 0.04, minS: 0.025 },
      ...changes,
    }),
  );
const grid = (lengthS: number, hopS: number): Json => ({ window: { lengthS, hopS, minS: 0.025 } });

describe('members of a run', () => {
  it('one model keeps its own windows', () => {
    const [only, ...none] = membersOf([card()], {});
    expect(none).toEqual([]);
    expect(only).toMatchObject({ overrides: {}, window: { lengthSamples: 960, hopSamples: 480 } });
  });

  it("take the first one's windows, or the run's", () => {
    const cards: [Card, ...Card[]] = [card(grid(0.06, 0.04)), vectorAt22k(grid(0.12, 0.12))];
    expect(membersOf(cards, {})[1]).toMatchObject({
      overrides: { windowS: 0.06, hopS: 0.04 },
      window: { lengthSamples: 1323, hopSamples: 882 },
    });
    expect(membersOf(cards, { windowS: 0.04, hopS: 0.02 })[1]?.window).toMatchObject({
      lengthSamples: 882,
      hopSamples: 441,
    });
  });

  it('may have their classes in any order', () => {
    const other = card({ classes: ['sad', 'neutral', 'happy'] });
    expect(membersOf([card(), other], {})).toHaveLength(2);
    expect(classOrder(card(), other)).toEqual([1, 2, 0]);
  });

  const refused: [what: string, cards: [Card, ...Card[]], overrides: object, message: string][] = [
    [
      'other classes',
      [
        card({ name: 'a' }),
        card({
          name: 'b',
          classes: ['neutral', 'happy'],
          labelMap: {},
          polarity: null,
        }),
      ],
      {},
      'Expected the classes of a (neutral, happy, sad), in any order, for model but received those of b (neutral, happy)',
    ],
    [
      'another task',
      [card({ name: 'a' }), parseCard(genderCard({ name: 'b' }))],
      {},
      'Expected the task of a (emotion) for model but received gender of b',
    ],
    [
      'another offset',
      [card({ name: 'a' }), card({ name: 'b', window: { ...(matrixCard().window as Json), offsetS: 0.5 } })],
      {},
      'Expected the window.offsetS of a (0) for model but received 0.5 of b',
    ],
    [
      'a window that the second would cut',
      [vectorAt22k({ name: 'a', ...grid(0.12, 0.06) }), card({ name: 'b' })],
      {},
      'Expected at most 0.074 (b takes 5 frames a window) for run.windowS but received 0.12 of type number: a and b share windows of 0.12 s every 0.06 s; --window and --hop set others',
    ],
    [
      'windows of half a sample',
      [card({ name: 'a', ...grid(0.06, 0.03) }), vectorAt22k()],
      {},
      'Expected windows of whole samples at 16000 Hz and at 22050 Hz for model but received others: a and b share windows of 0.06 s every 0.03 s; --window and --hop set others',
    ],
  ];
  it.each(refused)('refuses %s', async (_what, cards, overrides, message) => {
    await expectError(() => membersOf(cards, overrides), 'usage', message);
  });
});

describe('the mean', () => {
  const p = Float32Array.of(0.1, 0.7, 0.2);
  const same = [0, 1, 2];

  it('of equal distributions is that distribution, bit for bit', () => {
    for (const count of [1, 2, 3, 7]) {
      const mean = meanDistribution(new Array(count).fill(p), new Array(count).fill(same));
      expect(mean).toEqual(p);
    }
  });

  it('goes by the names of classes', () => {
    const mean = meanDistribution([p, Float32Array.of(0.2, 0.3, 0.5)], [same, [1, 2, 0]]);
    expect([...mean].map((value) => value.toFixed(6))).toEqual(['0.200000', '0.600000', '0.200000']);
  });
});

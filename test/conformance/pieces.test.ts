/** A piece of a recording, for models of every kind: what is heard and scored in it is what the whole gives there. */
import { FeaturePlan, featureSet, openAudio } from '@undertone/dsp-native';
import { parseCard, resolveWindow } from '@undertone/inference';
import type { FrontEnd, Piece } from '@undertone/shared';
import { afterAll, describe, expect, it } from 'vitest';
import { piecesOf } from '../../packages/batch-runner/src/shard/pieces.ts';
import { Listening } from '../../packages/batch-runner/src/stage/listening.ts';
import { spanOf } from '../../packages/batch-runner/src/stage/piece-span.ts';
import { WindowSegmenter } from '../../packages/batch-runner/src/stage/segment.ts';
import { SpeechTrack, speechPlan } from '../../packages/batch-runner/src/stage/speech-track.ts';
import { StageClock } from '../../packages/batch-runner/src/stage/stage-clock.ts';
import { modelTrack } from '../../packages/batch-runner/src/stage/track.ts';
import { Scratch } from '../fixtures/audio-files.ts';
import { pink } from '../fixtures/sounds.ts';
import { babble, wav16 } from '../fixtures/wav.ts';
import { matrixCard } from './inference-models.ts';

const scratch = new Scratch();
afterAll(() => scratch.remove());

const SECONDS = 64;
function recording(rate: number): string {
  const noise = pink(SECONDS, rate, 0.02);
  const samples = babble(SECONDS, rate, 7).map((x, i) => {
    const t = i / rate;
    return (t % 23 < 9 ? x : 0.01 * x) * (t % 31 < 3 ? 8 : 1) + (t % 19 < 14 ? (noise[i] ?? 0) : 0);
  });
  return scratch.write(`${rate}.wav`, wav16(samples, rate));
}

interface Kind {
  readonly name: string;
  readonly frontEnd: FrontEnd;
  readonly scope: 'recording' | 'window';
  /** Of the recording. */
  readonly rate: number;
}

const setOf = (name: string): FrontEnd => featureSet(name).frontEnd;

function listen({ frontEnd, scope }: Kind, path: string, piece?: Piece) {
  const card = parseCard({
    ...matrixCard({ frontEnd }),
    window: { lengthS: 3, hopS: 1.5, scope, minS: 0.25 },
  });
  const window = resolveWindow(card);
  const plan = new FeaturePlan(frontEnd);
  const rate = frontEnd.sampleRateHz;
  const { start, counted } = spanOf(piece, window, rate);
  const decoder = openAudio(path, { channels: 'mix', sampleRateHz: rate, firstSample: start });
  const speech = new SpeechTrack(speechPlan(window.frames ? plan : null, rate), start, counted);
  const track = modelTrack(plan, window, start);
  const { info } = decoder;
  const listening = new Listening(
    info,
    rate,
    1,
    track,
    speech,
    window.lengthSamples,
    new StageClock(),
    start,
  );
  const segmenter = new WindowSegmenter(window, piece);
  const heard: object[] = [];
  const take = (): void => {
    for (const segment of segmenter.next(listening.reach)) {
      const { values } = listening.features.material(segment.start, segment.end);
      heard.push({
        ...listening.measure(segment, () => false),
        last: segment.last,
        values: Buffer.from(values.buffer, values.byteOffset, values.byteLength).toString('base64'),
      });
    }
    listening.discardBefore(segmenter.from);
    listening.features.discardBefore(segmenter.from);
  };
  while (!segmenter.done) {
    const block = decoder.read(4567);
    if (!block) break;
    listening.push(block);
    take();
  }
  if (!segmenter.done) {
    listening.end();
    take();
  }
  decoder.close();
  return { heard, speechSamples: listening.speech.whole().samples };
}

const kinds: readonly Kind[] = [
  {
    name: 'log-mel along the recording',
    frontEnd: setOf('undertone-logmel-64'),
    scope: 'recording',
    rate: 16000,
  },
  { name: 'the same, resampled', frontEnd: setOf('undertone-logmel-64'), scope: 'recording', rate: 44100 },
  { name: 'log-mel by window', frontEnd: setOf('undertone-logmel-64'), scope: 'window', rate: 8000 },
  { name: 'cepstra by window at 22050 Hz', frontEnd: setOf('librosa-mfcc-40'), scope: 'window', rate: 22050 },
  { name: 'cepstra along the recording', frontEnd: setOf('kaldi-mfcc-13'), scope: 'recording', rate: 48000 },
];

describe('a piece gives what the whole gives there', () => {
  it.each(kinds)('$name', (kind) => {
    const path = recording(kind.rate);
    const whole = listen(kind, path);
    expect(whole.heard.length).toBeGreaterThan(40);
    for (const pieceS of [1.5, 10, 29]) {
      const pieces = piecesOf(SECONDS, { pieceS, hopS: 1.5, stretchWindows: 1 }) ?? [];
      expect(pieces.length).toBe(Math.ceil(SECONDS / pieceS));
      const parts = pieces.map((piece) => listen(kind, path, piece));
      expect(parts.flatMap(({ heard }) => heard)).toEqual(whole.heard);
      expect(parts.reduce((sum, { speechSamples }) => sum + speechSamples, 0)).toBe(whole.speechSamples);
    }
  });
});

describe('where recordings are cut', () => {
  it('only those more than twice as long as a piece are', () => {
    const rule = { pieceS: 1800, hopS: 1.5, stretchWindows: 1 };
    expect(piecesOf(3600, rule)).toBeNull();
    expect(piecesOf(0, rule)).toBeNull();
    expect(piecesOf(3601, rule)).toEqual([
      { firstWindow: 0, endWindow: 800 },
      { firstWindow: 800, endWindow: 1600 },
      { firstWindow: 1600, endWindow: null },
    ]);
    expect(piecesOf(86400, rule)).toHaveLength(48);
  });

  it('never between the windows of a stretch', () => {
    const rule = { pieceS: 10, hopS: 1.5, stretchWindows: 16 };
    expect(piecesOf(20, rule)).toBeNull();
    // 24 s a stretch: one piece would hold it all.
    expect(piecesOf(23, rule)).toBeNull();
    expect(piecesOf(64, rule)).toEqual([
      { firstWindow: 0, endWindow: 16 },
      { firstWindow: 16, endWindow: 32 },
      { firstWindow: 32, endWindow: null },
    ]);
    const half = piecesOf(86400, { ...rule, pieceS: 1800 }) ?? [];
    expect(half).toHaveLength(48);
    expect(half.slice(0, 2)).toEqual([
      { firstWindow: 0, endWindow: 1200 },
      { firstWindow: 1200, endWindow: 2400 },
    ]);
  });
});

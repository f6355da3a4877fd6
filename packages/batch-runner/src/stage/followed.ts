/** A recording as every model of a run follows it: what each is given, and when. Segments are the first model's. */
import type { EnsembleBatcher } from './ensemble.js';
import type { RecordFailure } from './failure.js';
import type { Listening } from './listening.js';
import type { MemberFeed } from './member-feed.js';
import type { OtherTracks } from './other-tracks.js';
import type { ScoredWindow } from './score.js';
import type { Reach, Segment } from './segment.js';
import type { StageClock } from './stage-clock.js';
import type { Stretch } from './stretch.js';
import type { Track } from './track.js';

export class Followed {
  /** @param feeds of every model, in their order */
  constructor(
    readonly feeds: readonly [MemberFeed, ...MemberFeed[]],
    readonly others: OtherTracks,
  ) {}

  /** The first model's, whose samples and frames everything else is measured by. */
  get track(): Track {
    return this.feeds[0].track;
  }

  /** Segments are certain when every model has what it needs of them. */
  reachOf({ reach }: Listening): Reach {
    return { ...reach, ready: Math.min(reach.ready, ...this.feeds.map(({ ready }) => ready)) };
  }

  /**
   * Gives a window to every model; each scores it with the other windows of its own stretch.
   * @returns what is wrong with a stretch that this window completes
   */
  async queue(
    segment: Segment,
    reach: Reach,
    window: ScoredWindow,
    batcher: EnsembleBatcher,
    clock: StageClock,
  ): Promise<RecordFailure | null> {
    let failure: RecordFailure | null = null;
    for (const [member, ballot] of batcher.ballots(window).entries()) {
      const feed = this.feeds[member] as MemberFeed;
      const full = feed.add(segment, ballot, reach);
      if (full) failure ??= await score(member, full, feed, batcher, clock);
    }
    return failure;
  }

  discardBefore(sample: number): void {
    for (const feed of this.feeds) feed.discardBefore(sample);
  }
}

/** Queues a stretch, which no model sees when none of its windows is wanted. */
async function score(
  member: number,
  stretch: Stretch,
  feed: MemberFeed,
  batcher: EnsembleBatcher,
  clock: StageClock,
): Promise<RecordFailure | null> {
  const { first, windows } = stretch;
  if (!windows.some(({ wanted }) => wanted)) {
    await batcher.score(member, null, windows);
    return null;
  }
  const slice = clock.time('features', () => feed.material(stretch));
  if (slice.rows === 0) return { code: 'too_short', message: `Window ${first} is shorter than one frame` };
  await clock.timeAsync('model', () => batcher.score(member, slice, windows));
  return null;
}

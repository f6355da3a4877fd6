/** Audacity label tracks: start, end and label parted by tabs. A file is one track, so each channel or role has its own. */
import { type ExportFormat, seconds, type Tier } from './format.js';
import { mirrorPath, writeMirrored } from './mirror.js';

export const audacity: ExportFormat = {
  makes: 'folder',
  overlaps: false,
  open(target) {
    return {
      write: ({ file, tiers }) => {
        for (const tier of tiers) {
          const lines = tier.intervals.map(
            ({ startMs, endMs, label }) => `${seconds(startMs)}\t${seconds(endMs)}\t${label}\n`,
          );
          writeMirrored(target, mirrorPath(file, `${trackEnding(tier)}.txt`), lines.join(''));
        }
      },
      finish: () => undefined,
    };
  },
};

/** Nothing for mixed channels; else the channel, and of the role what any file system takes. */
function trackEnding({ channel, role }: Tier): string {
  if (channel === null) return '';
  const named = role?.replace(/[^\p{L}\p{N}_-]+/gu, '_').slice(0, 40);
  return `.channel${channel}${named ? `-${named}` : ''}`;
}

/** A channel plan applied to one recording. */
import { openAudio } from '@undertone/dsp-native';
import type { ChannelPlan, ManifestRecord } from '@undertone/shared';

/** One stream to process: the channel as the tables show it (null when mixed) and what to ask the decoder for. */
export type ChannelStream = readonly [channel: number | null, plan: ChannelPlan];

/**
 * Split channels are decoded one after the other, so that rows come in channel order without holding a channel back.
 * A recording that cannot be opened gives one stream, whose own decoding then reports why.
 */
export function channelStreams(record: ManifestRecord, plan: ChannelPlan): ChannelStream[] {
  if (plan === 'mix' || record.scanError) return [[null, 'mix']];
  if (plan !== 'split') return [[plan, plan]];
  try {
    const decoder = openAudio(record.path, { channels: 'mix', sampleRateHz: 0 });
    const count = decoder.info.channels;
    decoder.close();
    return Array.from({ length: count }, (_, i): ChannelStream => [i, i]);
  } catch {
    return [[null, 'mix']];
  }
}

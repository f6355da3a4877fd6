/** How a run ends that was asked to stop. */
import { UndertoneError } from '@undertone/shared';

export function interrupted(committed: number, shards: number): UndertoneError {
  return new UndertoneError(
    'interrupted',
    'run',
    `Interrupted: ${committed} of ${shards} shards are committed; run the same command again to go on from there`,
  );
}

/** Windows → the stretches of one tier. Windows overlap; most annotation formats do not allow that. */
import type { LabelledWindow } from '../read/recordings.js';

export interface Interval {
  readonly startMs: number;
  readonly endMs: number;
  readonly label: string;
  readonly confidence: number | null;
}

export interface IntervalSettings {
  readonly label: 'label' | 'top_label';
  /** Intervals of less confidence are left out; those without any (no_speech) stay. */
  readonly minConfidence: number;
  /** Joins neighbours of one label; their confidence is the mean by time. */
  readonly merge: boolean;
  /** Keeps the windows as they are, overlaps and all, unless merged. */
  readonly overlaps: boolean;
}

/** @param windows of one stream in order of their start */
export function intervals(windows: readonly LabelledWindow[], settings: IntervalSettings): Interval[] {
  const stretches = settings.overlaps && !settings.merge ? windows : withoutOverlap(windows);
  const labelled = stretches.flatMap(({ startMs, endMs, label, topLabel, confidence }): Interval[] => {
    const shown = settings.label === 'label' ? label : topLabel;
    const sure = confidence === null || confidence >= settings.minConfidence;
    return shown !== null && sure && endMs > startMs ? [{ startMs, endMs, label: shown, confidence }] : [];
  });
  return settings.merge ? joined(labelled) : labelled;
}

/**
 * Each instant goes to the window whose centre is nearest: two windows that overlap are cut halfway between their
 * centres, or where the overlap begins or ends if that is nearer.
 */
function withoutOverlap(windows: readonly LabelledWindow[]): LabelledWindow[] {
  let from = 0;
  return windows.map((window, i) => {
    const next = windows[i + 1];
    const startMs = Math.max(window.startMs, from);
    let { endMs } = window;
    if (next && next.startMs < endMs) {
      const halfway = Math.round((window.startMs + window.endMs + next.startMs + next.endMs) / 4);
      endMs = Math.min(Math.max(halfway, next.startMs), endMs);
    }
    from = Math.max(startMs, endMs);
    return { ...window, startMs, endMs };
  });
}

function joined(parts: readonly Interval[]): Interval[] {
  const runs: { startMs: number; endMs: number; label: string; weighted: number; weight: number }[] = [];
  for (const { startMs, endMs, label, confidence } of parts) {
    let run = runs.at(-1);
    if (run && run.label === label && run.endMs === startMs) run.endMs = endMs;
    else {
      run = { startMs, endMs, label, weighted: 0, weight: 0 };
      runs.push(run);
    }
    if (confidence === null) continue;
    run.weighted += confidence * (endMs - startMs);
    run.weight += endMs - startMs;
  }
  return runs.map(({ weighted, weight, ...run }) => ({
    ...run,
    confidence: weight > 0 ? weighted / weight : null,
  }));
}

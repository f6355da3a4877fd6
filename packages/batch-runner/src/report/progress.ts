/** How far a run is: what resume skipped counts as done, speed is what was decoded now, the rest is read off from audio. */

export interface ProgressPlan {
  readonly files: number;
  /** By the headers; 0 when no header tells. */
  readonly seconds: number;
  /** Already committed when the plan was made. */
  readonly committed: { readonly files: number; readonly seconds: number; readonly errors: number };
}

/** Of one runner since its plan was made, including shards it may yet abandon. */
export interface ProgressNumbers {
  readonly files: number;
  readonly errors: number;
  readonly decodedSeconds: number;
  readonly progressSeconds: number;
}

export interface ProgressFacts {
  readonly files: number;
  readonly filesTotal: number;
  readonly audioSeconds: number;
  readonly audioSecondsTotal: number;
  readonly errors: number;
  readonly timesRealTime: number;
  /** null while nobody can tell. */
  readonly etaSeconds: number | null;
  readonly elapsedSeconds: number;
}

const NOTHING_YET: ProgressNumbers = { files: 0, errors: 0, decodedSeconds: 0, progressSeconds: 0 };

/** Follows a run over all its runners. */
export class ProgressTrack {
  #plan: ProgressPlan | null = null;
  #numbers = NOTHING_YET;
  #begin = 0;
  /** At the first plan: what this run found done. */
  #found = { files: 0, seconds: 0 };

  /** @param nowMs a clock that only goes on */
  plan(plan: ProgressPlan, nowMs = performance.now()): void {
    if (!this.#plan) {
      this.#begin = nowMs;
      this.#found = plan.committed;
    }
    this.#plan = plan;
    this.#numbers = NOTHING_YET;
  }

  /** Of the runner that made the last plan. */
  numbers(numbers: ProgressNumbers): void {
    this.#numbers = numbers;
  }

  /** null before there is a plan. */
  facts(nowMs = performance.now()): ProgressFacts | null {
    if (!this.#plan) return null;
    const { committed, ...plan } = this.#plan;
    const now = this.#numbers;
    const elapsedSeconds = (nowMs - this.#begin) / 1000;
    const files = committed.files + now.files;
    const audioSeconds = committed.seconds + now.progressSeconds;
    const audioSecondsTotal = Math.max(plan.seconds, audioSeconds);
    // What earlier runners of this run decoded and lost again is not counted: it is going to be decoded again.
    const worked = committed.seconds - this.#found.seconds + now.decodedSeconds;
    const timesRealTime = elapsedSeconds > 0 ? worked / elapsedSeconds : 0;
    return {
      files,
      filesTotal: plan.files,
      audioSeconds,
      audioSecondsTotal,
      errors: committed.errors + now.errors,
      timesRealTime,
      etaSeconds: eta(
        { left: audioSecondsTotal - audioSeconds, speed: timesRealTime },
        { left: plan.files - files, speed: (files - this.#found.files) / elapsedSeconds },
      ),
      elapsedSeconds,
    };
  }
}

interface Rest {
  readonly left: number;
  /** A second. */
  readonly speed: number;
}

/** By the audio; by the number of files where no header tells how much is left. */
function eta(audio: Rest, files: Rest): number | null {
  if (files.left <= 0) return 0;
  const { left, speed } = audio.left > 0 ? audio : files;
  return speed > 0 ? left / speed : null;
}

export function progressLine(facts: ProgressFacts): string {
  return [
    `${facts.files}/${facts.filesTotal} files`,
    `${hours(facts.audioSeconds)}/${hours(facts.audioSecondsTotal)} h`,
    `${Math.round(facts.timesRealTime).toLocaleString('en-US')} × real time`,
    `ETA ${facts.etaSeconds === null ? '–' : duration(facts.etaSeconds)}`,
    `${facts.errors} errors`,
  ].join(' · ');
}

const hours = (seconds: number): string => (seconds / 3600).toFixed(2);

export function duration(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  const h = Math.floor(whole / 3600);
  const m = Math.floor((whole % 3600) / 60);
  return h > 0 ? `${h} h ${m} min` : m > 0 ? `${m} min ${whole % 60} s` : `${whole} s`;
}

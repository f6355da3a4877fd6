/** Memory that native code does not give back: the process ends between shards and another one goes on. */

const MB = 2 ** 20;

/** What the program may take: itself, and each worker with its model and its buffers. */
export const defaultMemoryLimitMb = (workers: number): number => 400 + 150 * workers;

export class MemoryFull extends Error {
  constructor(readonly residentMb: number) {
    super(`${residentMb} MB are in use`);
  }
}

export class MemoryWatch {
  /** A process that is over the limit before it has done anything would be no better the next time. */
  readonly hopeless: boolean;
  #over: number | null = null;

  constructor(readonly limitMb: number) {
    this.hopeless = residentMb() > limitMb;
  }

  /** Looks, and remembers when it was too much. */
  look(): boolean {
    const resident = residentMb();
    if (!this.hopeless && resident > this.limitMb) this.#over ??= resident;
    return this.#over !== null;
  }

  /** @throws MemoryFull when it was too much once */
  check(): void {
    if (this.#over !== null) throw new MemoryFull(this.#over);
  }
}

const residentMb = (): number => Math.round(process.memoryUsage.rss() / MB);

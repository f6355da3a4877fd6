/** The part of a stream that is still needed: appended at the end, discarded at the start, addressed from the stream's start. */
export class StreamBuffer {
  #values: Float32Array;
  #start: number;
  #length = 0;

  /**
   * @param width values an element: 1 for samples, columns for frames
   * @param start index of the first element that will come
   */
  constructor(
    readonly width: number,
    capacity: number,
    start = 0,
  ) {
    this.#start = start;
    this.#values = new Float32Array(capacity * width);
  }

  /** Index of the first element still held. */
  get start(): number {
    return this.#start;
  }

  /** Index after the last element. */
  get end(): number {
    return this.#start + this.#length;
  }

  append(values: Float32Array): void {
    const needed = this.#length * this.width + values.length;
    if (needed > this.#values.length) {
      const larger = new Float32Array(Math.max(needed, 2 * this.#values.length));
      larger.set(this.#values.subarray(0, this.#length * this.width));
      this.#values = larger;
    }
    this.#values.set(values, this.#length * this.width);
    this.#length += values.length / this.width;
  }

  discardBefore(index: number): void {
    const drop = Math.min(Math.max(0, index - this.#start), this.#length);
    if (drop === 0) return;
    this.#values.copyWithin(0, drop * this.width, this.#length * this.width);
    this.#start += drop;
    this.#length -= drop;
  }

  /** Elements from … to − 1 as a view, valid until the next append or discard. */
  view(from: number, to: number): Float32Array {
    if (from < this.#start || to > this.end) {
      throw new RangeError(`Elements ${from}–${to} are not held (${this.#start}–${this.end} are)`);
    }
    return this.#values.subarray((from - this.#start) * this.width, (to - this.#start) * this.width);
  }
}

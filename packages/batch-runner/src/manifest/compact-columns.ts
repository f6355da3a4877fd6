/** Growing columns that cost what their values cost: no object a record, no copy of the paths when they grow. */

const CHUNK_BYTES = 1 << 22;

/** Byte strings, kept in chunks of some megabytes. */
export class ByteStrings {
  readonly #chunks: Buffer[] = [];
  readonly #starts = new Numbers();
  #used = CHUNK_BYTES;

  get count(): number {
    return Math.max(0, this.#starts.count / 2);
  }

  push(bytes: Uint8Array): void {
    if (this.#used + bytes.length > (this.#chunks.at(-1)?.length ?? 0)) {
      this.#chunks.push(Buffer.allocUnsafe(Math.max(CHUNK_BYTES, bytes.length)));
      this.#used = 0;
    }
    this.#chunks.at(-1)?.set(bytes, this.#used);
    this.#starts.push((this.#chunks.length - 1) * CHUNK_BYTES + this.#used);
    this.#starts.push(bytes.length);
    this.#used += bytes.length;
  }

  /** A view, not a copy. */
  at(index: number): Buffer {
    const place = this.#starts.at(2 * index);
    const chunk = this.#chunks[Math.floor(place / CHUNK_BYTES)];
    if (!chunk) throw new RangeError(`No byte string ${index}`);
    const start = place % CHUNK_BYTES;
    return chunk.subarray(start, start + this.#starts.at(2 * index + 1));
  }
}

/** float64 values. */
export class Numbers {
  #values = new Float64Array(1024);
  #count = 0;

  get count(): number {
    return this.#count;
  }

  push(value: number): void {
    if (this.#count === this.#values.length) {
      const larger = new Float64Array(2 * this.#count);
      larger.set(this.#values);
      this.#values = larger;
    }
    this.#values[this.#count++] = value;
  }

  at(index: number): number {
    const value = index < this.#count ? this.#values[index] : undefined;
    if (value === undefined) throw new RangeError(`No value ${index}`);
    return value;
  }

  set(index: number, value: number): void {
    if (index >= this.#count) throw new RangeError(`No value ${index}`);
    this.#values[index] = value;
  }
}

/** Values of which there are few different ones, e.g. labels; null is one of them. */
export class Interned<T extends string | object> {
  readonly #table: T[] = [];
  readonly #codes = new Map<string, number>();
  readonly #column = new Numbers();

  push(value: T | null): void {
    this.#column.push(value === null ? 0 : this.#codeOf(value));
  }

  at(index: number): T | null {
    return this.#table[this.#column.at(index) - 1] ?? null;
  }

  #codeOf(value: T): number {
    const key = typeof value === 'string' ? value : JSON.stringify(value);
    const known = this.#codes.get(key);
    if (known !== undefined) return known;
    const code = this.#table.push(value);
    this.#codes.set(key, code);
    return code;
  }
}

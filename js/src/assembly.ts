/** The numbered chunks of one generation of one file, in whatever order they arrive. */
export class Assembly {
  readonly #chunks = new Map<number, Blob>();
  #bytes = 0;

  constructor(readonly generation: number) {}

  /** False for a chunk that was here before or has no place in a file. */
  add(index: number, chunk: Uint8Array<ArrayBuffer>): boolean {
    if (!Number.isInteger(index) || index < 0 || this.#chunks.has(index)) return false;
    // A Blob at once: the browser moves its bytes while the next ones arrive, and not all of them at the end.
    this.#chunks.set(index, new Blob([chunk]));
    this.#bytes += chunk.byteLength;
    return true;
  }

  get count(): number {
    return this.#chunks.size;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Up to `limit` chunks not here yet out of `total`, lowest first, leaving out those in `except`. */
  missing(total: number, limit: number, except: ReadonlySet<number>): number[] {
    const indexes: number[] = [];
    for (let index = 0; index < total && indexes.length < limit; index++) {
      if (!this.#chunks.has(index) && !except.has(index)) indexes.push(index);
    }
    return indexes;
  }

  /** The first `total` chunks in order, or null while one of them is missing. */
  parts(total: number): Blob[] | null {
    if (this.#chunks.size < total) return null;
    const parts: Blob[] = [];
    for (let index = 0; index < total; index++) {
      const chunk = this.#chunks.get(index);
      if (!chunk) return null;
      parts.push(chunk);
    }
    return parts;
  }
}

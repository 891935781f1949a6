/** So many chunks in a row become one Blob: the browser moves its bytes while the next ones arrive. */
const GROUP = 16;

/** The numbered chunks of one generation of one file, in whatever order they arrive. */
export class Assembly {
  readonly #chunks = new Map<number, Uint8Array<ArrayBuffer>>();
  /** Whole groups by the index of their first chunk. */
  readonly #groups = new Map<number, Blob>();
  #bytes = 0;

  constructor(readonly generation: number) {}

  /** False for a chunk that was here before or has no place in a file. */
  add(index: number, chunk: Uint8Array<ArrayBuffer>): boolean {
    if (!Number.isInteger(index) || index < 0 || this.#has(index)) return false;
    this.#chunks.set(index, chunk);
    this.#bytes += chunk.byteLength;
    this.#close(index - (index % GROUP));
    return true;
  }

  get count(): number {
    return this.#chunks.size + this.#groups.size * GROUP;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Up to `limit` chunks not here yet out of `total`, lowest first, leaving out those in `except`. */
  missing(total: number, limit: number, except: ReadonlySet<number>): number[] {
    const indexes: number[] = [];
    for (let index = 0; index < total && indexes.length < limit; index++) {
      if (!this.#has(index) && !except.has(index)) indexes.push(index);
    }
    return indexes;
  }

  /** The first `total` chunks in order, or null while one of them is missing. */
  parts(total: number): BlobPart[] | null {
    if (this.count < total) return null;
    const parts: BlobPart[] = [];
    for (let index = 0; index < total; ) {
      const group = this.#groups.get(index);
      const part = group ?? this.#chunks.get(index);
      if (!part) return null;
      parts.push(part);
      index += group ? GROUP : 1;
    }
    return parts;
  }

  #has(index: number): boolean {
    return this.#chunks.has(index) || this.#groups.has(index - (index % GROUP));
  }

  #close(first: number): void {
    const chunks: Uint8Array<ArrayBuffer>[] = [];
    for (let index = first; index < first + GROUP; index++) {
      const chunk = this.#chunks.get(index);
      if (!chunk) return;
      chunks.push(chunk);
    }
    for (let index = first; index < first + GROUP; index++) this.#chunks.delete(index);
    this.#groups.set(first, new Blob(chunks));
  }
}

/** Chunks that came together. The browser has their bytes at once, and moves them while the next ones arrive. */
interface Part {
  count: number;
  blob: Blob;
}

/** The numbered chunks of one generation of one file, in whatever order they arrive. */
export class Assembly {
  readonly #here = new Set<number>();
  /** By the index of their first chunk. */
  readonly #parts = new Map<number, Part>();
  #bytes = 0;

  constructor(readonly generation: number) {}

  /**
   * Takes `count` chunks of `size` bytes each, from `first` on; the last of the file may be shorter. Returns the indexes
   * of those that were not here before; none where they have no place in a file.
   */
  add(first: number, count: number, size: number, bytes: Uint8Array<ArrayBuffer>): number[] {
    const isIndex = first >>> 0 === first;
    if (!isIndex || Math.ceil(bytes.length / size) !== count) return [];
    const added: number[] = [];
    for (let index = first; index < first + count; index++) if (!this.#here.has(index)) added.push(index);
    if (added.length === count) this.#keep(first, count, bytes);
    else {
      for (const index of added) {
        const start = (index - first) * size;
        this.#keep(index, 1, bytes.subarray(start, start + size));
      }
    }
    return added;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Up to `limit` chunks not here yet out of `total`, lowest first, leaving out those in `except`. */
  missing(total: number, limit: number, except: ReadonlySet<number>): number[] {
    const indexes: number[] = [];
    for (let index = 0; index < total && indexes.length < limit; index++) {
      if (!this.#here.has(index) && !except.has(index)) indexes.push(index);
    }
    return indexes;
  }

  /** The first `total` chunks in order, or null while one of them is missing. */
  parts(total: number): Blob[] | null {
    const blobs: Blob[] = [];
    for (let index = 0; index < total; ) {
      const part = this.#parts.get(index);
      if (!part) return null;
      blobs.push(part.blob);
      index += part.count;
    }
    return blobs;
  }

  #keep(first: number, count: number, bytes: Uint8Array<ArrayBuffer>): void {
    for (let index = first; index < first + count; index++) this.#here.add(index);
    this.#parts.set(first, { count, blob: new Blob([bytes]) });
    this.#bytes += bytes.length;
  }
}

import { Assembly } from "./assembly";
import { giveBack, toBytes, travelsAsNumbers } from "./buffers";
import { isWhole } from "./integrity";
import type { Reply, Request, Sample } from "./model";
import { Pull } from "./pull";
import type { Time } from "./time";

/**
 * Hundreds of chunks may come in a second. Nobody reads as many numbers, and each acknowledgement makes kernel and page
 * busy for a moment: one that the kernel has not asked for waits so long.
 */
const TELL_INTERVAL_MS = 250;
/** So long a video is shown before the page checks what it shows. */
const CHECK_AFTER_MS = 1000;

/** Where the chunks of one message stand in the file. */
export type Run = Pick<
  Extract<Reply, { type: "chunk" }>,
  "generation" | "index" | "count" | "chunk_bytes" | "acknowledge" | "pulled"
>;

export interface TransferOptions {
  index: number;
  send: (request: Request) => void;
  changed: () => void;
  /** Whether some view shows it: nothing is asked for that nobody sees. */
  wanted: () => boolean;
  time: Time;
  signal: AbortSignal;
}

/**
 * One sample on its way into the page: chunks pushed by the kernel, gaps repaired by pull, at the end one Blob
 * URL that every view of the page shares. A newer generation starts over; two are never mixed.
 */
export class Transfer {
  readonly #options: TransferOptions;
  readonly #pull: Pull;
  #assembly = new Assembly(0);
  #sample: Sample | null = null;
  #unchecked: Blob | null = null;
  #cancelCheck = () => {};
  #tellScheduled = false;
  #arrivedDamaged = false;
  /** The index of what came last, until that is acknowledged. */
  #newest: number | null = null;
  #arrivedAt = 0;
  #asNumbers = false;
  #url: string | null = null;
  #damaged = false;

  constructor(options: TransferOptions) {
    this.#options = options;
    this.#pull = new Pull({
      time: options.time,
      signal: options.signal,
      changed: options.changed,
      missing: (limit, except) => this.#assembly.missing(this.#chunksInKernel(), limit, except),
      request: (chunks) =>
        options.send({ type: "pull", sample: options.index, generation: this.#assembly.generation, chunks }),
    });
    options.signal.addEventListener("abort", () => this.#free(), { once: true });
  }

  /** The finished file, or null while it is not here. */
  get url(): string | null {
    return this.#url;
  }

  /** The file arrived twice and was wrong both times. */
  get damaged(): boolean {
    return this.#damaged;
  }

  get receivedBytes(): number {
    return this.#assembly.bytes;
  }

  /** The kernel has left pulls unanswered. */
  get stalled(): boolean {
    return this.#pull.unanswered > 1;
  }

  /** What the snapshot says about this sample. `urgent` pulls at once instead of waiting for a push. */
  update(sample: Sample, urgent: boolean): void {
    if (sample.generation > this.#assembly.generation) this.#restart(sample.generation);
    if (sample.generation < this.#assembly.generation) return;
    const resized = this.#sample !== null && this.#sample.chunk_bytes !== sample.chunk_bytes;
    if (resized && !this.#url) this.#restart(sample.generation);
    this.#sample = sample;
    if (this.#damaged) return;
    if (this.#url) this.#checkLater();
    else if (!this.#finish() && this.#chunksInKernel() > 0 && this.#options.wanted())
      this.#pull.start(urgent);
  }

  /** Keeps nothing of the file. The next update fetches it anew. */
  release(): void {
    this.#restart(this.#assembly.generation);
  }

  /** A run of chunks. They may come before the snapshot that announces their generation. */
  receive({ generation, index, count, chunk_bytes: size, acknowledge, pulled }: Run, buffer: unknown): void {
    if (this.#options.signal.aborted || generation < this.#assembly.generation) return;
    if (generation > this.#assembly.generation) this.#restart(generation);
    this.#asNumbers = travelsAsNumbers(buffer);
    const bytes = toBytes(buffer);
    if (!bytes) return;
    const added = this.#url || this.#damaged ? [] : this.#assembly.add(index, count, size, bytes);
    // Others who listen to the same message read it first.
    queueMicrotask(() => giveBack(buffer));
    this.#newest = index;
    this.#arrivedAt = this.#options.time.now();
    // The next chunk waits for the word that this one is here.
    if (acknowledge || this.#asNumbers) this.#acknowledge();
    if (added.length > 0) this.#pull.arrived(added, pulled, this.#asNumbers);
    this.#finish();
    if (this.#tellScheduled) return;
    this.#tellScheduled = true;
    this.#options.time.after(
      TELL_INTERVAL_MS,
      () => {
        this.#tellScheduled = false;
        this.#acknowledge();
        if (!this.#url) this.#options.changed();
      },
      this.#options.signal,
    );
  }

  /** Of the whole file; 0 while its length is not known. */
  #chunkCount(): number {
    const { bytes_total: total, chunk_bytes: size } = this.#sample ?? {};
    return total && size ? Math.ceil(total / size) : 0;
  }

  /** How many chunks can be asked for: while the file still grows, those that are whole. */
  #chunksInKernel(): number {
    const sample = this.#sample;
    if (sample?.state === "ready") return this.#chunkCount();
    if (sample?.state !== "downloading" || sample.chunk_bytes <= 0) return 0;
    return Math.floor(sample.bytes_done / sample.chunk_bytes);
  }

  /** Makes the file of its chunks if all are here. The kernel may still be busy with its own copy. */
  #finish(): boolean {
    const count = this.#chunkCount();
    const parts = count > 0 ? this.#assembly.parts(count) : null;
    if (!parts || !this.#sample) return false;
    this.#pull.stop();
    const blob = new Blob(parts, { type: this.#sample.mime_type });
    this.#assembly = new Assembly(this.#assembly.generation);
    if (blob.size === this.#sample.bytes_total) {
      this.#url = URL.createObjectURL(blob);
      this.#unchecked = blob;
      this.#checkLater();
    } else {
      this.#discard();
    }
    this.#options.changed();
    return true;
  }

  /** Once the kernel has told the hash. The player comes first: both read the whole file. */
  #checkLater(): void {
    const sample = this.#sample;
    const blob = this.#unchecked;
    if (sample?.state !== "ready" || !blob) return;
    this.#unchecked = null;
    this.#cancelCheck = this.#options.time.after(
      CHECK_AFTER_MS,
      () => void this.#check(blob, sample.sha256),
      this.#options.signal,
    );
  }

  async #check(blob: Blob, sha256: string | null): Promise<void> {
    const url = this.#url;
    // A page that cannot read its own Blob (out of memory) has no whole file either.
    const whole = await isWhole(blob, sha256).catch(() => false);
    if (whole || url === null || url !== this.#url) return;
    this.#discard();
    this.#options.changed();
  }

  /** What arrived is wrong. It is asked for again, once. */
  #discard(): void {
    this.#free();
    this.#damaged = this.#arrivedDamaged;
    this.#arrivedDamaged = true;
    if (!this.#damaged) this.#pull.start(true);
  }

  #acknowledge(): void {
    const index = this.#newest;
    if (index === null) return;
    this.#newest = null;
    this.#options.send({
      type: "received",
      sample: this.#options.index,
      generation: this.#assembly.generation,
      index,
      waited_ms: Math.max(0, this.#options.time.now() - this.#arrivedAt),
      as_numbers: this.#asNumbers,
    });
  }

  #restart(generation: number): void {
    this.#free();
    this.#assembly = new Assembly(generation);
    this.#sample = this.#newest = null;
    this.#arrivedDamaged = false;
    this.#damaged = false;
  }

  #free(): void {
    this.#pull.stop();
    this.#cancelCheck();
    this.#unchecked = null;
    if (this.#url) URL.revokeObjectURL(this.#url);
    this.#url = null;
  }
}

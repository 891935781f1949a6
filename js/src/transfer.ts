import { Assembly } from "./assembly";
import { toBytes } from "./buffers";
import { isWhole } from "./integrity";
import type { Request, Sample } from "./model";
import { Pull } from "./pull";
import type { Time } from "./time";

/** Acknowledgements are gathered this long, so that small chunks do not answer one by one. */
const ACK_INTERVAL_MS = 50;

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
  #verifying = false;
  #arrivedDamaged = false;
  #ackScheduled = false;
  #ackedCount = 0;
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
    if (this.#url || this.#verifying || this.#damaged) return;
    if (this.#isComplete()) void this.#finish();
    else if (this.#chunksInKernel() > 0 && this.#options.wanted()) this.#pull.start(urgent);
  }

  /** Keeps nothing of the file. The next update fetches it anew. */
  release(): void {
    this.#restart(this.#assembly.generation);
  }

  /** One chunk. Chunks may come before the snapshot that announces their generation. */
  receive(generation: number, index: number, buffer: unknown): void {
    if (this.#options.signal.aborted || generation < this.#assembly.generation) return;
    if (generation > this.#assembly.generation) this.#restart(generation);
    if (this.#url || this.#verifying || this.#damaged) return;
    this.#asNumbers = Array.isArray(buffer);
    const bytes = toBytes(buffer);
    if (!bytes || !this.#assembly.add(index, bytes)) return;
    this.#pull.arrived(index, this.#asNumbers);
    this.#acknowledge();
    if (this.#isComplete()) void this.#finish();
    this.#options.changed();
  }

  /** Known once the kernel has the whole file. */
  #chunkCount(): number | null {
    const sample = this.#sample;
    if (sample?.state !== "ready" || sample.bytes_total === null || sample.chunk_bytes <= 0) return null;
    return Math.ceil(sample.bytes_total / sample.chunk_bytes);
  }

  /** How many chunks can be asked for: while the file still grows, those that are whole. */
  #chunksInKernel(): number {
    const sample = this.#sample;
    if (sample?.state !== "downloading" || sample.chunk_bytes <= 0) return this.#chunkCount() ?? 0;
    return Math.floor(sample.bytes_done / sample.chunk_bytes);
  }

  #isComplete(): boolean {
    const count = this.#chunkCount();
    return count !== null && this.#assembly.parts(count) !== null;
  }

  async #finish(): Promise<void> {
    const assembly = this.#assembly;
    const sample = this.#sample;
    const parts = assembly.parts(this.#chunkCount() ?? 0);
    if (!sample || sample.bytes_total === null || !parts) return;
    this.#pull.stop();
    this.#verifying = true;
    const blob = new Blob(parts, { type: sample.mime_type });
    // A page that cannot read its own Blob (out of memory) has no whole file either.
    const whole = await isWhole(blob, sample.bytes_total, sample.sha256).catch(() => false);
    if (assembly !== this.#assembly || this.#options.signal.aborted) return;
    this.#verifying = false;
    if (whole) {
      this.#url = URL.createObjectURL(blob);
      this.#assembly = new Assembly(assembly.generation);
    } else {
      this.#assembly = new Assembly(assembly.generation);
      this.#ackedCount = 0;
      this.#damaged = this.#arrivedDamaged;
      this.#arrivedDamaged = true;
      if (!this.#damaged) this.#pull.start(true);
    }
    this.#options.changed();
  }

  #acknowledge(): void {
    // The next chunk waits for the word that this one is here.
    if (this.#asNumbers) this.#sendAck();
    if (this.#asNumbers || this.#ackScheduled) return;
    this.#ackScheduled = true;
    this.#sendAck();
    this.#options.time.after(
      ACK_INTERVAL_MS,
      () => {
        this.#ackScheduled = false;
        if (this.#assembly.count > this.#ackedCount) this.#acknowledge();
      },
      this.#options.signal,
    );
  }

  #sendAck(): void {
    const { generation, count } = this.#assembly;
    this.#ackedCount = count;
    this.#options.send({
      type: "received",
      sample: this.#options.index,
      generation,
      chunks: count,
      as_numbers: this.#asNumbers,
    });
  }

  #restart(generation: number): void {
    this.#free();
    this.#assembly = new Assembly(generation);
    this.#sample = null;
    this.#ackedCount = 0;
    this.#verifying = false;
    this.#arrivedDamaged = false;
    this.#damaged = false;
  }

  #free(): void {
    this.#pull.stop();
    if (this.#url) URL.revokeObjectURL(this.#url);
    this.#url = null;
  }
}

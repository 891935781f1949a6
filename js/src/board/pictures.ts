import { toBytes } from "../buffers";
import type { Reply } from "../model";
import { takePoster } from "../poster";
import { isTerminal } from "../session";
import type { Row } from "./board_model";
import type { Item, Items } from "./items";

/** Videos that are fetched at a time for nothing but their picture. */
const MOST_AT_ONCE = 2;

export interface PicturesOptions {
  items: Items;
  ask: (items: number[]) => void;
  changed: () => void;
  signal: AbortSignal;
}

/**
 * The pictures of the grid's cards. The kernel keeps those that any page has made; the others are made here of the
 * video, which comes into the page for a card in view and leaves it once there is a picture.
 */
export class Pictures {
  readonly #options: PicturesOptions;
  readonly #urls = new Map<number, string>();
  readonly #making = new Map<number, AbortController>();
  readonly #impossible = new Set<number>();
  readonly #asked = new Set<number>();
  #rows: readonly Row[] = [];
  #inView: ReadonlySet<number> = new Set();

  constructor(options: PicturesOptions) {
    this.#options = options;
    const free = () => {
      for (const url of this.#urls.values()) URL.revokeObjectURL(url);
    };
    options.signal.addEventListener("abort", free, { once: true });
  }

  url(item: number): string | null {
    return this.#urls.get(item) ?? null;
  }

  /** The card's video would be of use: its picture is not here, and may still be made. */
  wants(item: number): boolean {
    const row = this.#rows[item];
    if (!row || row.pictured || !this.#isOpen(item)) return false;
    return row.ready > 0 || !isTerminal(row.status);
  }

  /** What there is, and what of it is in view. What has left the view is no longer fetched. */
  update(rows: readonly Row[], inView: ReadonlySet<number>): void {
    this.#rows = rows;
    this.#inView = inView;
    for (const [item, making] of [...this.#making]) {
      if (!inView.has(item) || !this.wants(item)) making.abort();
    }
    this.#work();
  }

  /** Questions are lost while the kernel cannot be reached: ask again. */
  askAgain(): void {
    this.#asked.clear();
    this.#work();
  }

  /** The kernel sent a picture. */
  receive(item: number, buffer: unknown): void {
    const bytes = toBytes(buffer);
    if (bytes) this.#set(item, new Blob([bytes]));
  }

  /** A message for an item that nobody keeps: the first bytes of a video that has just arrived, say. */
  expects(item: number, reply: Reply): boolean {
    const news = reply.type === "chunk" || (reply.type === "state" && reply.snapshot.samples.length > 0);
    if (!news || !this.#inView.has(item) || !this.wants(item)) return false;
    this.#make(item);
    return true;
  }

  #isOpen(item: number): boolean {
    return !this.#urls.has(item) && !this.#impossible.has(item);
  }

  #work(): void {
    const { items, ask } = this.#options;
    const missing = [...this.#inView].filter((item) => this.#isOpen(item) && this.#rows[item]);
    const inKernel = missing.filter((item) => this.#rows[item]?.pictured && !this.#asked.has(item));
    for (const item of inKernel) this.#asked.add(item);
    if (inKernel.length > 0) ask(inKernel);
    for (const item of missing) {
      if (!this.wants(item) || this.#rows[item]?.ready === 0 || this.#making.has(item)) continue;
      // One that is open has its video here already.
      if (this.#making.size < MOST_AT_ONCE || items.get(item)) this.#make(item);
    }
  }

  #make(item: number): void {
    if (this.#making.has(item)) return;
    const lifetime = new AbortController();
    const signal = AbortSignal.any([lifetime.signal, this.#options.signal]);
    this.#making.set(item, lifetime);
    const end = () => {
      this.#making.delete(item);
      if (!this.#options.signal.aborted) this.#work();
    };
    signal.addEventListener("abort", end, { once: true });
    const kept = this.#options.items.keep(item, signal);
    let takenOf: string | null = null;
    const look = () => {
      const { snapshot } = kept.session;
      const sample = snapshot?.samples.findIndex(({ state }) => state !== "unavailable") ?? -1;
      const url = sample < 0 ? null : kept.session.transfer(sample).url;
      // The kernel takes a picture of a file that it has whole.
      if (!snapshot || !url || url === takenOf || snapshot.samples[sample]?.state !== "ready") return;
      takenOf = url;
      void this.#take(item, kept, sample, url, lifetime);
    };
    kept.session.subscribe(look, signal);
    look();
  }

  async #take(item: number, kept: Item, sample: number, url: string, lifetime: AbortController) {
    const signal = AbortSignal.any([lifetime.signal, kept.signal]);
    const picture = await takePoster(url, signal);
    if (signal.aborted) return;
    const generation = kept.session.snapshot?.samples[sample]?.generation ?? 0;
    if (picture) {
      this.#set(item, picture);
      kept.send({ type: "poster", sample, generation }, await picture.arrayBuffer());
    } else {
      this.#impossible.add(item);
    }
    lifetime.abort();
  }

  #set(item: number, picture: Blob): void {
    if (this.#urls.has(item) || this.#options.signal.aborted) return;
    this.#urls.set(item, URL.createObjectURL(picture));
    this.#options.changed();
  }
}

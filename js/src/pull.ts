import type { Time } from "./time";

/** Most chunks asked for and not yet answered at a time. */
const WINDOW = 8;
/** The window is refilled when so much of it is left, so that the link never runs dry between requests. */
const REFILL_BELOW = 0.5;
/** Without a new chunk for this long, something was lost. */
const QUIET_MS = 1000;
/** A kernel behind a busy cell answers nothing, and every request repeated meanwhile costs it twice later. */
const LONGEST_QUIET_MS = 16_000;

export interface PullOptions {
  time: Time;
  signal: AbortSignal;
  changed: () => void;
  missing: (limit: number, except: ReadonlySet<number>) => number[];
  request: (chunks: number[]) => void;
}

/** Repairs gaps: asks for missing chunks when none has come for a while, and keeps asking while they come. */
export class Pull {
  readonly #options: PullOptions;
  readonly #asked = new Set<number>();
  #active = false;
  #window = WINDOW;
  #cancel = () => {};
  /** Requests in a row that brought no chunk. */
  unanswered = 0;

  constructor(options: PullOptions) {
    this.#options = options;
  }

  start(urgent: boolean): void {
    if (this.#active) return;
    this.#active = true;
    if (urgent) this.#repeat();
    else this.#wait();
  }

  stop(): void {
    this.#active = false;
    this.#asked.clear();
    this.unanswered = 0;
    this.#cancel();
  }

  /**
   * New chunks are here. `pulled`: in answer to a request; what is pushed meanwhile says nothing of those, which may wait
   * behind a busy cell. `alone`: the host carries no more than one at a time.
   */
  arrived(indexes: number[], pulled: boolean, alone: boolean): void {
    this.#window = alone ? 1 : WINDOW;
    this.unanswered = 0;
    for (const index of indexes) this.#asked.delete(index);
    if (!this.#active) return;
    if (pulled && this.#asked.size <= this.#window * REFILL_BELOW) this.#ask();
    this.#wait();
  }

  #wait(): void {
    this.#cancel();
    const quietMs = Math.min(QUIET_MS * 2 ** this.unanswered, LONGEST_QUIET_MS);
    this.#cancel = this.#options.time.after(quietMs, () => this.#repeat(), this.#options.signal);
  }

  #repeat(): void {
    if (this.#asked.size > 0) this.unanswered += 1;
    this.#asked.clear();
    this.#ask();
    // Nothing is missing of what the kernel has; it tells when it has more.
    if (this.#asked.size > 0) this.#wait();
    else this.stop();
    this.#options.changed();
  }

  #ask(): void {
    const chunks = this.#options.missing(this.#window - this.#asked.size, this.#asked);
    if (chunks.length === 0) return;
    for (const index of chunks) this.#asked.add(index);
    this.#options.request(chunks);
  }
}

import type { Details, Request } from "./model";
import type { Time } from "./time";

/** Without an answer for this long, a running cell holds the question back. */
const PATIENCE_MS = 1000;
/** A message may be lost, and is never repeated by itself. A kernel behind a busy cell answers each question later. */
const REPEAT_MS = 5000;
const LONGEST_REPEAT_MS = 60_000;

export interface DetailsRequestOptions {
  send: (request: Request) => void;
  changed: () => void;
  time: Time;
}

/** What the kernel tells of an operation only when it is asked: one question at a time, for all views of a card. */
export class DetailsRequest {
  readonly #options: DetailsRequestOptions;
  #details: Details | null = null;
  #pending: AbortController | null = null;
  #waiting = false;
  #takers: ((details: Details) => void)[] = [];
  /** Whether somebody looks: a view that its host draws anew opens as it was. */
  open = false;

  constructor(options: DetailsRequestOptions) {
    this.#options = options;
  }

  /** As told last. */
  get details(): Details | null {
    return this.#details;
  }

  /** Asked, and the kernel has not answered for a while. */
  get waiting(): boolean {
    return this.#waiting;
  }

  /** Asks, until the signal of who asks aborts. Returns false where a question is under way already. */
  ask(signal: AbortSignal): boolean {
    if (this.#pending || signal.aborted) return false;
    const pending = new AbortController();
    this.#pending = pending;
    const leave = () => {
      this.#end(pending);
      this.#options.changed(); // another view may want to ask
    };
    signal.addEventListener("abort", leave, { signal: pending.signal });
    this.#options.time.after(PATIENCE_MS, () => this.#wait(), pending.signal);
    this.#send(REPEAT_MS, pending.signal);
    return true;
  }

  /** The next answer, or the one to the question that is under way. */
  next(signal: AbortSignal): Promise<Details> {
    this.ask(signal);
    return new Promise((resolve) => this.#takers.push(resolve));
  }

  receive(details: Details): void {
    this.#details = details;
    if (this.#pending) this.#end(this.#pending);
    const takers = this.#takers;
    this.#takers = [];
    for (const take of takers) take(details);
    this.#options.changed();
  }

  #send(repeatMs: number, signal: AbortSignal): void {
    const repeat = () => this.#send(Math.min(2 * repeatMs, LONGEST_REPEAT_MS), signal);
    this.#options.time.after(repeatMs, repeat, signal);
    this.#options.send({ type: "details" });
  }

  #wait(): void {
    this.#waiting = true;
    this.#options.changed();
  }

  #end(pending: AbortController): void {
    pending.abort();
    if (this.#pending !== pending) return;
    this.#pending = null;
    this.#waiting = false;
  }
}

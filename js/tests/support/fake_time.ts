import type { Time } from "../../src/time";

interface Timer {
  dueMs: number;
  callback: () => void;
  signal: AbortSignal;
}

/** A clock that stands still until it is told to go on, and then runs every timer that falls due, in order. */
export class FakeTime implements Time {
  #nowMs: number;
  readonly #timers = new Set<Timer>();

  constructor(nowMs = 1_800_000_000_000) {
    this.#nowMs = nowMs;
  }

  now(): number {
    return this.#nowMs;
  }

  after(delayMs: number, callback: () => void, signal: AbortSignal): () => void {
    const timer = { dueMs: this.#nowMs + delayMs, callback, signal };
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  }

  advance(ms: number): void {
    const until = this.#nowMs + ms;
    for (let next = this.#next(until); next; next = this.#next(until)) {
      this.#timers.delete(next);
      this.#nowMs = Math.max(this.#nowMs, next.dueMs);
      next.callback();
    }
    this.#nowMs = until;
  }

  /** Timers that will still run. */
  get pending(): number {
    return [...this.#timers].filter((timer) => !timer.signal.aborted).length;
  }

  #next(until: number): Timer | undefined {
    return [...this.#timers]
      .filter((timer) => !timer.signal.aborted && timer.dueMs <= until)
      .sort((a, b) => a.dueMs - b.dueMs)[0];
  }
}

import type { Clock } from "./model";

/** Messages remembered for measuring the skew: enough to meet one that was not held up on its way. */
const REMEMBERED_MESSAGES = 8;

/**
 * How far the page's clock is ahead of the kernel's.
 *
 * Each live message says when it was sent. Its apparent age is the skew plus the time it travelled, so the
 * smallest of the last few ages is the best estimate; only a few, because either clock may be set meanwhile.
 */
export class Skew {
  #ages: number[] = [];
  #floor = 0;

  /** A snapshot restored with the page may be old: it only shows that the page's clock is behind, if it is. */
  restored(sentAtMs: number, nowMs: number): void {
    this.#floor = Math.min(0, nowMs - sentAtMs);
  }

  /** A message that arrived just now. */
  live(sentAtMs: number, nowMs: number): void {
    this.#ages = [...this.#ages, nowMs - sentAtMs].slice(-REMEMBERED_MESSAGES);
  }

  get ms(): number {
    return this.#ages.length > 0 ? Math.min(...this.#ages) : this.#floor;
  }
}

/** Milliseconds to show: the total once there is one, else counted from the start, never below zero. */
export function elapsedMs(clock: Clock, skewMs: number, nowMs: number): number {
  return Math.max(0, clock.total_ms ?? nowMs - skewMs - clock.started_at_ms);
}

/** Until the shown second changes. */
export function untilNextSecondMs(elapsed: number): number {
  return 1000 - (elapsed % 1000);
}

import type { Estimate } from "./model";
import { words } from "./words";

/** What a bar shows, and the words beside it. The fraction is below 1: what runs is not done. */
export interface Reading {
  fraction: number;
  text: string;
}

/**
 * Reads an estimate for an operation of this age: a straight line between the two nearest lines of its table. Null
 * where there is nothing to say. What can be said, and how sure, is the kernel's to decide; this only ticks.
 */
export function readEstimate(
  { done_percent, steps }: Estimate,
  ageMs: number,
  provider: string,
): Reading | null {
  if (done_percent !== null) {
    return { fraction: done_percent / 100, text: words.percentDone(provider, done_percent) };
  }
  const last = steps.at(-1);
  if (!last) return null;
  const next = steps.findIndex((step) => step.age_ms > ageMs);
  const before = steps[next - 1];
  const after = steps[next];
  if (!after) return { fraction: last.done_percent / 100, text: words.longerThanUsual };
  const from = before ?? after;
  const part = before ? (ageMs - before.age_ms) / (after.age_ms - before.age_ms) : 0;
  const between = (one: number, other: number) => one + part * (other - one);
  return {
    fraction: between(from.done_percent, after.done_percent) / 100,
    text: words.timeLeft(between(from.low_ms, after.low_ms), between(from.high_ms, after.high_ms)),
  };
}

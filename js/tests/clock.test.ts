import { expect, test } from "vitest";
import { elapsedMs, Skew, untilNextSecondMs } from "../src/clock";
import type { Clock } from "../src/model";
import { words } from "../src/words";

const clock: Clock = { source: "operation", started_at_ms: 1000, sent_at_ms: 5000, total_ms: null };

test("the quickest of the last messages tells the skew, not one that was held up", () => {
  const skew = new Skew();
  skew.live(1000, 1000 + 3000 + 900);
  skew.live(2000, 2000 + 3000 + 20);
  skew.live(3000, 3000 + 3000 + 4000);
  expect(skew.ms).toBe(3020);
});

test("a clock that is set while the page is open is noticed", () => {
  const skew = new Skew();
  skew.live(0, 10);
  for (let index = 0; index < 8; index++) skew.live(0, 60_000);
  expect(skew.ms).toBe(60_000);
});

test("an old snapshot restored with the page does not count as a slow clock", () => {
  const skew = new Skew();
  skew.restored(1000, 900_000);
  expect(skew.ms).toBe(0);
});

test("a snapshot from the future shows that the page's clock is behind", () => {
  const skew = new Skew();
  skew.restored(10_000, 4000);
  expect(skew.ms).toBe(-6000);
  skew.live(11_000, 5010);
  expect(skew.ms).toBe(-5990);
});

test("elapsed counts from the start in the kernel's clock", () => {
  expect(elapsedMs(clock, 3000, 14_000)).toBe(10_000);
});

test("elapsed never goes below zero", () => {
  expect(elapsedMs(clock, 0, 500)).toBe(0);
});

test("elapsed stays at the total", () => {
  expect(elapsedMs({ ...clock, total_ms: 42_000 }, 0, 999_999)).toBe(42_000);
});

test("the next tick comes when the shown second changes", () => {
  expect(untilNextSecondMs(41_250)).toBe(750);
  expect(untilNextSecondMs(41_000)).toBe(1000);
});

test.each([
  [0, "0:00"],
  [59_999, "0:59"],
  [60_000, "1:00"],
  [725_000, "12:05"],
  [3_600_000, "1:00:00"],
  [93_784_000, "26:03:04"],
])("%i ms reads %s", (ms, text) => {
  expect(words.elapsed(ms)).toBe(text);
});

import { afterEach, beforeEach, expect, test } from "vitest";
import { readEstimate } from "../src/estimate";
import type { Estimate, Snapshot } from "../src/model";
import { words } from "../src/words";
import { FakeHost } from "./support/fake_host";
import { FakeTime } from "./support/fake_time";
import { find, isShown, shownText } from "./support/page";
import { START_MS, snapshotOf } from "./support/snapshots";

const estimate: Estimate = {
  done_percent: null,
  steps: [
    { age_ms: 0, done_percent: 0, low_ms: 50_000, high_ms: 120_000 },
    { age_ms: 40_000, done_percent: 50, low_ms: 10_000, high_ms: 80_000 },
    { age_ms: 100_000, done_percent: 80, low_ms: 4000, high_ms: 70_000 },
  ],
};
const reported: Estimate = { done_percent: 45, steps: [] };

let time: FakeTime;
let host: FakeHost;

beforeEach(() => {
  time = new FakeTime(START_MS);
});

afterEach(() => {
  host?.destroy();
  document.body.replaceChildren();
});

function show(changes: Partial<Snapshot>): HTMLElement {
  host = new FakeHost(snapshotOf(changes), time);
  return host.display();
}

test("between two lines of the table a straight line is read", () => {
  expect(readEstimate(estimate, 0, "GPTProto")).toEqual({
    fraction: 0,
    text: "Usually 50 s to 2 min more",
  });
  expect(readEstimate(estimate, 20_000, "GPTProto")).toEqual({
    fraction: 0.25,
    text: "Usually 30 s to 1 min 40 s more",
  });
});

test("an age before the table, of a clock that is off, is its first line", () => {
  expect(readEstimate(estimate, -5000, "GPTProto")).toEqual(readEstimate(estimate, 0, "GPTProto"));
});

test("after the table it takes longer than usual, and the bar stands still short of its end", () => {
  for (const ageMs of [100_000, 100_001, 1e9, Number.POSITIVE_INFINITY]) {
    expect(readEstimate(estimate, ageMs, "GPTProto")).toEqual({ fraction: 0.8, text: "Longer than usual" });
  }
});

test("the bar never goes back and never arrives", () => {
  let before = 0;
  for (let ageMs = 0; ageMs < 200_000; ageMs += 500) {
    const { fraction } = readEstimate(estimate, ageMs, "GPTProto") ?? { fraction: Number.NaN };
    expect(fraction).toBeGreaterThanOrEqual(before);
    expect(fraction).toBeLessThan(1);
    before = fraction;
  }
});

test("the provider's own percentage is used, and said to be the provider's", () => {
  expect(readEstimate(reported, 5000, "GPTProto")).toEqual({
    fraction: 0.45,
    text: "GPTProto says 45 % done",
  });
});

test("where nothing is known nothing is said", () => {
  expect(readEstimate({ done_percent: null, steps: [] }, 5000, "GPTProto")).toBeNull();
});

test.each([
  [40_000, 80_000, "Usually 40 s to 1 min 20 s more"],
  [42_300, 78_100, "Usually 40 s to 1 min 20 s more"],
  [4900, 31_000, "Usually up to 35 s more"],
  [59_999, 60_001, "Usually 55 s to 1 min 10 s more"],
  [119_000, 299_500, "Usually 1 min 50 s to 5 min more"],
  [348_000, 630_000, "Usually 5 min 30 s to 11 min more"],
  [301_000, 3_601_000, "Usually 5 min to 1 h 1 min more"],
])("%i to %i ms reads %s", (lowMs, highMs, text) => {
  expect(words.timeLeft(lowMs, highMs)).toBe(text);
});

test("running: a bar and the usual range, which go on by themselves and reach a screen reader as one bar", () => {
  const el = show({ estimate });
  const bar = find<HTMLProgressElement>(el, '[role="progressbar"]');
  expect(bar.getAttribute("aria-label")).toBe("Progress of the generation");
  expect(shownText(el)).toContain("Usually 50 s to 2 min more");
  expect(bar.position).toBe(0);
  time.advance(40_000);
  expect(shownText(el)).toContain("Usually 10 s to 1 min 20 s more");
  expect(bar.getAttribute("aria-valuetext")).toBe("Usually 10 s to 1 min 20 s more");
  expect(bar.position).toBeCloseTo(0.5);
  time.advance(3_600_000);
  expect(shownText(el)).toContain("Longer than usual");
  expect(bar.position).toBeCloseTo(0.8);
  expect(host.sentOf("stop")).toEqual([]);
});

test("running: the time left is not spoken while it ticks", () => {
  const el = show({ estimate });
  const live = find(document.body, '[role="status"]');
  time.advance(200_000);
  expect(live.textContent).toBe("");
  expect(find(el, '[role="progressbar"]').closest("[aria-live], [role=status], [role=alert]")).toBeNull();
});

test("running, with a percentage of the provider's: the bar shows it", () => {
  const el = show({ estimate: reported });
  expect(find<HTMLProgressElement>(el, "progress").position).toBeCloseTo(0.45);
  expect(shownText(el)).toContain("GPTProto says 45 % done");
});

test("running, of a model that nothing is known of: no bar", () => {
  const el = show({});
  expect(isShown(el, "progress")).toBe(false);
  expect(shownText(el)).not.toContain("sually");
});

test("the bar keeps inside a narrow card, and in either direction of text", () => {
  const el = show({ estimate });
  el.style.inlineSize = "240px";
  expect(find(el, "section").scrollWidth).toBeLessThanOrEqual(240);
});

import { afterEach, beforeEach, expect, test } from "vitest";
import { userEvent } from "vitest/browser";
import {
  closeBoard,
  drawn,
  host,
  looked,
  names,
  openTime,
  show,
  take,
  takes,
  tiles,
  time,
} from "./support/board_view";
import { readyRow } from "./support/fake_board";
import { find, shownText } from "./support/page";
import { START_MS } from "./support/snapshots";

beforeEach(openTime);
afterEach(closeBoard);

test("each card shows label, state and time, the whole its counts and a bar", async () => {
  const el = show([
    take(1),
    readyRow({ label: null, ready: 2, withheld: 1 }),
    take(3, { status: "failed", error: "The generation failed.", total_ms: 61_000 }),
    take(4, { retrying: true }),
    take(5, { status: "downloading", bytes_done: 30, bytes_total: 40 }),
  ]);
  await drawn();
  time.advance(42_000);
  const [running, ready, failed, reconnecting, downloading] = tiles(el).map(shownText);
  expect(running).toBe("take 1 Generating 0:42");
  expect(ready).toBe("mg3pt9cbmvr1 2 ready, 1 withheld 1:42");
  expect(failed).toBe("take 3 The generation failed. 1:01");
  expect(reconnecting).toContain("Reconnecting");
  expect(downloading).toContain("Downloading");
  expect(find<HTMLProgressElement>(el, "progress").position).toBe(0.75);
  expect(shownText(find(el, "header"))).toContain("2 of 5 finished 1 ready, 1 without a video");
  const bar = find(el, '[role="progressbar"]');
  expect([bar.getAttribute("aria-valuenow"), bar.getAttribute("aria-valuemax")]).toEqual(["2", "5"]);
  expect(find(el, "section").getAttribute("aria-label")).toBe("Board of 5 video operations");
});

test("an operation that runs shows how far it usually is by now, and how much longer it takes", async () => {
  const el = show(takes(2));
  host.estimates = [
    {
      done_percent: null,
      steps: [
        { age_ms: 0, done_percent: 0, low_ms: 60_000, high_ms: 120_000 },
        { age_ms: 100_000, done_percent: 90, low_ms: 10_000, high_ms: 20_000 },
      ],
    },
    { done_percent: 40, steps: [] },
  ];
  host.change(0, { estimate: 0 });
  host.change(1, { estimate: 1 });
  await looked();
  time.advance(50_000);
  const bars = [...el.querySelectorAll<HTMLProgressElement>(".rushes-tile progress")];
  expect(bars[0]?.position).toBeCloseTo(0.45, 1);
  expect(bars[1]?.position).toBe(0.4);
  expect(shownText(tiles(el)[0] as Element)).toMatch(/35 s to 1 min 10 s more/);
  expect(shownText(tiles(el)[1] as Element)).toContain("GPTProto says 40 % done");
  host.change(0, { status: "failed", error: "No.", estimate: null });
  expect(bars[0]?.hidden).toBe(true);
});

test("what the kernel says replaces what it said before, never with something older", async () => {
  const el = show(takes(2));
  host.change(0, { status: "failed", error: "No." });
  host.set({ version: 1, sent_at_ms: START_MS, notice: null, estimates: [], rows: takes(2) });
  await drawn();
  expect(shownText(tiles(el)[0] as Element)).toContain("No.");
});

test("a filter for each state there is, with its count", async () => {
  const el = show([take(1), readyRow({ label: "take 2" }), take(3), take(4, { starred: true })]);
  const filters = find(el, '[role="group"][aria-label="Show"]');
  expect(shownText(filters)).toBe("All 4 Generating 3 Ready 1 Starred 1");
  await userEvent.click(find(filters, "button:nth-of-type(3)"));
  expect(names(el)).toEqual(["take 1", "take 3", "take 4"]);
  // A chosen state that nothing has any more still stands there, so that the way back is seen.
  for (const item of [0, 2, 3]) host.change(item, { status: "succeeded" });
  expect(names(el)).toEqual([]);
  expect(shownText(el)).toContain("None of the operations is like this now.");
  expect(shownText(filters)).toBe("All 4 Generating 0 Ready 4 Starred 1");
  await userEvent.click(find(filters, "button:first-of-type"));
  expect(names(el)).toHaveLength(4);
});

test("a hundred cards are a bounded number of nodes and timers", async () => {
  const el = show(takes(100));
  await looked();
  expect(el.querySelectorAll("*").length).toBeLessThan(100 * 30 + 200);
  expect(time.pending).toBeLessThan(6);
});

test("words from the server stay words", async () => {
  const evil = (where: string) => `<b>${where}</b><img src=x onerror="window.stolen = 1">`;
  const el = show([
    take(1, {
      status: "failed",
      label: evil("label"),
      error: evil("error"),
      operation_id: evil("operation"),
    }),
  ]);
  host.change(0, { bytes_done: 1 }, evil("notice"));
  await drawn();
  expect(el.querySelector("b, img[onerror]")).toBeNull();
  for (const place of ["label", "error", "notice"]) expect(shownText(el)).toContain(evil(place));
});

test("a screen reader hears how many have finished, and not what a page opens with", () => {
  const el = show([take(1), readyRow()]);
  const spoken = find(el, '[role="status"]');
  expect(spoken.textContent).toBe("");
  host.change(0, { status: "failed", error: "No." });
  expect(spoken.textContent).toBe("All 2 finished");
});

test("a kernel that has been silent for long is told", () => {
  const el = show(takes(1));
  time.advance(60_000);
  expect(shownText(el)).toContain("The kernel is not answering");
});

test("a board is as wide as its place, also where the page has the style sheet of a card", () => {
  const el = show();
  el.style.inlineSize = "900px";
  expect(find(el, "section").offsetWidth).toBe(900);
});

test("a board at 280 pixels holds long names without a scroll bar", async () => {
  const el = show([
    take(1, { label: "y".repeat(200) }),
    take(2, { status: "failed", error: "z".repeat(160) }),
  ]);
  el.style.inlineSize = "280px";
  await drawn();
  expect(find(el, "section").scrollWidth).toBeLessThanOrEqual(280);
});

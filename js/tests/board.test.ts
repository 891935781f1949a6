import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { userEvent } from "vitest/browser";
import { FakeBoard, readyRow, rowOf } from "./support/fake_board";
import { FakeTime } from "./support/fake_time";
import { trackListeners } from "./support/listeners";
import { button, find, isShown, shownText } from "./support/page";
import { endedOf, START_MS, sampleOf, snapshotOf } from "./support/snapshots";

const PICTURE = new Uint8Array([0xff, 0xd8, 0xff, 0xe0]);

let time: FakeTime;
let host: FakeBoard;

beforeEach(() => {
  time = new FakeTime(START_MS);
});

afterEach(() => {
  host.destroy();
  document.body.replaceChildren();
});

function show(rows = [rowOf()]): HTMLElement {
  host = new FakeBoard(rows, time);
  return host.display();
}

const take = (number: number, changes = {}) => rowOf({ label: `take ${number}`, ...changes });
const takes = (count: number) => Array.from({ length: count }, (_, index) => take(index));
const tiles = (el: Element) => [...el.querySelectorAll<HTMLElement>(".rushes-tile")];
const names = (el: Element) =>
  tiles(el)
    .filter((tile) => !tile.hidden)
    .map((tile) => tile.querySelector(".rushes-tile-name")?.textContent);
const opener = (el: Element, item: number) => tiles(el)[item]?.querySelector("button") as HTMLButtonElement;
const focused = () => document.activeElement?.querySelector(".rushes-tile-name")?.textContent;

/** A busy machine needs its time. */
const eventually = <T>(check: () => T): Promise<T> => vi.waitFor(check, { timeout: 12_000 });

/** The page has drawn what is in view: what is skipped by then has no text for a reader. */
async function drawn(): Promise<void> {
  for (let frame = 0; frame < 3; frame++) await new Promise(requestAnimationFrame);
}

/** The page has looked at what is in view, and told the kernel. */
async function looked(): Promise<void> {
  await eventually(() => {
    time.advance(200);
    expect(host.sentOf("wanted").length).toBeGreaterThan(0);
  });
}

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
  expect(running).toBe("0:42 take 1 Generating");
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

test("the Tab key stops at the grid once, arrows, Home and End move in it", async () => {
  const el = show(takes(7));
  el.style.inlineSize = "800px";
  expect(el.querySelectorAll('.rushes-tile-open[tabindex="0"]')).toHaveLength(1);
  opener(el, 0).focus();
  await userEvent.keyboard("{ArrowRight}");
  expect(focused()).toBe("take 1");
  const columns = tiles(el).filter((tile) => tile.offsetTop === tiles(el)[0]?.offsetTop).length;
  expect(columns).toBeGreaterThan(2);
  await userEvent.keyboard("{ArrowDown}");
  expect(focused()).toBe(`take ${columns + 1}`);
  await userEvent.keyboard("{ArrowUp}{ArrowUp}");
  expect(focused()).toBe("take 1");
  await userEvent.keyboard("{End}{ArrowRight}");
  expect(focused()).toBe("take 6");
  await userEvent.keyboard("{Home}{ArrowLeft}");
  expect(focused()).toBe("take 0");
  expect(el.querySelectorAll('.rushes-tile-open[tabindex="0"]')).toHaveLength(1);
});

test("arrows turn round where the page reads from right to left", async () => {
  const el = show(takes(4));
  el.dir = "rtl";
  opener(el, 0).focus();
  await userEvent.keyboard("{ArrowLeft}");
  expect(focused()).toBe("take 1");
});

test("arrows pass over what the filter hides", async () => {
  const el = show([take(1), readyRow({ label: "take 2" }), take(3)]);
  await userEvent.click(find(el, ".rushes-filters button:nth-of-type(3)"));
  opener(el, 0).focus();
  await userEvent.keyboard("{ArrowRight}");
  expect(focused()).toBe("take 3");
});

test("only keys of the board's own are kept from the notebook, and none with the focus outside", async () => {
  const el = show(takes(3));
  const heard: string[] = [];
  const listening = new AbortController();
  document.body.addEventListener("keydown", ({ key }) => heard.push(key), { signal: listening.signal });
  opener(el, 0).focus();
  await userEvent.keyboard("{ArrowRight}sx{Control>}s{/Control}");
  expect(heard).toEqual(["x", "Control", "s"]);
  (document.activeElement as HTMLElement).blur();
  await userEvent.keyboard("s{ArrowRight}");
  expect(heard.slice(3)).toEqual(["s", "ArrowRight"]);
  listening.abort();
});

test("a star by click and by key is seen at once and sent", async () => {
  const el = show(takes(2));
  const star = button(el, "Star take 0");
  await userEvent.click(star);
  expect(star.getAttribute("aria-pressed")).toBe("true");
  opener(el, 1).focus();
  await userEvent.keyboard("s");
  expect(host.sentOf("star").map(({ item, starred }) => [item, starred])).toEqual([
    [0, true],
    [1, true],
  ]);
  await userEvent.keyboard("s");
  expect(host.sentOf("star").at(-1)).toMatchObject({ item: 1, starred: false });
  expect(button(el, "Star take 1").getAttribute("aria-pressed")).toBe("false");
});

test("a star stays while its request is on the way, and ends as the kernel says", async () => {
  const el = show(takes(1));
  const star = button(el, "Star take 0");
  await userEvent.click(star);
  host.change(0, { bytes_done: 1 }); // rows from before the request
  expect(star.getAttribute("aria-pressed")).toBe("true");
  host.receive({ type: "ack", id: host.sentOf("star")[0]?.id ?? -1 });
  host.change(0, { starred: true });
  expect(star.getAttribute("aria-pressed")).toBe("true");
  host.change(0, { starred: false }, "The star could not be written to the data directory.");
  expect(star.getAttribute("aria-pressed")).toBe("false");
  expect(shownText(el)).toContain("The star could not be written");
});

test("a click opens the very card of a single watch", async () => {
  const el = show(takes(2));
  await userEvent.click(opener(el, 1));
  expect(opener(el, 1).getAttribute("aria-expanded")).toBe("true");
  expect(host.asked(1, "sync")).toHaveLength(1);
  host.tell(1, { type: "state", snapshot: snapshotOf({ label: "take 1" }) });
  const viewer = find(el, ".rushes-viewer");
  expect(shownText(viewer)).toContain("Generating take 1 veo-3.1-generate-preview");
  await userEvent.click(button(viewer, "Stop watching"));
  expect(host.asked(1, "stop")).toHaveLength(1);
  expect(host.asked(0, "sync")).toHaveLength(0);
  await looked();
  expect(host.sentOf("wanted").at(-1)?.items).toContain(1);
});

test("Enter opens, Escape closes, and the focus goes back to where it came from", async () => {
  const el = show(takes(3));
  opener(el, 2).focus();
  await userEvent.keyboard("{Enter}");
  expect(isShown(el, ".rushes-viewer")).toBe(true);
  button(el, "Close take 2").focus();
  await userEvent.keyboard("{Escape}");
  expect(isShown(el, ".rushes-viewer")).toBe(false);
  expect(focused()).toBe("take 2");
  await userEvent.keyboard("{Enter}{Escape}");
  expect(isShown(el, ".rushes-viewer")).toBe(false);
  expect(focused()).toBe("take 2");
});

test("two takes stand side by side, a third takes the second's place", async () => {
  const el = show(takes(4));
  el.style.inlineSize = "800px";
  await userEvent.click(opener(el, 0));
  await userEvent.click(button(el, "Open take 2 beside the other"));
  for (const item of [0, 2]) {
    host.tell(item, { type: "state", snapshot: snapshotOf({ label: `take ${item}` }) });
  }
  const cards = () => [...el.querySelectorAll<HTMLElement>(".rushes-viewer-take")];
  const [one, other] = cards();
  expect(one?.offsetTop).toBe(other?.offsetTop);
  opener(el, 3).focus();
  await userEvent.keyboard("c");
  host.tell(3, { type: "state", snapshot: snapshotOf({ label: "take 3" }) });
  expect(cards().map((card) => shownText(card).match(/take \d/)?.[0])).toEqual(["take 0", "take 3"]);
  await userEvent.click(opener(el, 1));
  expect(cards()).toHaveLength(1);
});

test("a take that is opened plays by itself, and takes its video along when it is closed", async () => {
  const el = show([readyRow({ pictured: true })]);
  await userEvent.click(opener(el, 0));
  host.sendVideo(0);
  const video = await eventually(() => find<HTMLVideoElement>(el, ".rushes-viewer video"));
  await eventually(() => expect(video.currentTime).toBeGreaterThan(0));
  await userEvent.keyboard("{Escape}");
  expect(el.querySelector("video")).toBeNull();
  await eventually(() => {
    time.advance(3000);
    expect(video.getAttribute("src")).toBeNull();
  });
});

test("the grid holds no video, and says what is in view before the kernel has one", async () => {
  const el = show(takes(100));
  await looked();
  expect(el.querySelector("video")).toBeNull();
  const { items } = host.sentOf("wanted").at(-1) ?? { items: [] };
  expect(items[0]).toBe(0);
  expect(items.length).toBeGreaterThan(3);
  expect(items.length).toBeLessThan(60);
  find(el, ".rushes-grid").scrollTop = 100_000;
  await eventually(() => {
    time.advance(200);
    expect(host.sentOf("wanted").at(-1)?.items).toContain(99);
  });
  expect(host.sentOf("wanted").at(-1)?.items).not.toContain(0);
});

test("a hundred cards are a bounded number of nodes and timers", async () => {
  const el = show(takes(100));
  await looked();
  expect(el.querySelectorAll("*").length).toBeLessThan(100 * 30 + 200);
  expect(time.pending).toBeLessThan(6);
});

test("a picture is made of a video in view, sent to the kernel, and the video let go", async () => {
  const el = show([readyRow(), readyRow({ status: "failed", ready: 0 })]);
  await looked();
  expect(host.asked(0, "sync")).toHaveLength(1);
  expect(host.asked(1, "sync")).toHaveLength(0);
  host.sendVideo(0);
  const image = await eventually(() => find<HTMLImageElement>(el, ".rushes-tile img"));
  expect(image.src).toMatch(/^blob:/);
  await eventually(() => expect(host.asked(0, "poster")).toHaveLength(1));
  const [[sent]] = host.sentBuffers as [[ArrayBuffer]];
  expect([...new Uint8Array(sent).slice(0, 3)]).toEqual([0xff, 0xd8, 0xff]);
  expect(sent.byteLength).toBeLessThan(40_000);
  host.change(0, { pictured: true });
  await eventually(() => {
    time.advance(200);
    expect(host.sentOf("wanted").at(-1)?.items).toEqual([]);
  });
  // Nobody keeps the item any more: another chunk of it is nobody's.
  const before = host.sent.length;
  host.tell(0, { type: "chunk", sample: 0, generation: 9, index: 0, count: 1 }, new Uint8Array(3000));
  expect(host.sent.length).toBe(before);
});

test("the first bytes of a video that arrives for a card in view are not lost", async () => {
  const el = show(takes(1));
  await looked();
  host.sendVideo(0);
  await eventually(() => expect(isShown(el, ".rushes-tile img")).toBe(true));
});

test("a take that is opened asks for its video at once", async () => {
  const el = show([readyRow({ pictured: true })]);
  await userEvent.click(opener(el, 0));
  host.tell(0, { type: "state", snapshot: endedOf({ status: "succeeded", samples: [sampleOf()] }) });
  expect(host.asked(0, "pull").map(({ chunks }) => chunks)).toEqual([[0, 1, 2]]);
});

test("a picture that the kernel has is asked for, and no video is", async () => {
  const el = show([readyRow({ pictured: true }), readyRow({ pictured: true })]);
  await eventually(() => {
    time.advance(200);
    expect(host.sentOf("pictures")).toEqual([{ type: "pictures", items: [0, 1] }]);
  });
  host.receive({ type: "picture", item: 1 }, new DataView(PICTURE.buffer));
  expect(tiles(el).map((tile) => tile.querySelector("img")?.hidden)).toEqual([true, false]);
  expect(host.sentOf("item")).toEqual([]);
  time.advance(7000);
  time.advance(200);
  expect(host.sentOf("pictures").at(-1)).toEqual({ type: "pictures", items: [0] });
});

test("no more than two videos come at a time for their pictures", async () => {
  show(Array.from({ length: 8 }, (_, index) => readyRow({ label: `take ${index}` })));
  await looked();
  const asked = new Set(host.sentOf("item").map(({ item }) => item));
  expect([...asked]).toEqual([0, 1]);
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

test("filter, opened takes and stars outlive a view that the host draws anew", async () => {
  const el = show([take(1), readyRow({ label: "take 2", pictured: true })]);
  await userEvent.click(find(el, ".rushes-filters button:nth-of-type(5)"));
  await userEvent.click(opener(el, 1));
  host.tell(1, { type: "state", snapshot: endedOf({ status: "succeeded", samples: [sampleOf()] }) });
  el.remove();
  const again = host.display();
  expect(names(again)).toEqual(["take 2"]);
  expect(shownText(find(again, ".rushes-viewer"))).toContain("Video ready");
  expect(host.asked(1, "sync")).toHaveLength(1);
});

test("while somebody works with the board, the kernel is told every few seconds", async () => {
  const el = show(takes(2));
  opener(el, 0).focus();
  await userEvent.keyboard("{ArrowRight}{ArrowLeft}{ArrowRight}");
  expect(host.sentOf("busy")).toHaveLength(1);
  time.advance(4000);
  await userEvent.keyboard("{ArrowLeft}");
  expect(host.sentOf("busy")).toHaveLength(2);
});

test("scrolling is working with it, too", async () => {
  const el = show(takes(100));
  find(el, ".rushes-grid").scrollTop = 500;
  await eventually(() => expect(host.sentOf("busy")).toHaveLength(1));
});

test("what a view that is drawn anew has in view gets its pictures", async () => {
  const el = show(takes(2));
  await looked();
  el.remove();
  host.display();
  host.change(1, { status: "succeeded", ready: 1, pictured: true });
  await eventually(() => {
    time.advance(200);
    expect(host.sentOf("pictures")).toEqual([{ type: "pictures", items: [1] }]);
  });
});

test("a page asks again while something may still change, and then no more", () => {
  show(takes(1));
  expect(host.sentOf("sync")).toHaveLength(1);
  time.advance(7000);
  expect(host.sentOf("sync")).toHaveLength(2);
  host.receive({
    type: "board",
    board: { version: 5, sent_at_ms: START_MS, notice: null, estimates: [], rows: [readyRow()] },
  });
  time.advance(70_000);
  expect(host.sentOf("sync")).toHaveLength(2);
});

test("a kernel that has been silent for long is told", () => {
  const el = show(takes(1));
  time.advance(60_000);
  expect(shownText(el)).toContain("The kernel is not answering");
});

test("once no view is left, the kernel hears that nothing is wanted", async () => {
  const el = show(takes(2));
  await looked();
  el.remove();
  const other = document.createElement("div");
  document.body.append(other);
  host.render(other)();
  time.advance(11_000);
  time.advance(200);
  expect(host.sentOf("wanted").at(-1)?.items).toEqual([]);
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

test("the model's end leaves no listener and no timer behind", async () => {
  const tracked = trackListeners();
  const el = show([readyRow(), take(2)]);
  await looked();
  await userEvent.click(opener(el, 0));
  await userEvent.click(button(el, "Open take 2 beside the other"));
  host.destroy();
  tracked.restore();
  expect(tracked.left()).toEqual([]);
  expect(time.pending).toBe(0);
  expect(host.listenerCount).toBe(0);
});

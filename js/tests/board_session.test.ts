import { afterEach, beforeEach, expect, test } from "vitest";
import { userEvent } from "vitest/browser";
import {
  closeBoard,
  eventually,
  host,
  looked,
  names,
  opener,
  openTime,
  show,
  take,
  takes,
  time,
} from "./support/board_view";
import { readyRow } from "./support/fake_board";
import { trackListeners } from "./support/listeners";
import { button, find, shownText } from "./support/page";
import { endedOf, START_MS, sampleOf } from "./support/snapshots";

beforeEach(openTime);
afterEach(closeBoard);

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

test("while takes are open, what the kernel was told never runs out", () => {
  const el = show(takes(1));
  time.advance(3500);
  opener(el, 0).click();
  let told = host.sentOf("busy").length;
  let silentMs = 0;
  for (let ms = 0; ms < 40_000; ms += 500) {
    time.advance(500);
    silentMs += 500;
    if (host.sentOf("busy").length > told) silentMs = 0;
    told = host.sentOf("busy").length;
    expect(silentMs).toBeLessThan(10_000);
  }
});

test("scrolling is working with it, too", async () => {
  const el = show(takes(100));
  find(el, ".rushes-grid").scrollTop = 500;
  await eventually(() => expect(host.sentOf("busy")).toHaveLength(1));
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

test("a page that goes wants nothing any more, and one that comes back wants the same again", async () => {
  const el = show([readyRow(), take(1)]);
  await userEvent.click(opener(el, 0));
  await eventually(() => {
    time.advance(200);
    expect(host.sentOf("wanted").at(-1)?.items).toContain(0);
  });
  const wanted = host.sentOf("wanted").at(-1);
  dispatchEvent(new Event("pagehide"));
  expect(host.sentOf("wanted").at(-1)).toEqual({ ...wanted, items: [] });
  host.change(1, { status: "running" });
  time.advance(200);
  expect(host.sentOf("wanted").at(-1)).toEqual(wanted);
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

import { afterEach, beforeEach, expect, test } from "vitest";
import { userEvent } from "vitest/browser";
import {
  closeBoard,
  eventually,
  focused,
  host,
  looked,
  opener,
  openTime,
  show,
  takes,
  time,
} from "./support/board_view";
import { readyRow } from "./support/fake_board";
import { button, find, isShown, shownText } from "./support/page";
import { endedOf, sampleOf, snapshotOf } from "./support/snapshots";

beforeEach(openTime);
afterEach(closeBoard);

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

test("a take that is opened asks for its video at once", async () => {
  const el = show([readyRow({ pictured: true })]);
  await userEvent.click(opener(el, 0));
  host.tell(0, { type: "state", snapshot: endedOf({ status: "succeeded", samples: [sampleOf()] }) });
  expect(host.asked(0, "pull").map(({ chunks }) => chunks)).toEqual([[0, 1, 2]]);
});

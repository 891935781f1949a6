import { afterEach, beforeEach, expect, test } from "vitest";
import { userEvent } from "vitest/browser";
import { closeBoard, focused, host, opener, openTime, show, take, takes, tiles } from "./support/board_view";
import { readyRow } from "./support/fake_board";
import { button, find } from "./support/page";

beforeEach(openTime);
afterEach(closeBoard);

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

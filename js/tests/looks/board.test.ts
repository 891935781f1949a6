import axe from "axe-core";
import { afterAll, afterEach, beforeAll, expect, test, vi } from "vitest";
import { commands, page } from "vitest/browser";
import { FakeBoard, readyRow, rowOf } from "../support/fake_board";
import { FakeTime } from "../support/fake_time";
import { START_MS } from "../support/snapshots";
import { WIDTHS_PX } from "./gallery";
import { layoutFaults } from "./layout";
import { putOn, themes } from "./themes";

/** A busy machine needs its time. */
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const ROWS = [
  rowOf({ label: "Take 1, the red kite over the dunes at dusk, second try" }),
  readyRow({ label: "Take 2", ready: 2, withheld: 1, starred: true }),
  rowOf({ status: "downloading", bytes_done: 30, bytes_total: 40 }),
  rowOf({ status: "failed", error: "The generation failed (code 13): Internal error.", total_ms: 61_000 }),
  rowOf({ label: "Take 5", retrying: true }),
  rowOf({ status: "filtered", total_ms: 61_000 }),
  rowOf({ status: "empty", total_ms: 61_000 }),
  rowOf({ status: "stopped" }),
  rowOf({ status: "timed_out" }),
];

let boards: { host: FakeBoard; el: HTMLElement; widthPx: number }[];
const gallery = document.createElement("main");

beforeAll(async () => {
  await commands.emulateMedia({ reducedMotion: "reduce" });
  gallery.className = "boards";
  gallery.style.cssText = "display: flex; gap: 20px; inline-size: max-content; padding: 20px";
  document.body.append(gallery);
  boards = WIDTHS_PX.map((widthPx) => {
    const host = new FakeBoard(ROWS, new FakeTime(START_MS + 42_000));
    const el = host.display();
    el.style.inlineSize = `${widthPx}px`;
    gallery.append(el);
    return { host, el, widthPx };
  });
});

afterEach(() => putOn(null));

afterAll(async () => {
  for (const { host } of boards) host.destroy();
  gallery.remove();
  await commands.emulateMedia({ reducedMotion: null });
  await commands.resizeWindow(1280, 720);
});

test.each(["ltr", "rtl"])("from 280 pixels on nothing of a board sticks out, %s", (direction) => {
  gallery.dir = direction;
  expect(boards.flatMap(({ el }) => layoutFaults(el))).toEqual([]);
  gallery.dir = "ltr";
});

test.each(themes.filter(({ inShadow }) => !inShadow))(
  "a picture of a board in $name; axe finds nothing in it",
  async (theme) => {
    await putOn(theme);
    const { width, height } = gallery.getBoundingClientRect();
    await commands.resizeWindow(Math.ceil(width), Math.ceil(height));
    await page.viewport(Math.ceil(width), Math.ceil(height));
    await commands.picture(".boards", `board-${theme.name}.png`);
    if (theme.forcedColors) return;
    const { violations, passes } = await axe.run([...boards.map(({ el }) => el)], {
      // Three boards of one name in one page are this test's.
      rules: { "landmark-unique": { enabled: false } },
    });
    const told = violations.flatMap(({ id, nodes }) =>
      nodes.map(({ html, failureSummary }) => `${id}: ${html} ${failureSummary}`),
    );
    expect(told).toEqual([]);
    expect(passes.map(({ id }) => id)).toContain("color-contrast");
  },
);

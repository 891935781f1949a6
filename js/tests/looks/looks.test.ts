import { afterAll, afterEach, beforeAll, expect, test, vi } from "vitest";
import { commands, page } from "vitest/browser";
import { clipSample, pushClip } from "../support/clip";
import { FakeHost } from "../support/fake_host";
import { FakeTime } from "../support/fake_time";
import { find, isShown, until } from "../support/page";
import { endedOf, START_MS, snapshotOf } from "../support/snapshots";
import { ContactSheet } from "./contact_sheet";
import { type Gallery, openGallery, WIDTHS_PX } from "./gallery";
import { layoutFaults } from "./layout";
import { settled } from "./states";
import { putOn, themes } from "./themes";

/** A gallery is many cards, and a busy machine needs its time. */
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

let gallery: Gallery;

beforeAll(async () => {
  await commands.emulateMedia({ reducedMotion: "reduce" });
  gallery = await openGallery();
});

afterEach(async () => {
  await putOn(null);
  gallery.node.hidden = false;
  gallery.node.removeAttribute("dir");
  gallery.node.removeAttribute("style");
});

afterAll(async () => {
  gallery.close();
  await commands.emulateMedia({ reducedMotion: null });
  await commands.resizeWindow(1280, 720);
});

function faults(): string[] {
  return gallery.exhibits.flatMap(({ name, widthPx, el }) =>
    layoutFaults(el).map((fault) => `${name}, ${widthPx} px: ${fault}`),
  );
}

test.each(["ltr", "rtl"])("from 280 pixels on nothing is cut off or sticks out, %s", (direction) => {
  gallery.node.dir = direction;
  expect(faults()).toEqual([]);
});

test("with a font twice as large nothing is cut off or sticks out", () => {
  gallery.node.style.setProperty("--jp-ui-font-size1", "26px");
  expect(faults()).toEqual([]);
});

/** Where the stage is, in the card. */
function stageOf(el: HTMLElement): number[] {
  const card = find(el, ".rushes").getBoundingClientRect();
  const stage = find(el, ".rushes-screen").getBoundingClientRect();
  return [stage.top - card.top, stage.width, stage.height];
}

test.each([280, 480, 900])("at %i pixels nothing jumps when the video comes", async (widthPx) => {
  const host = new FakeHost(snapshotOf(), new FakeTime(START_MS));
  const el = host.display();
  el.style.inlineSize = `${widthPx}px`;
  const before = stageOf(el);
  const coming = clipSample({ state: "downloading", width: 320, height: 180 });
  host.set(snapshotOf({ version: 2, status: "downloading", samples: [coming] }));
  expect(stageOf(el)).toEqual(before);
  host.set(endedOf({ version: 3, status: "succeeded", samples: [{ ...coming, state: "ready" }] }));
  expect(stageOf(el)).toEqual(before);
  pushClip(host);
  await until(() => isShown(el, "video"));
  await settled(el);
  expect(stageOf(el)).toEqual(before);
  const [, width, height] = stageOf(el);
  const video = find(el, "video").getBoundingClientRect();
  expect([video.width, video.height]).toEqual([width, height]);
  host.destroy();
  el.remove();
});

const sheet = new ContactSheet();

test.each(themes)("a picture of every state in $name", async (theme) => {
  await putOn(theme);
  const shown = theme.inShadow ? await openGallery(true) : gallery;
  gallery.node.hidden = theme.inShadow === true;
  const { width, height } = shown.node.getBoundingClientRect();
  await commands.resizeWindow(Math.ceil(width), Math.ceil(height));
  await page.viewport(Math.ceil(width), Math.ceil(height));
  const picture = await commands.picture(".gallery:not([hidden])", `${theme.name}.png`);
  for (const widthPx of theme === themes[0] ? WIDTHS_PX : [WIDTHS_PX[0]]) {
    const exhibits = shown.exhibits.filter((each) => each.widthPx === widthPx);
    await sheet.add(`${theme.name}, ${widthPx} px`, picture, shown.node, exhibits);
  }
  if (shown !== gallery) shown.close();
});

test("the contact sheet has them all", async () => {
  await commands.keepPicture(sheet.draw(), "contact-sheet.webp");
});

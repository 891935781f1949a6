import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { commands, page } from "vitest/browser";
import looksPage from "../../../docs/looks.md?raw";
import { drawn } from "../support/board_view";
import { clipSample, pushClip } from "../support/clip";
import { FakeHost } from "../support/fake_host";
import { FakeTime } from "../support/fake_time";
import { find, isShown, until } from "../support/page";
import { endedOf, START_MS, snapshotOf } from "../support/snapshots";
import { boards } from "./board_states";
import { contactSheet } from "./contact_sheet";
import { type Gallery, openGallery, settled } from "./gallery";
import { layoutFaults } from "./layout";
import { cards } from "./states";
import { putOn, themes } from "./themes";

/** A gallery is many cards, and a busy machine needs its time. */
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

/** Makes the window as large as the gallery. What comes into view so may be larger than it was guessed to be. */
async function fitWindow(node: HTMLElement): Promise<void> {
  for (;;) {
    const { width, height } = node.getBoundingClientRect();
    const [widthPx, heightPx] = [Math.ceil(width), Math.ceil(height)];
    if (window.innerWidth === widthPx && window.innerHeight === heightPx) return;
    await commands.resizeWindow(widthPx, heightPx);
    await page.viewport(widthPx, heightPx);
    await drawn();
  }
}

describe.each([cards, boards])("$name", (collection) => {
  let gallery: Gallery;

  beforeAll(async () => {
    await commands.emulateMedia({ reducedMotion: "reduce" });
    gallery = await openGallery(collection);
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

  test.each(themes)("a picture of every state at every width in $name", async (theme) => {
    await putOn(theme);
    const shown = theme.inShadow ? await openGallery(collection, true) : gallery;
    gallery.node.hidden = theme.inShadow === true;
    await fitWindow(shown.node);
    const name = `${collection.name}-${theme.name}`;
    const picture = await commands.picture(".gallery:not([hidden])", `${name}.png`);
    await commands.keepPicture(await contactSheet(picture), `${name}.webp`);
    expect(looksPage).toContain(`](looks/${name}.webp)`);
    if (shown !== gallery) shown.close();
  });
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

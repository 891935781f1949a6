import axe from "axe-core";
import { afterAll, afterEach, beforeAll, describe, expect, onTestFinished, test, vi } from "vitest";
import { commands, page, userEvent } from "vitest/browser";
import { isVisible } from "../support/page";
import { boards } from "./board_states";
import { exhibit, type Gallery, openGallery } from "./gallery";
import { cards } from "./states";
import { putOn, themes } from "./themes";

/** A gallery is many cards, and a busy machine needs its time. */
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

/** The gallery shows one operation many times, which gives many landmarks one name. */
const RULES: axe.RunOptions = {
  resultTypes: ["violations", "incomplete"],
  rules: { "landmark-unique": { enabled: false } },
};

const told = (results: axe.Result[]) =>
  results.flatMap(({ id, nodes }) =>
    nodes.map(({ html, failureSummary }) => `${id}: ${html} ${failureSummary}`),
  );

afterEach(() => putOn(null));

describe.each([cards, boards])("$name", (collection) => {
  let gallery: Gallery;

  beforeAll(async () => {
    await commands.emulateMedia({ reducedMotion: "reduce" });
    // As high as it takes for every take of a board to be in view: of the others axe cannot tell.
    await page.viewport(1000, 1000);
    gallery = await openGallery(collection, false, [900]);
  });

  afterAll(async () => {
    gallery.close();
    await commands.emulateMedia({ reducedMotion: null });
  });

  test.each(themes.filter(({ forcedColors }) => !forcedColors))(
    "axe finds nothing in $name",
    async (theme) => {
      await putOn(theme);
      const shown = theme.inShadow ? await openGallery(collection, true, [900]) : gallery;
      const { violations, incomplete, passes } = await axe.run(
        shown.exhibits.map(({ place }) => place),
        RULES,
      );
      expect(told(violations)).toEqual([]);
      // No ground is hidden from axe: what it says of contrast it says of all texts.
      expect(told(incomplete.filter(({ id }) => id === "color-contrast"))).toEqual([]);
      if (shown !== gallery) shown.close();
      expect(passes.map(({ id }) => id)).toContain("color-contrast");
    },
  );

  test.each(collection.stateNames)("what a screen reader is told: %s", async (name) => {
    const place = document.createElement("div");
    place.id = "told";
    document.body.append(place);
    const { close } = await exhibit(collection, name, place);
    onTestFinished(() => {
      close();
      place.remove();
    });
    const file = `./accessibility_trees/${name.replace(/\W+/g, "_")}.yaml`;
    const tree = await commands.accessibilityTree("#told");
    await expect(`${tree.replace(/blob:.*/g, "blob:")}\n`).toMatchFileSnapshot(file);
  });

  test("the Tab key comes to everything that can be used, and it is seen where it is", async () => {
    const reached = new Set<Element>();
    const first = document.createElement("button");
    document.body.prepend(first);
    first.focus();
    for (;;) {
      await userEvent.tab();
      const node = document.activeElement;
      if (!node || !gallery.node.contains(node)) break;
      reached.add(node);
      // A player has stops of its own, and shows them itself.
      if (node.localName === "video") continue;
      const { outlineStyle, outlineWidth } = getComputedStyle(node);
      expect([node.outerHTML, outlineStyle, outlineWidth]).toEqual([node.outerHTML, "solid", "2px"]);
    }
    first.remove();
    const usable = [...gallery.node.querySelectorAll<HTMLElement>("a, button, input, video")].filter(
      (node) => isVisible(node) && node.tabIndex >= 0,
    );
    expect(usable.length).toBeGreaterThan(40);
    expect(usable.filter((node) => !reached.has(node)).map((node) => node.outerHTML)).toEqual([]);
  });
});

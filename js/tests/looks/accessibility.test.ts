import axe from "axe-core";
import { afterAll, afterEach, beforeAll, expect, onTestFinished, test, vi } from "vitest";
import { commands, userEvent } from "vitest/browser";
import { type Gallery, openGallery } from "./gallery";
import { showState, stateNames } from "./states";
import { putOn, themes } from "./themes";

/** A gallery is many cards, and a busy machine needs its time. */
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

let gallery: Gallery;

beforeAll(async () => {
  await commands.emulateMedia({ reducedMotion: "reduce" });
  gallery = await openGallery(false, [480]);
});

afterEach(() => putOn(null));

afterAll(async () => {
  gallery.close();
  await commands.emulateMedia({ reducedMotion: null });
});

/** The gallery shows one operation many times, which gives many landmarks one name. */
const RULES: axe.RunOptions = {
  resultTypes: ["violations", "incomplete"],
  rules: { "landmark-unique": { enabled: false } },
};

const told = (results: axe.Result[]) =>
  results.flatMap(({ id, nodes }) =>
    nodes.map(({ html, failureSummary }) => `${id}: ${html} ${failureSummary}`),
  );

test.each(themes.filter(({ forcedColors }) => !forcedColors))("axe finds nothing in $name", async (theme) => {
  await putOn(theme);
  const shown = theme.inShadow ? await openGallery(true, [480]) : gallery;
  const { violations, incomplete, passes } = await axe.run(
    shown.exhibits.map(({ place }) => place),
    RULES,
  );
  expect(told(violations)).toEqual([]);
  // No ground is hidden from axe: what it says of contrast it says of all texts.
  expect(told(incomplete.filter(({ id }) => id === "color-contrast"))).toEqual([]);
  if (shown !== gallery) shown.close();
  expect(passes.map(({ id }) => id)).toContain("color-contrast");
});

test.each(stateNames)("what a screen reader is told: %s", async (name) => {
  const place = document.createElement("div");
  place.id = "told";
  document.body.append(place);
  const { host } = await showState(name, place);
  onTestFinished(() => {
    host.destroy();
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
    (node) => node.checkVisibility() && node.tabIndex >= 0,
  );
  expect(usable.length).toBeGreaterThan(40);
  expect(usable.filter((node) => !reached.has(node)).map((node) => node.outerHTML)).toEqual([]);
});

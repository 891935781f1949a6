import { afterEach, beforeEach, expect, test } from "vitest";
import { userEvent } from "vitest/browser";
import { clipSample, pushClip } from "./support/clip";
import { FakeHost } from "./support/fake_host";
import { FakeTime } from "./support/fake_time";
import { find, isShown, shownText, until } from "./support/page";
import { endedOf, START_MS, snapshotOf } from "./support/snapshots";

let host: FakeHost;
let el: HTMLElement;

const threeSamples = endedOf({
  status: "succeeded",
  samples: [
    clipSample(),
    clipSample({ state: "unavailable", saved_to: null }),
    clipSample({ saved_to: "clips/three.mp4" }),
  ],
});

beforeEach(() => {
  host = new FakeHost(threeSamples, new FakeTime(START_MS));
  el = host.display();
});

afterEach(() => {
  host.destroy();
  document.body.replaceChildren();
});

const tabs = () => [...el.querySelectorAll<HTMLElement>('[role="tab"]')];
const selected = () => tabs().map((tab) => tab.getAttribute("aria-selected"));
const press = (key: string) => userEvent.keyboard(`{${key}}`);

test("one tab for each sample, one of them in the order of the Tab key, tied to the panel", () => {
  expect(tabs().map((tab) => tab.textContent)).toEqual(["Sample 1", "Sample 2", "Sample 3"]);
  expect(tabs().map((tab) => tab.tabIndex)).toEqual([0, -1, -1]);
  const panel = find(el, '[role="tabpanel"]');
  expect(tabs().map((tab) => tab.getAttribute("aria-controls"))).toEqual([panel.id, panel.id, panel.id]);
  expect(panel.getAttribute("aria-labelledby")).toBe(tabs()[0]?.id);
  expect(find(el, '[role="tablist"]').getAttribute("aria-label")).toBe("Samples");
});

test("arrows, Home and End select and carry the focus, around the ends", async () => {
  tabs()[0]?.focus();
  await press("ArrowRight");
  expect(selected()).toEqual(["false", "true", "false"]);
  expect(document.activeElement).toBe(tabs()[1]);
  expect(tabs().map((tab) => tab.tabIndex)).toEqual([-1, 0, -1]);
  await press("End");
  expect(selected()).toEqual(["false", "false", "true"]);
  await press("ArrowRight");
  expect(selected()).toEqual(["true", "false", "false"]);
  await press("ArrowLeft");
  expect(selected()).toEqual(["false", "false", "true"]);
  await press("Home");
  expect(selected()).toEqual(["true", "false", "false"]);
});

test("from right to left, the left arrow goes on", async () => {
  el.dir = "rtl";
  tabs()[0]?.focus();
  await press("ArrowLeft");
  expect(selected()).toEqual(["false", "true", "false"]);
});

test("keys with Ctrl are the notebook's, all others the tabs'", async () => {
  const heard: string[] = [];
  const controller = new AbortController();
  document.addEventListener("keydown", ({ key }) => heard.push(key), { signal: controller.signal });
  tabs()[0]?.focus();
  await press("ArrowDown");
  await press("ArrowRight");
  await userEvent.keyboard("{Control>}a{/Control}");
  controller.abort();
  expect(heard).toEqual(["Control", "a"]);
});

test("a click shows that sample and what belongs to it", () => {
  tabs()[1]?.click();
  expect(shownText(find(el, '[role="tabpanel"]'))).toBe("This video could not be downloaded.");
  tabs()[2]?.click();
  expect(shownText(el)).toContain("Saved to clips/three.mp4");
  tabs()[2]?.click();
  expect(selected()).toEqual(["false", "false", "true"]);
});

test("each sample has a player of its own, and one that is left pauses", async () => {
  pushClip(host, 0);
  pushClip(host, 2);
  await until(() => isShown(el, "video"));
  const first = find<HTMLVideoElement>(el, "video");
  first.muted = true;
  await first.play();
  tabs()[2]?.click();
  await until(() => isShown(el, "video") && find(el, "video") !== first);
  expect(first.paused).toBe(true);
  expect(find(el, "video").getAttribute("aria-label")).toBe("Generated video 3 of 3, mg3pt9cbmvr1");
  tabs()[0]?.click();
  expect(find(el, "video")).toBe(first);
});

test("a view that is drawn anew shows the sample that the old one did", () => {
  tabs()[2]?.click();
  el.remove();
  el = host.display();
  expect(selected()).toEqual(["false", "false", "true"]);
});

test("a view that comes long after another has gone shows the first sample", () => {
  const closed = document.body.appendChild(document.createElement("div"));
  const close = host.render(closed);
  closed.querySelectorAll<HTMLElement>('[role="tab"]')[2]?.click();
  close();
  host.time.advance(3000);
  el = host.display();
  expect(selected()).toEqual(["true", "false", "false"]);
});

test("a single sample needs no tabs", () => {
  host.destroy();
  host = new FakeHost(snapshotOf(), new FakeTime(START_MS));
  el = host.display();
  host.set(endedOf({ version: 2, status: "succeeded", samples: [clipSample()] }));
  expect(isShown(el, '[role="tablist"]')).toBe(false);
  expect(el.querySelector('[role="tabpanel"]')).toBeNull();
});

test("samples that go take the selection along", () => {
  tabs()[2]?.click();
  host.set({ ...threeSamples, version: 2, samples: threeSamples.samples.slice(0, 2) });
  expect(selected()).toEqual(["false", "true"]);
});

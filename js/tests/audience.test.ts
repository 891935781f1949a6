import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { clipSample, pushClip } from "./support/clip";
import { FakeHost } from "./support/fake_host";
import { FakeTime } from "./support/fake_time";
import { find, isShown, shownText, until } from "./support/page";
import { endedOf, START_MS, sampleOf, snapshotOf } from "./support/snapshots";

let time: FakeTime;
let host: FakeHost;

beforeEach(() => {
  time = new FakeTime(START_MS);
});

afterEach(() => {
  host.destroy();
  document.body.replaceChildren();
});

const succeeded = endedOf({ version: 2, status: "succeeded", samples: [clipSample()] });

/** A view whose host tells when it closes. */
function open(): { el: HTMLElement; close: () => void } {
  const el = document.body.appendChild(document.createElement("div"));
  const close = host.render(el);
  return {
    el,
    close: () => {
      close();
      el.remove();
    },
  };
}

const source = (el: HTMLElement) => find<HTMLVideoElement>(el, "video").src;

async function arrival(el: HTMLElement): Promise<string> {
  await until(() => isShown(el, "video"));
  return source(el);
}

test("a model that no view shows asks for no video", () => {
  host = new FakeHost(endedOf({ status: "succeeded", samples: [sampleOf()] }), time);
  time.advance(60_000);
  expect(host.sentOf("pull")).toEqual([]);
  host.display();
  expect(host.sentOf("pull")).toHaveLength(1);
});

test("chunks that come before the first view are kept for it", async () => {
  host = new FakeHost(snapshotOf(), time);
  host.set(succeeded);
  pushClip(host);
  await arrival(host.display());
  expect(host.sentOf("pull")).toEqual([]);
});

test("when the last view has closed the video is freed, and a later view gets it from the kernel", async () => {
  host = new FakeHost(snapshotOf(), time);
  const [one, two] = [open(), open()];
  host.set(succeeded);
  pushClip(host);
  const url = await arrival(one.el);
  one.close();
  time.advance(60_000);
  expect(source(two.el)).toBe(url);
  two.close();
  time.advance(10_000);
  await expect(fetch(url)).rejects.toThrow();
  expect(time.pending).toBe(0);
  expect(host.sentOf("left")).toHaveLength(1);
  const late = open();
  expect(host.sentOf("pull")).toHaveLength(1);
  expect(host.sentOf("sync")).toHaveLength(2);
  pushClip(host);
  expect(await arrival(late.el)).not.toBe(url);
});

test("a page that goes says so at once, under the number that it has asked by; one that showed nothing does not", () => {
  host = new FakeHost(snapshotOf(), time);
  dispatchEvent(new Event("pagehide"));
  expect(host.sent).toEqual([]);
  open();
  dispatchEvent(new Event("pagehide"));
  const [{ page } = { page: null }] = host.sentOf("sync");
  expect(host.sentOf("gone")).toEqual([{ type: "gone", page }]);
  host.destroy();
  host = new FakeHost(snapshotOf(), time);
  open();
  expect(host.sentOf("sync")[0]?.page).not.toBe(page);
});

test("a view that is rendered anew finds the video that was there", async () => {
  host = new FakeHost(snapshotOf(), time);
  const first = open();
  host.set(succeeded);
  pushClip(host);
  const url = await arrival(first.el);
  first.close();
  time.advance(9_000);
  const second = open();
  time.advance(60_000);
  expect(host.sentOf("left")).toEqual([]);
  expect(source(second.el)).toBe(url);
  expect(host.sentOf("pull")).toEqual([]);
});

test("a running operation that no view shows is not asked about, and a later view is told where it stands", () => {
  host = new FakeHost(snapshotOf(), time);
  const first = open();
  first.close();
  time.advance(10_000);
  expect(time.pending).toBe(0);
  const asked = host.sentOf("sync").length;
  time.advance(120_000);
  expect(host.sentOf("sync")).toHaveLength(asked);
  const { el } = open();
  expect(host.sentOf("sync")).toHaveLength(asked + 1);
  expect(shownText(el)).not.toContain("not answering");
  host.receive({ type: "state", snapshot: endedOf({ version: 2, status: "empty" }) });
  expect(shownText(el)).toContain("Finished without a video");
  time.advance(120_000);
  expect(host.sentOf("sync")).toHaveLength(asked + 1);
});

test("chunks for a page in which no view is left are not kept", async () => {
  host = new FakeHost(snapshotOf(), time);
  const create = vi.spyOn(URL, "createObjectURL");
  open().close();
  time.advance(10_000);
  host.set(succeeded);
  pushClip(host);
  host.display();
  expect(host.sentOf("pull")[0]?.chunks[0]).toBe(0);
  expect(create).not.toHaveBeenCalled();
  create.mockRestore();
});

import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { closeCard, el, host, openCard, time } from "./support/card_view";
import { clipSample, pushClip } from "./support/clip";
import { find, isShown, until } from "./support/page";
import { endedOf } from "./support/snapshots";

beforeEach(openCard);
afterEach(closeCard);

const video = () => find<HTMLVideoElement>(el, "video");
const ready = (changes = {}) =>
  endedOf({ version: 2, status: "succeeded", samples: [clipSample()], wants_poster: true, ...changes });

async function arrive(changes = {}): Promise<void> {
  host.set(ready(changes));
  pushClip(host);
  await until(() => isShown(el, "video"));
  time.advance(300); // the player comes first
}

test("the kernel gets a picture of the first video, once, in a buffer", async () => {
  await arrive();
  await until(() => host.sentOf("poster").length > 0);
  host.set(ready({ version: 3 }));
  expect(host.sentOf("poster")).toEqual([{ type: "poster", sample: 0, generation: 1 }]);
  const [[buffer]] = host.sentBuffers as [[ArrayBuffer]];
  expect(new Uint8Array(buffer).slice(0, 3)).toEqual(new Uint8Array([0xff, 0xd8, 0xff]));
});

test("the picture is not made before the player has had its time", async () => {
  const load = vi.spyOn(HTMLMediaElement.prototype, "load");
  host.set(ready());
  pushClip(host);
  await until(() => isShown(el, "video"));
  time.advance(299);
  expect(load).not.toHaveBeenCalled();
  expect(host.sentOf("poster")).toEqual([]);
  time.advance(1);
  await until(() => host.sentOf("poster").length > 0);
});

test("the player is left alone for it", async () => {
  await arrive();
  const seeking = vi.fn();
  video().addEventListener("seeking", seeking);
  await until(() => host.sentOf("poster").length > 0);
  expect(video().currentTime).toBe(0);
  expect(video().paused).toBe(true);
  expect(seeking).not.toHaveBeenCalled();
  expect(el.querySelectorAll("video")).toHaveLength(1);
});

test("where the first video is missing, the next one is taken", async () => {
  host.set(ready({ samples: [clipSample({ state: "unavailable", bytes_total: null }), clipSample()] }));
  pushClip(host, 1);
  time.advance(300);
  await until(() => host.sentOf("poster").length > 0);
  expect(host.sentOf("poster")).toEqual([{ type: "poster", sample: 1, generation: 1 }]);
});

test("a kernel that wants no picture gets none", async () => {
  const play = vi.spyOn(HTMLMediaElement.prototype, "load");
  await arrive({ wants_poster: false });
  await until(() => video().readyState >= 2);
  expect(host.sentOf("poster")).toEqual([]);
  expect(play).not.toHaveBeenCalled(); // what the picture is taken from is unloaded at the end
});

test("a video that starts by itself starts once the picture is in the output", async () => {
  await arrive({ autoplay: true });
  await until(() => host.sentOf("poster").length > 0);
  expect(video().paused).toBe(true);
  host.set(ready({ version: 3, autoplay: true, wants_poster: false }));
  await until(() => !video().paused);
});

test("a file that is whole in the page before the kernel is done with it plays and is pictured then", async () => {
  const early = clipSample({ state: "downloading" });
  const downloading = { status: "downloading", samples: [early], autoplay: true } as const;
  await arrive(downloading);
  expect(host.sentOf("poster")).toEqual([]);
  expect(video().paused).toBe(true);
  host.set(ready({ version: 3, autoplay: true }));
  await until(() => host.sentOf("poster").length > 0);
  expect(video().paused).toBe(true);
  host.set(ready({ version: 4, autoplay: true, wants_poster: false }));
  await until(() => !video().paused);
});

test("a kernel that does not take the picture holds no video up for long", async () => {
  await arrive({ autoplay: true });
  time.advance(1500);
  await until(() => !video().paused);
});

test("a browser that can make no picture holds no video up", async () => {
  vi.spyOn(HTMLCanvasElement.prototype, "toBlob").mockImplementation((done) => done(null));
  await arrive({ autoplay: true });
  await until(() => !video().paused);
  expect(host.sentOf("poster")).toEqual([]);
});

test("the kernel is told that a video plays, every few seconds while it does", async () => {
  await arrive({ wants_poster: false, loop: true });
  expect(host.sentOf("playing")).toHaveLength(0);
  video().muted = true;
  await video().play();
  await until(() => host.sentOf("playing").length === 1);
  await until(() => video().currentTime > 0.3);
  expect(host.sentOf("playing")).toHaveLength(1);
  time.advance(4000);
  await until(() => host.sentOf("playing").length === 2);
  video().pause();
  time.advance(4000);
  video().dispatchEvent(new Event("timeupdate"));
  expect(host.sentOf("playing")).toHaveLength(2);
});

import { afterEach, beforeEach, expect, onTestFinished, test, vi } from "vitest";
import { Player } from "../src/player";
import clipUrl from "./fixtures/clip.mp4?url";
import { closeCard, el, host, openCard } from "./support/card_view";
import { chunkReply, clip, clipSample, pushClip, sha256Hex } from "./support/clip";
import { find, isShown, shownText, until } from "./support/page";
import { endedOf, snapshotOf } from "./support/snapshots";

beforeEach(openCard);
afterEach(closeCard);

const video = () => find<HTMLVideoElement>(el, "video");

async function arrive(changes = {}): Promise<HTMLVideoElement> {
  const sample = clipSample({ sha256: await sha256Hex(clip) });
  host.set(endedOf({ version: 2, status: "succeeded", samples: [sample], ...changes }));
  pushClip(host);
  await until(() => isShown(el, "video"));
  return video();
}

test("the pushed video plays, with controls, in its place", async () => {
  const player = await arrive();
  expect(player.controls).toBe(true);
  expect(player.hasAttribute("playsinline")).toBe(true);
  expect(player.getAttribute("aria-label")).toBe("Generated video, mg3pt9cbmvr1");
  expect(player.paused).toBe(true);
  player.muted = true;
  await player.play();
  await until(() => player.readyState >= 3 && player.currentTime > 0.1);
});

test("a video takes its place once it has a picture, and the card tells nothing new before", async () => {
  pushClip(host);
  host.set(endedOf({ version: 2, status: "succeeded", samples: [clipSample()] }));
  expect(isShown(el, "video")).toBe(false);
  expect(shownText(find(el, ".rushes-headline"))).not.toBe("Video ready");
  await until(() => isShown(el, "video"));
  expect(video().readyState).toBeGreaterThanOrEqual(2);
  expect(shownText(find(el, ".rushes-headline"))).toBe("Video ready");
});

test("where nothing is loaded before somebody plays it, the video takes its place after a moment", () => {
  vi.spyOn(HTMLMediaElement.prototype, "src", "set").mockImplementation(() => {});
  pushClip(host);
  host.set(endedOf({ version: 2, status: "succeeded", samples: [clipSample()] }));
  host.time.advance(299);
  expect(isShown(el, "video")).toBe(false);
  host.time.advance(1);
  expect(isShown(el, "video")).toBe(true);
  expect(shownText(find(el, ".rushes-headline"))).toBe("Video ready");
});

test("a file that is replaced while its video loads never takes the place of the newer one", async () => {
  pushClip(host);
  host.set(endedOf({ version: 2, status: "succeeded", samples: [clipSample()] }));
  pushClip(host, 0, 2);
  host.set(endedOf({ version: 3, status: "succeeded", samples: [clipSample({ generation: 2 })] }));
  await until(() => isShown(el, "video"));
  host.time.advance(300);
  expect(el.querySelectorAll("video")).toHaveLength(1);
});

test("a card that is drawn when the video is in the page already tells about it at once", async () => {
  await arrive();
  const other = host.display();
  expect(shownText(find(other, ".rushes-headline"))).toBe("Video ready");
  expect(isShown(other, "progress")).toBe(false);
  await until(() => isShown(other, "video"));
});

test("the place is as large before the video as with it", async () => {
  el.style.inlineSize = "480px";
  const waiting = find(el, ".rushes-screen").getBoundingClientRect();
  expect(waiting.width / waiting.height).toBeCloseTo(16 / 9, 1);
  const player = await arrive();
  await until(() => player.videoWidth === 320);
  const screen = find(el, ".rushes-screen").getBoundingClientRect();
  expect([screen.width, screen.height, screen.top]).toEqual([waiting.width, waiting.height, waiting.top]);
  expect(player.getBoundingClientRect().width).toBeCloseTo(screen.width, 0);
});

test("the player takes the aspect ratio of the video", async () => {
  const player = await arrive();
  await until(() => player.videoWidth === 320);
  vi.spyOn(player, "videoWidth", "get").mockReturnValue(180);
  vi.spyOn(player, "videoHeight", "get").mockReturnValue(320);
  player.dispatchEvent(new Event("loadeddata"));
  const { width, height } = player.getBoundingClientRect();
  expect(width / height).toBeCloseTo(9 / 16, 1);
});

test("autoplay is muted and loops where asked", async () => {
  const player = await arrive({ autoplay: true, loop: true });
  expect(player.muted).toBe(true);
  expect(player.loop).toBe(true);
  await until(() => !player.paused && player.currentTime > 0);
});

test("a browser that refuses autoplay leaves the video to its controls", async () => {
  const play = vi
    .spyOn(HTMLMediaElement.prototype, "play")
    .mockRejectedValue(new DOMException("no", "NotAllowedError"));
  const player = await arrive({ autoplay: true });
  expect(play).toHaveBeenCalled();
  expect(player.paused).toBe(true);
  expect(player.controls).toBe(true);
});

test("a file that the browser cannot decode is told, and still saved", async () => {
  const noise = new Uint8Array(600);
  host.set(
    endedOf({ version: 2, status: "succeeded", samples: [clipSample({ bytes_total: 600, sha256: null })] }),
  );
  host.receive(chunkReply(0), noise);
  await until(() => shownText(el).includes("This browser cannot play the video."));
  expect(isShown(el, "video")).toBe(false);
  expect(find<HTMLAnchorElement>(el, "a").download).toBe("mg3pt9cbmvr1.mp4");
});

/** A browser that decodes everything but this codec. */
const browserWithout = (codec: string) =>
  vi
    .spyOn(HTMLMediaElement.prototype, "canPlayType")
    .mockImplementation((type) => (type.includes(`codecs="${codec}"`) ? "" : "probably"));

test("a codec that the browser does not know is told in words instead of a player, with the file", async () => {
  browserWithout("hvc1.1.6.L93.B0");
  host.set(
    endedOf({ version: 2, status: "succeeded", samples: [clipSample({ video_codec: "hvc1.1.6.L93.B0" })] }),
  );
  pushClip(host);
  await until(() => shownText(el).includes("This browser cannot play the video."));
  expect(el.querySelector("video")).toBe(null);
  expect(find<HTMLAnchorElement>(el, "a").download).toBe("mg3pt9cbmvr1.mp4");
});

test("a clip without sound misses none, and one that does not name its codecs is tried", async () => {
  vi.spyOn(HTMLMediaElement.prototype, "canPlayType").mockReturnValue("");
  await arrive();
  expect(shownText(el)).not.toContain("without sound");
});

test("a clip filmed upright has its shape before a byte of it is in the page", async () => {
  const upright = clipSample({ width: 720, height: 1280 });
  host.set(endedOf({ version: 2, status: "succeeded", samples: [upright] }));
  const { style } = find(el, ".rushes-screen");
  expect(style.getPropertyValue("--rushes-ratio")).toBe("720 / 1280");
});

test("Save hands out the very bytes, under the sample's file name", async () => {
  await arrive();
  const link = find<HTMLAnchorElement>(el, "a");
  expect(link.textContent).toBe("Save video");
  expect(link.download).toBe("mg3pt9cbmvr1.mp4");
  expect(new Uint8Array(await (await fetch(link.href)).arrayBuffer())).toEqual(clip);
});

test("that somebody saves it is told to the kernel, which asks for it on a temporary machine", async () => {
  await arrive();
  const link = find<HTMLAnchorElement>(el, "a");
  link.addEventListener("click", (event) => event.preventDefault()); // no download in the test's page
  link.click();
  expect(host.sentOf("saved")).toEqual([{ type: "saved", sample: 0, generation: 1 }]);
});

test("where the kernel saved it is told as well", async () => {
  await arrive({ samples: [clipSample({ saved_to: "clips/a.mp4" })] });
  expect(shownText(el)).toContain("Saved to clips/a.mp4");
});

test("a file that arrives damaged twice is told, with no player", async () => {
  const sample = clipSample({ sha256: "0".repeat(64) });
  host.set(endedOf({ version: 2, status: "succeeded", samples: [sample] }));
  pushClip(host);
  host.time.advance(1000);
  await until(() => host.sentOf("pull").length === 1);
  pushClip(host);
  host.time.advance(1000);
  await until(() => shownText(el).includes("The video arrived damaged twice."));
  expect(isShown(el, "video")).toBe(false);
  expect(isShown(el, "progress")).toBe(false);
});

test("a file that the kernel has lost is told in its place, and no longer asked for", () => {
  host.set(endedOf({ version: 2, status: "succeeded", samples: [clipSample()] }));
  host.time.advance(10_000);
  expect(shownText(el)).toContain("Waiting for the running cell");
  const asked = host.sentOf("pull").length;
  const timers = host.time.pending;
  host.set(endedOf({ version: 3, status: "succeeded", samples: [clipSample({ state: "gone" })] }));
  host.time.advance(60_000);
  const told = shownText(find(el, ".rushes-screen"));
  expect(told).toMatch(/^This video's file cannot be read\. Run the cell again/);
  expect(shownText(find(el, ".rushes-headline"))).toBe("Finished");
  expect(shownText(el)).not.toContain("Waiting for the running cell");
  expect(host.sentOf("pull")).toHaveLength(asked);
  expect(host.time.pending).toBeLessThan(timers);
});

test("a page that has the file plays on when the kernel has lost its own", async () => {
  await arrive();
  host.set(endedOf({ version: 3, status: "succeeded", samples: [clipSample({ state: "gone" })] }));
  expect(isShown(el, "video")).toBe(true);
  expect(isShown(el, ".rushes-save a")).toBe(true);
  expect(shownText(el)).not.toContain("cannot be read");
});

test("a video that is taken from the card does not go on playing unseen, and is there again with its file", async () => {
  const player = await arrive({ loop: true });
  player.muted = true;
  await player.play();
  host.set(snapshotOf({ version: 3, status: "running", samples: [] }));
  expect(isShown(el, "video")).toBe(false);
  expect(player.paused).toBe(true);
  host.set(
    endedOf({ version: 4, status: "succeeded", samples: [clipSample({ sha256: await sha256Hex(clip) })] }),
  );
  expect(isShown(el, "video")).toBe(true);
  expect(video()).toBe(player);
  expect(player.paused).toBe(true);
});

test("a page that had the whole file first plays on where the kernel ends without it", async () => {
  const sample = clipSample({ state: "downloading", bytes_done: clip.length });
  host.set(snapshotOf({ version: 2, status: "downloading", samples: [sample] }));
  pushClip(host);
  await until(() => isShown(el, "video"));
  const player = video();
  player.muted = true;
  player.loop = true;
  await player.play();
  host.set(endedOf({ version: 3, status: "stopped", samples: [sample] }));
  expect(isShown(el, "video")).toBe(true);
  expect(player.paused).toBe(false);
});

test("a file that starts over takes the old player away", async () => {
  const old = await arrive();
  const again = clipSample({ generation: 2, state: "downloading", bytes_done: 0 });
  host.set(snapshotOf({ version: 3, status: "downloading", samples: [again] }));
  expect(isShown(el, "video")).toBe(false);
  host.set(endedOf({ version: 4, status: "succeeded", samples: [clipSample({ generation: 2 })] }));
  pushClip(host, 0, 2);
  await until(() => isShown(el, "video"));
  expect(video()).not.toBe(old);
  expect(old.isConnected).toBe(false);
});

test("a video that plays goes on in another place, also where the browser tells late that it has paused", async () => {
  const player = new Player(clipUrl, { autoplay: false, loop: true });
  onTestFinished(() => player.release());
  document.body.append(player.video);
  player.video.muted = true;
  await player.video.play();
  for (let round = 0; round < 2; round++) {
    player.video.pause(); // as the browser does; the event is yet to come
    player.resume();
    await until(() => !player.video.paused && player.video.currentTime > 0);
  }
});

import { afterEach, beforeEach, expect, onTestFinished, test } from "vitest";
import widgetFactory from "../src/index";
import { browserTime } from "../src/time";
import { clipSample, pushClip } from "./support/clip";
import { FakeHost } from "./support/fake_host";
import { FakeTime } from "./support/fake_time";
import { trackListeners } from "./support/listeners";
import { button, find, isShown, shownText, until } from "./support/page";
import { endedOf, START_MS, snapshotOf } from "./support/snapshots";

let time: FakeTime;
let host: FakeHost;

beforeEach(() => {
  time = new FakeTime(START_MS);
  host = new FakeHost(snapshotOf(), time);
});

afterEach(() => {
  host.destroy();
  document.body.replaceChildren();
});

const succeeded = endedOf({ version: 2, status: "succeeded", samples: [clipSample()] });

async function arrive(...els: HTMLElement[]): Promise<void> {
  host.set(succeeded);
  pushClip(host);
  await until(() => els.every((el) => isShown(el, "video")));
}

/** Long enough for a browser to have looked at what is on screen. */
async function frames(count: number): Promise<void> {
  for (let frame = 0; frame < count; frame++) await new Promise(requestAnimationFrame);
}

const videoIn = (el: Element) => find<HTMLVideoElement>(el, "video");

async function playing(video: HTMLVideoElement): Promise<void> {
  video.muted = true;
  video.loop = true;
  await video.play();
  await until(() => video.currentTime > 0);
}

test("two views show the same operation, each in its own elements, from one Blob", async () => {
  const [one, two] = [host.display(), host.display()];
  await arrive(one, two);
  expect(videoIn(one)).not.toBe(videoIn(two));
  expect(videoIn(one).src).toBe(videoIn(two).src);
  expect(shownText(one)).toBe(shownText(two));
});

test("a click in one view is seen in the other", () => {
  const [one, two] = [host.display(), host.display()];
  button(one, "Stop watching").click();
  expect(button(two, "Stopping…").getAttribute("aria-disabled")).toBe("true");
  expect(host.sentOf("stop")).toHaveLength(1);
});

test("closing one view leaves the other playing", async () => {
  const one = document.body.appendChild(document.createElement("div"));
  const close = host.render(one);
  const two = host.display();
  await arrive(one, two);
  await playing(videoIn(two));
  close();
  expect(one.childElementCount).toBe(0);
  expect(videoIn(two).paused).toBe(false);
});

test("a view rendered anew takes over the video that plays", async () => {
  const old = host.display();
  await arrive(old);
  const video = videoIn(old);
  await playing(video);
  old.remove();
  const fresh = host.display();
  expect(videoIn(fresh)).toBe(video);
  await until(() => !video.paused);
});

test("a video that had stopped playing when its view went goes on in the next", async () => {
  const old = host.display();
  await arrive(old);
  const video = videoIn(old);
  await playing(video);
  old.remove();
  await until(() => video.paused);
  host.display();
  await until(() => !video.paused);
});

test("a video that was paused by hand stays paused in the next view", async () => {
  const old = host.display();
  await arrive(old);
  const video = videoIn(old);
  await playing(video);
  const paused = new Promise((resolve) => video.addEventListener("pause", resolve, { once: true }));
  video.pause();
  await paused;
  old.remove();
  expect(videoIn(host.display())).toBe(video);
  expect(video.paused).toBe(true);
});

test("a video that no view takes over is freed", async () => {
  const el = document.body.appendChild(document.createElement("div"));
  const close = host.render(el);
  await arrive(el);
  const video = videoIn(el);
  close();
  expect(video.hasAttribute("src")).toBe(true);
  time.advance(2000);
  expect(video.hasAttribute("src")).toBe(false);
});

test("a view that was out of the page while another came wakes up when it is back", async () => {
  const scrolled = host.display();
  scrolled.remove();
  host.display();
  expect(scrolled.childElementCount).toBe(0);
  document.body.append(scrolled);
  await until(() => isShown(scrolled, "section"));
  expect(shownText(scrolled)).toContain("Generating");
});

test("a view that is not in the page yet survives the next one", () => {
  const early = document.createElement("div");
  host.render(early);
  host.display();
  expect(early.querySelectorAll("section")).toHaveLength(1);
});

test("a view that was put into the page after it was rendered can leave it", async () => {
  const late = document.createElement("div");
  host.render(late);
  document.body.prepend(late);
  await frames(3);
  late.remove();
  host.display();
  expect(late.childElementCount).toBe(0);
});

test("so can one that was never on screen, once something changed", () => {
  const late = document.createElement("div");
  host.render(late);
  document.body.append(late);
  host.set(snapshotOf({ version: 2 }));
  late.remove();
  host.display();
  expect(late.childElementCount).toBe(0);
});

test("rendering twice into one element shows one card", () => {
  const el = host.display();
  host.render(el);
  expect(el.querySelectorAll("section")).toHaveLength(1);
});

test("a view whose signal has ended already shows nothing", () => {
  host.destroy();
  const el = host.display();
  expect(el.childElementCount).toBe(0);
});

test("after the model goes no listener, timer or Blob URL is left", async () => {
  host.destroy();
  const listeners = trackListeners();
  onTestFinished(listeners.restore);
  time = new FakeTime(START_MS);
  host = new FakeHost(snapshotOf(), time);
  const [one, two] = [host.display(), host.display()];
  button(one, "Stop watching").click();
  await arrive(one, two);
  const { src } = videoIn(one);
  expect(host.listenerCount).toBe(3);
  expect(listeners.left()).not.toEqual([]);
  host.destroy();
  expect(host.listenerCount).toBe(0);
  expect(listeners.left()).toEqual([]);
  expect(time.pending).toBe(0);
  await expect(fetch(src)).rejects.toThrow();
  expect(one.childElementCount + two.childElementCount).toBe(0);
});

test("fifty views opened and closed leave no listener behind", () => {
  const before = host.listenerCount;
  const listeners = trackListeners();
  onTestFinished(listeners.restore);
  for (let round = 0; round < 50; round++) {
    const el = document.body.appendChild(document.createElement("div"));
    host.render(el)();
    el.remove();
  }
  expect(listeners.left()).toEqual([]);
  expect(host.listenerCount).toBe(before);
});

test("a definition that never saw initialize still shows its view", () => {
  const model = {
    get: () => snapshotOf(),
    on: () => {},
    off: () => {},
    send: () => {},
  };
  const el = document.body.appendChild(document.createElement("div"));
  const controller = new AbortController();
  onTestFinished(() => controller.abort());
  widgetFactory().render({ model, el, signal: controller.signal } as never);
  expect(shownText(el)).toContain("Generating");
});

test("each model has a definition of its own", () => {
  expect(widgetFactory()).not.toBe(widgetFactory());
});

test("the browser's timers end with their signal, or run once", async () => {
  const controller = new AbortController();
  const ran: string[] = [];
  browserTime.after(0, () => ran.push("aborted"), controller.signal);
  controller.abort();
  browserTime.after(0, () => ran.push("too late"), controller.signal);
  const open = new AbortController().signal;
  browserTime.after(0, () => ran.push("cancelled"), open)();
  await new Promise<void>((resolve) => browserTime.after(1, resolve, open));
  expect(ran).toEqual([]);
});

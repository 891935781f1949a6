import { afterEach, expect, onTestFinished, test, vi } from "vitest";
import { clip, clipSample, pushClip, sha256Hex } from "./support/clip";
import { FakeHost } from "./support/fake_host";
import { FakeTime } from "./support/fake_time";
import { trackListeners } from "./support/listeners";
import { isShown, until } from "./support/page";
import { endedOf, START_MS, snapshotOf } from "./support/snapshots";

const ROUNDS = 50;

afterEach(() => {
  vi.restoreAllMocks();
  document.body.replaceChildren();
});

test("fifty videos opened in two views and closed again leave no URL, listener, timer or element", async () => {
  const listeners = trackListeners();
  onTestFinished(listeners.restore);
  const created = vi.spyOn(URL, "createObjectURL");
  const revoked = vi.spyOn(URL, "revokeObjectURL");
  const sha256 = await sha256Hex(clip);
  const ended = endedOf({ version: 2, status: "succeeded", samples: [clipSample({ sha256 })] });
  for (let round = 0; round < ROUNDS; round++) {
    const time = new FakeTime(START_MS);
    const host = new FakeHost(snapshotOf(), time);
    const views = [host.display(), host.display()];
    host.set(ended);
    pushClip(host);
    await vi.waitUntil(() => views.every((el) => isShown(el, "video")), { interval: 5, timeout: 30_000 });
    host.destroy();
    expect(host.listenerCount).toBe(0);
    expect(time.pending).toBe(0);
    for (const el of views) {
      expect(el.childElementCount).toBe(0);
      el.remove();
    }
  }
  expect(created).toHaveBeenCalledTimes(ROUNDS);
  expect(revoked.mock.calls.map(([url]) => url)).toEqual(created.mock.results.map(({ value }) => value));
  expect(listeners.left()).toEqual([]);
  expect(document.querySelectorAll("video")).toHaveLength(0);
});

test("fifty views of one video that lives on share its URL, and each frees its own player", async () => {
  const created = vi.spyOn(URL, "createObjectURL");
  const time = new FakeTime(START_MS);
  const host = new FakeHost(snapshotOf(), time);
  onTestFinished(() => host.destroy());
  const first = host.display();
  host.set(endedOf({ version: 2, status: "succeeded", samples: [clipSample()] }));
  pushClip(host);
  await until(() => isShown(first, "video"));
  const listeners = trackListeners();
  onTestFinished(listeners.restore);
  const pending = time.pending;
  for (let round = 0; round < ROUNDS; round++) {
    const el = document.body.appendChild(document.createElement("div"));
    const close = host.render(el);
    const video = await until(() => el.querySelector("video"));
    expect(video?.src).toBe(first.querySelector("video")?.src);
    close();
    el.remove();
    time.advance(2000);
    expect(video?.hasAttribute("src")).toBe(false);
  }
  expect(created).toHaveBeenCalledTimes(1);
  expect(time.pending).toBeLessThanOrEqual(pending);
  expect(listeners.left()).toEqual([]);
  expect(isShown(first, "video")).toBe(true);
});

import { afterEach, describe, expect, test, vi } from "vitest";
import auroraUrl from "../../src/rushes/embedded/clips/aurora.mp4?url";
import hillsUrl from "../../src/rushes/embedded/clips/hills.mp4?url";
import rainUrl from "../../src/rushes/embedded/clips/rain.mp4?url";
import seaUrl from "../../src/rushes/embedded/clips/sea.mp4?url";
import { Player } from "../src/player";
import { type Film, film24, film2997, numberIn } from "./support/numbered";
import { until } from "./support/page";

const players: Player[] = [];

afterEach(() => {
  vi.restoreAllMocks();
  for (const player of players.splice(0)) player.release();
});

async function shown(url: string): Promise<Player> {
  const player = new Player(url, { autoplay: false, loop: false });
  players.push(player);
  player.video.muted = true;
  document.body.append(player.video);
  await until(() => player.video.readyState >= 2);
  return player;
}

/** The number on screen; a browser may paint a little after it says that it is there. */
async function expectNumber({ video }: Player, number: number): Promise<void> {
  await until(() => numberIn(video) === number).catch(() => {
    throw new Error(`frame ${numberIn(video)} is on screen, not ${number}`);
  });
}

async function jump({ video }: Player, timeS: number): Promise<void> {
  const sought = new Promise((resolve) => video.addEventListener("seeked", resolve, { once: true }));
  video.currentTime = timeS;
  await sought;
}

describe.each([
  ["24 frames a second", film24],
  ["29.97 frames a second", film2997],
])("of %s", (_name, { url, frames, frameDurationS }: Film) => {
  test("each step shows the next frame, up to the last and back to the first", {
    timeout: 60_000,
  }, async () => {
    const player = await shown(url);
    const step = (by: number) => player.frames.step(by, frameDurationS);
    for (let number = 1; number < frames; number++) {
      await step(1);
      await expectNumber(player, number);
    }
    for (let beyond = 0; beyond < 2; beyond++) await step(1);
    await expectNumber(player, frames - 1);
    for (let number = frames - 2; number >= 0; number--) {
      await step(-1);
      await expectNumber(player, number);
    }
    for (let beyond = 0; beyond < 2; beyond++) await step(-1);
    await expectNumber(player, 0);
    await step(1);
    await expectNumber(player, 1);
  });

  test("wherever a video was paused, a step goes on from the frame that is seen", async () => {
    const player = await shown(url);
    const { video } = player;
    for (const [round, by] of [1, -1, 1, -1].entries()) {
      await jump(player, 0.2);
      video.playbackRate = 0.5; // or a busy machine might see it at its end only
      await video.play();
      await until(() => video.currentTime > 0.35 + 0.11 * round);
      video.pause();
      await until(
        () => Math.abs(player.frames.shownS(frameDurationS) / frameDurationS - numberIn(video)) < 0.1,
      );
      const seen = numberIn(video);
      await player.frames.step(by, frameDurationS);
      await expectNumber(player, seen + by);
    }
  });

  test("steps that come faster than a browser seeks are all taken", async () => {
    const player = await shown(url);
    const steps = Array.from({ length: 12 }, () => player.frames.step(1, frameDurationS));
    await Promise.all(steps);
    await expectNumber(player, 12);
    await Promise.all([...Array(5)].map(() => player.frames.step(-1, frameDurationS)));
    await expectNumber(player, 7);
  });

  test("a step pauses a video that plays", async () => {
    const player = await shown(url);
    await player.video.play();
    await player.frames.step(1, frameDurationS);
    expect(player.video.paused).toBe(true);
  });
});

test.each([
  ["sea", seaUrl],
  ["aurora", auroraUrl],
  ["rain", rainUrl],
  ["hills", hillsUrl],
])("in the demo's clip %s each step is one frame of 168", { timeout: 60_000 }, async (_name, url) => {
  const player = await shown(url);
  const step = async (by: number, expected: number) => {
    await player.frames.step(by, 1 / 24);
    expect(player.frames.shownS(1 / 24) * 24).toBeCloseTo(expected, 2);
  };
  for (const number of [1, 2, 3]) await step(1, number);
  for (const number of [2, 1, 0, 0]) await step(-1, number);
  await jump(player, 165.5 / 24);
  await until(() => player.frames.shownS(1 / 24) > 6.8);
  for (const number of [166, 167, 167]) await step(1, number);
  await step(-1, 166);
});

test("no frame of a video is asked for before it can be played: that would hold it up", async () => {
  const asked = vi.spyOn(HTMLVideoElement.prototype, "requestVideoFrameCallback");
  const player = new Player(film24.url, { autoplay: false, loop: false });
  players.push(player);
  let askedBefore = -1;
  player.video.addEventListener("loadeddata", () => {
    askedBefore = asked.mock.calls.length;
  });
  document.body.append(player.video);
  await until(() => asked.mock.calls.length > 0);
  expect(askedBefore).toBe(0);
});

test("without word of the browser which frame is on screen, its clock tells", async () => {
  vi.spyOn(HTMLVideoElement.prototype, "requestVideoFrameCallback").mockImplementation(() => 0);
  const player = await shown(film24.url);
  for (const number of [1, 2, 3]) {
    await player.frames.step(1, film24.frameDurationS);
    await expectNumber(player, number);
  }
  await player.frames.step(-1, film24.frameDurationS);
  await expectNumber(player, 2);
});

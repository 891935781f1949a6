import { afterEach, expect, test } from "vitest";
import { userEvent } from "vitest/browser";
import { FakeBoard, readyRow } from "./support/fake_board";
import { FakeTime } from "./support/fake_time";
import { button, find, isShown, isVisible, until } from "./support/page";
import { START_MS } from "./support/snapshots";

let host: FakeBoard;

afterEach(() => {
  host.destroy();
  document.body.replaceChildren();
});

test("of two opened takes, keys go to the player that has the focus, and not to the board", async () => {
  host = new FakeBoard(
    [readyRow({ label: "take 0" }), readyRow({ label: "take 1" })],
    new FakeTime(START_MS),
  );
  const el = host.display();
  await userEvent.click(find(el, ".rushes-tile:first-child .rushes-tile-open"));
  await userEvent.click(button(el, "Open take 1 beside the other"));
  host.sendVideo(0);
  host.sendVideo(1);
  const videos = () => [...el.querySelectorAll("video")];
  await until(() => videos().filter((video) => isVisible(video) && video.readyState >= 2).length === 2);
  const second = [...el.querySelectorAll<HTMLElement>(".rushes-viewer-take")][1] as HTMLElement;
  button(second, "Loop").focus();
  await userEvent.keyboard("ls");
  expect(videos().map((video) => video.loop)).toEqual([false, true]);
  expect(host.sentOf("star")).toEqual([]);
  await userEvent.keyboard("?{Escape}");
  expect(isShown(second, ".rushes-key-list")).toBe(false);
  expect(videos()).toHaveLength(2);
  await userEvent.keyboard("{Escape}");
  expect(videos()).toHaveLength(1);
});

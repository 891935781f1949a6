import { afterEach, beforeEach, expect, test } from "vitest";
import {
  closeBoard,
  eventually,
  host,
  looked,
  openTime,
  show,
  takes,
  tiles,
  time,
} from "./support/board_view";
import { chunkReply } from "./support/clip";
import { readyRow } from "./support/fake_board";
import { find, isShown } from "./support/page";

const PICTURE = new Uint8Array([0xff, 0xd8, 0xff, 0xe0]);

beforeEach(openTime);
afterEach(closeBoard);

test("the grid holds no video, and says what is in view before the kernel has one", async () => {
  const el = show(takes(100));
  await looked();
  expect(el.querySelector("video")).toBeNull();
  const { items } = host.sentOf("wanted").at(-1) ?? { items: [] };
  expect(items[0]).toBe(0);
  expect(items.length).toBeGreaterThan(3);
  expect(items.length).toBeLessThan(60);
  find(el, ".rushes-grid").scrollTop = 100_000;
  await eventually(() => {
    time.advance(200);
    expect(host.sentOf("wanted").at(-1)?.items).toContain(99);
  });
  expect(host.sentOf("wanted").at(-1)?.items).not.toContain(0);
});

test("a picture is made of a video in view, sent to the kernel, and the video let go", async () => {
  const el = show([readyRow(), readyRow({ status: "failed", ready: 0 })]);
  await looked();
  expect(host.asked(0, "sync")).toHaveLength(1);
  expect(host.asked(1, "sync")).toHaveLength(0);
  host.sendVideo(0);
  const image = await eventually(() => find<HTMLImageElement>(el, ".rushes-tile img"));
  expect(image.src).toMatch(/^blob:/);
  await eventually(() => expect(host.asked(0, "poster")).toHaveLength(1));
  const [[sent]] = host.sentBuffers as [[ArrayBuffer]];
  expect([...new Uint8Array(sent).slice(0, 3)]).toEqual([0xff, 0xd8, 0xff]);
  expect(sent.byteLength).toBeLessThan(40_000);
  host.change(0, { pictured: true });
  await eventually(() => {
    time.advance(200);
    expect(host.sentOf("wanted").at(-1)?.items).toEqual([]);
  });
  // Nobody keeps the item any more: another chunk of it is nobody's.
  const before = host.sent.length;
  host.tell(0, chunkReply(0, { generation: 9 }), new Uint8Array(3000));
  expect(host.sent.length).toBe(before);
});

test("the first bytes of a video that arrives for a card in view are not lost", async () => {
  const el = show(takes(1));
  await looked();
  host.sendVideo(0);
  await eventually(() => expect(isShown(el, ".rushes-tile img")).toBe(true));
});

test("a picture that the kernel has is asked for, and no video is", async () => {
  const el = show([readyRow({ pictured: true }), readyRow({ pictured: true })]);
  await eventually(() => {
    time.advance(200);
    expect(host.sentOf("pictures")).toEqual([{ type: "pictures", items: [0, 1] }]);
  });
  host.receive({ type: "picture", item: 1 }, new DataView(PICTURE.buffer));
  expect(tiles(el).map((tile) => tile.querySelector("img")?.hidden)).toEqual([true, false]);
  expect(host.sentOf("item")).toEqual([]);
  expect(getComputedStyle(el.querySelectorAll("img")[1] as Element).opacity).toBe("1");
  time.advance(7000);
  time.advance(200);
  expect(host.sentOf("pictures").at(-1)).toEqual({ type: "pictures", items: [0] });
});

test("no more than two videos come at a time for their pictures", async () => {
  show(Array.from({ length: 8 }, (_, index) => readyRow({ label: `take ${index}` })));
  await looked();
  const asked = new Set(host.sentOf("item").map(({ item }) => item));
  expect([...asked]).toEqual([0, 1]);
});

test("what a view that is drawn anew has in view gets its pictures", async () => {
  const el = show(takes(2));
  await looked();
  el.remove();
  host.display();
  host.change(1, { status: "succeeded", ready: 1, pictured: true });
  await eventually(() => {
    time.advance(200);
    expect(host.sentOf("pictures")).toEqual([{ type: "pictures", items: [1] }]);
  });
});

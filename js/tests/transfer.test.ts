import { beforeEach, expect, test } from "vitest";
import { sampleOf } from "./support/snapshots";
import {
  acks,
  arrival,
  begin,
  bytesAt,
  chunk,
  controller,
  file,
  one,
  pulls,
  push,
  time,
  transfer,
  want,
} from "./support/transfers";

beforeEach(begin);

test("pushed chunks in any order, some twice, make the file", async () => {
  transfer.update(sampleOf(), false);
  push(2, 0, 0, 2, 1);
  expect(await bytesAt(await arrival())).toEqual(file);
  expect(pulls()).toEqual([]);
});

test("chunks that come together make the file, whatever of them was here before", async () => {
  transfer.update(sampleOf(), false);
  push(1);
  transfer.receive({ ...one(1, 0), count: 2 }, file.slice(0, 8));
  expect(transfer.receivedBytes).toBe(8);
  push(2);
  expect(await bytesAt(await arrival())).toEqual(file);
  expect(pulls()).toEqual([]);
});

test("the shorter last chunk comes with those before it", async () => {
  transfer.update(sampleOf(), false);
  push(0);
  transfer.receive({ ...one(1, 1), count: 2 }, file.slice(4));
  expect(await bytesAt(await arrival())).toEqual(file);
  expect(pulls()).toEqual([]);
});

test("chunks that come together and cannot be told apart are none", () => {
  transfer.update(sampleOf(), false);
  transfer.receive({ ...one(1, 0), count: 3 }, file.slice(0, 8));
  expect(transfer.receivedBytes).toBe(0);
});

test("a file that is here is not asked for again, whatever the kernel tells later", async () => {
  transfer.update(sampleOf(), false);
  push(0, 1, 2);
  const url = await arrival();
  transfer.update(sampleOf(), false);
  transfer.update(sampleOf(), true);
  time.advance(60_000);
  expect(pulls()).toEqual([]);
  expect(transfer.url).toBe(url);
});

test("a file that is being checked is not asked for again", () => {
  transfer.update(sampleOf(), false);
  push(0, 1, 2);
  transfer.update(sampleOf(), true);
  expect(pulls()).toEqual([]);
});

test("the Blob has the MIME type of the sample", async () => {
  transfer.update(sampleOf({ mime_type: "video/webm" }), false);
  push(0, 1, 2);
  expect((await (await fetch((await arrival()) ?? "")).blob()).type).toBe("video/webm");
});

test("chunks that overtake the snapshot are kept", async () => {
  push(0, 1, 2);
  expect(transfer.url).toBeNull();
  transfer.update(sampleOf(), false);
  expect(await bytesAt(await arrival())).toEqual(file);
});

test("chunks that come while the kernel still downloads are kept", async () => {
  transfer.update(sampleOf({ state: "downloading", bytes_done: 8, bytes_total: null }), false);
  push(0, 1);
  time.advance(60_000);
  expect(pulls()).toEqual([]);
  transfer.update(sampleOf(), false);
  push(2);
  expect(await bytesAt(await arrival())).toEqual(file);
});

test("chunks of an older generation are ignored", async () => {
  transfer.update(sampleOf({ generation: 2 }), false);
  transfer.receive(one(1, 0), Uint8Array.of(9, 9, 9, 9));
  expect(transfer.receivedBytes).toBe(0);
  for (const index of [0, 1, 2]) transfer.receive(one(2, index), chunk(index));
  expect(await bytesAt(await arrival())).toEqual(file);
});

test("a newer generation starts over, and the two are never mixed", async () => {
  transfer.update(sampleOf(), false);
  transfer.receive(one(1, 0), Uint8Array.of(9, 9, 9, 9));
  transfer.receive(one(2, 1), chunk(1));
  transfer.update(sampleOf({ generation: 1 }), false);
  transfer.update(sampleOf({ generation: 2 }), false);
  transfer.receive(one(2, 2), chunk(2));
  expect(transfer.url).toBeNull();
  transfer.receive(one(2, 0), chunk(0));
  expect(await bytesAt(await arrival())).toEqual(file);
});

test("a newer generation replaces a finished file and frees its URL", async () => {
  transfer.update(sampleOf(), false);
  push(0, 1, 2);
  const first = (await arrival()) ?? "";
  transfer.update(sampleOf({ generation: 2, state: "downloading" }), false);
  expect(transfer.url).toBeNull();
  await expect(fetch(first)).rejects.toThrow();
});

test("a gap is pulled after a second without a new chunk", async () => {
  transfer.update(sampleOf(), false);
  time.advance(900);
  push(0);
  time.advance(900);
  push(2);
  time.advance(999);
  expect(pulls()).toEqual([]);
  time.advance(1);
  expect(pulls()).toEqual([{ type: "pull", sample: 0, generation: 1, chunks: [1] }]);
  push(1);
  expect(await bytesAt(await arrival())).toEqual(file);
});

test("a page that opens on a finished file pulls at once", () => {
  transfer.update(sampleOf(), true);
  expect(pulls()).toEqual([{ type: "pull", sample: 0, generation: 1, chunks: [0, 1, 2] }]);
});

test("a page that opens during the download pulls what is there already, and the rest is pushed", async () => {
  transfer.update(sampleOf({ state: "downloading", bytes_done: 9, bytes_total: 10 }), true);
  expect(pulls()).toEqual([{ type: "pull", sample: 0, generation: 1, chunks: [0, 1] }]);
  push(0, 1);
  time.advance(60_000);
  transfer.update(sampleOf(), false);
  push(2);
  expect(await bytesAt(await arrival())).toEqual(file);
  expect(pulls()).toHaveLength(1);
});

test("a chunk that is lost during the download is pulled before it ends", () => {
  const downloading = sampleOf({ state: "downloading", bytes_total: 80 });
  transfer.update({ ...downloading, bytes_done: 5 }, false);
  push(0);
  transfer.update({ ...downloading, bytes_done: 13 }, false);
  push(2);
  time.advance(999);
  expect(pulls()).toEqual([]);
  time.advance(1);
  expect(pulls()).toEqual([{ type: "pull", sample: 0, generation: 1, chunks: [1] }]);
});

test("a download that has failed is not asked about", () => {
  transfer.update(sampleOf({ state: "downloading", bytes_done: 8 }), false);
  push(0);
  transfer.update(sampleOf({ state: "unavailable", bytes_done: 0, bytes_total: null }), false);
  time.advance(600_000);
  expect(pulls()).toEqual([]);
});

test("a download that was stopped in the middle leaves the page at rest, and goes on where it was", async () => {
  const downloading = sampleOf({ state: "downloading", bytes_done: 8 });
  transfer.update(downloading, false);
  push(0, 1);
  time.advance(2000);
  expect(time.pending).toBe(0);
  transfer.update(sampleOf(), false);
  time.advance(1000);
  expect(pulls()).toEqual([{ type: "pull", sample: 0, generation: 1, chunks: [2] }]);
  push(2);
  expect(await bytesAt(await arrival())).toEqual(file);
});

test("nothing is asked for while nobody sees it, and what is pushed is kept", () => {
  want(false);
  transfer.update(sampleOf(), true);
  push(1);
  time.advance(60_000);
  expect(pulls()).toEqual([]);
  want(true);
  transfer.update(sampleOf(), true);
  expect(pulls()).toEqual([{ type: "pull", sample: 0, generation: 1, chunks: [0, 2] }]);
});

test("a released file is gone, and fetched anew by the next update", async () => {
  transfer.update(sampleOf(), false);
  push(0, 1, 2);
  const first = (await arrival()) ?? "";
  transfer.release();
  expect(transfer.url).toBeNull();
  await expect(fetch(first)).rejects.toThrow();
  time.advance(250); // the last acknowledgement, the last progress
  expect(time.pending).toBe(0);
  transfer.update(sampleOf(), true);
  push(0, 1, 2);
  expect(await bytesAt(await arrival())).toEqual(file);
});

test("at most 8 chunks are asked for at a time, and the next before the last has come", () => {
  transfer.update(sampleOf({ bytes_total: 80 }), true);
  expect(pulls().at(-1)?.chunks).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
  const whole = (index: number) => transfer.receive({ ...one(1, index), pulled: true }, chunk(0));
  for (const index of [0, 1, 2]) whole(index);
  expect(pulls()).toHaveLength(1);
  whole(3);
  expect(pulls().at(-1)?.chunks).toEqual([8, 9, 10, 11]);
});

test("what is pushed while a pull waits behind a busy cell asks for nothing more", () => {
  transfer.update(sampleOf({ bytes_total: 80 }), true);
  for (let index = 0; index < 16; index++) transfer.receive(one(1, index), chunk(0));
  expect(pulls()).toHaveLength(1);
  time.advance(1000);
  expect(pulls().at(-1)?.chunks).toEqual([16, 17, 18, 19]);
});

test("what comes once more of a file that is here is acknowledged, and makes room", async () => {
  transfer.update(sampleOf(), false);
  push(0, 1, 2);
  await arrival();
  time.advance(250);
  const before = acks().length;
  transfer.receive({ ...one(1, 1), acknowledge: true }, chunk(1));
  expect(acks().slice(before)).toEqual([1]);
  expect(transfer.receivedBytes).toBe(0);
});

test("a kernel that does not answer is asked more and more rarely", () => {
  transfer.update(sampleOf(), true);
  time.advance(60_000);
  expect(pulls().length).toBeGreaterThan(3);
  expect(pulls().length).toBeLessThan(10);
  expect(transfer.stalled).toBe(true);
  push(0);
  expect(transfer.stalled).toBe(false);
  const asked = pulls().length;
  time.advance(1000);
  expect(pulls().length).toBe(asked + 1);
});

test("other chunk sizes start over", () => {
  transfer.update(sampleOf({ state: "downloading" }), false);
  push(0);
  transfer.update(sampleOf({ chunk_bytes: 5 }), true);
  expect(transfer.receivedBytes).toBe(0);
  expect(pulls().at(-1)?.chunks).toEqual([0, 1]);
});

test("when the model goes, the URL is revoked and no timer is left", async () => {
  transfer.update(sampleOf(), false);
  push(0, 1, 2);
  const url = (await arrival()) ?? "";
  controller.abort();
  await expect(fetch(url)).rejects.toThrow();
  expect(time.pending).toBe(0);
  transfer.receive(one(2, 0), chunk(0));
  expect(transfer.receivedBytes).toBe(0);
});

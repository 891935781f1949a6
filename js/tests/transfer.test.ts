import { beforeEach, expect, onTestFinished, test, vi } from "vitest";
import type { Request } from "../src/model";
import { Transfer } from "../src/transfer";
import { sha256Hex } from "./support/clip";
import { FakeTime } from "./support/fake_time";
import { until } from "./support/page";
import { sampleOf } from "./support/snapshots";

const file = Uint8Array.from({ length: 10 }, (_, index) => index);
const chunk = (index: number) => file.slice(index * 4, index * 4 + 4);

let time: FakeTime;
let sent: Request[];
let controller: AbortController;
let transfer: Transfer;
let changes: number;
let wanted: boolean;

beforeEach(() => {
  time = new FakeTime();
  sent = [];
  changes = 0;
  wanted = true;
  controller = new AbortController();
  transfer = new Transfer({
    index: 0,
    send: (request) => sent.push(request),
    changed: () => {
      changes += 1;
    },
    wanted: () => wanted,
    time,
    signal: controller.signal,
  });
  onTestFinished(() => controller.abort());
});

const pulls = () => sent.filter((request) => request.type === "pull");
const acks = () => sent.filter((request) => request.type === "received").map(({ chunks }) => chunks);
const push = (...indexes: number[]) => {
  for (const index of indexes) transfer.receive(one(1, index), chunk(index));
};
const one = (generation: number, index: number) => ({ generation, index, count: 1 });
const bytesAt = async (url: string | null) => new Uint8Array(await (await fetch(url ?? "")).arrayBuffer());
const arrival = () => until(() => transfer.url);

test("pushed chunks in any order, some twice, make the file", async () => {
  transfer.update(sampleOf(), false);
  push(2, 0, 0, 2, 1);
  expect(await bytesAt(await arrival())).toEqual(file);
  expect(pulls()).toEqual([]);
});

test("chunks that come together make the file, whatever of them was here before", async () => {
  transfer.update(sampleOf(), false);
  push(1);
  transfer.receive({ generation: 1, index: 0, count: 2 }, file.slice(0, 8));
  expect(transfer.receivedBytes).toBe(8);
  push(2);
  expect(await bytesAt(await arrival())).toEqual(file);
  expect(pulls()).toEqual([]);
});

test("chunks that come together and cannot be told apart are none", () => {
  transfer.update(sampleOf(), false);
  transfer.receive({ generation: 1, index: 0, count: 3 }, file.slice(0, 8));
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

test("nothing is asked for while nobody sees it, and what is pushed is kept", () => {
  wanted = false;
  transfer.update(sampleOf(), true);
  push(1);
  time.advance(60_000);
  expect(pulls()).toEqual([]);
  wanted = true;
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
  for (const index of [0, 1, 2]) transfer.receive(one(1, index), chunk(0));
  expect(pulls()).toHaveLength(1);
  transfer.receive(one(1, 3), chunk(0));
  expect(pulls().at(-1)?.chunks).toEqual([8, 9, 10, 11]);
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

test("the right hash makes a file", async () => {
  transfer.update(sampleOf({ sha256: await sha256Hex(file) }), false);
  push(0, 1, 2);
  expect(await bytesAt(await arrival())).toEqual(file);
});

test("a file is there with its last byte, while the kernel is still busy with its own", async () => {
  const arriving = sampleOf({ state: "downloading", bytes_done: 10 });
  transfer.update(arriving, false);
  push(0, 1, 2);
  const url = transfer.url;
  expect(await bytesAt(url)).toEqual(file);
  time.advance(5000);
  transfer.update(sampleOf({ sha256: await sha256Hex(file) }), false);
  time.advance(5000);
  expect(transfer.url).toBe(url);
  expect(pulls()).toEqual([]);
});

test("a file that was there before its hash is checked once that is known", async () => {
  transfer.update(sampleOf({ state: "downloading", bytes_done: 10 }), false);
  push(0, 1, 2);
  const first = transfer.url ?? "";
  transfer.update(sampleOf({ sha256: "0".repeat(64) }), false);
  expect(transfer.url).toBe(first);
  time.advance(1000);
  await until(() => pulls().length === 1);
  expect(transfer.url).toBeNull();
  await expect(fetch(first)).rejects.toThrow();
});

test("a damaged file is pulled again once, and the good one taken", async () => {
  transfer.update(sampleOf({ sha256: await sha256Hex(file) }), false);
  push(0, 1);
  transfer.receive(one(1, 2), Uint8Array.of(7, 7));
  time.advance(1000);
  await until(() => pulls().length === 1);
  expect(transfer.damaged).toBe(false);
  push(0, 1, 2);
  expect(await bytesAt(await arrival())).toEqual(file);
});

test("a file damaged twice is given up and no longer pulled", async () => {
  const sample = sampleOf({ sha256: "0".repeat(64) });
  transfer.update(sample, false);
  push(0, 1, 2);
  time.advance(1000);
  await until(() => pulls().length === 1);
  push(0, 1, 2);
  time.advance(1000);
  await until(() => transfer.damaged);
  transfer.update(sample, false);
  time.advance(60_000);
  expect(pulls()).toHaveLength(1);
  expect(transfer.url).toBeNull();
});

test("a file of the wrong length is damaged", async () => {
  transfer.update(sampleOf(), false);
  push(0, 1);
  transfer.receive(one(1, 2), Uint8Array.of(8, 9, 10));
  await until(() => pulls().length === 1);
  expect(transfer.url).toBeNull();
});

test("other chunk sizes start over", () => {
  transfer.update(sampleOf({ state: "downloading" }), false);
  push(0);
  transfer.update(sampleOf({ chunk_bytes: 5 }), true);
  expect(transfer.receivedBytes).toBe(0);
  expect(pulls().at(-1)?.chunks).toEqual([0, 1]);
});

test("chunks that come in numbers are told as progress four times a second", () => {
  transfer.update(sampleOf({ bytes_total: 100 }), false);
  push(0, 1, 2);
  expect(changes).toBe(0);
  time.advance(250);
  expect(changes).toBe(1);
  push(0);
  time.advance(700);
  expect(changes).toBe(1);
});

test("what came is gathered before it is acknowledged", () => {
  transfer.update(sampleOf({ bytes_total: 100 }), false);
  push(0, 1, 2, 1);
  expect(acks()).toEqual([]);
  time.advance(250);
  expect(acks()).toEqual([3]);
  time.advance(500);
  expect(acks()).toEqual([3]);
});

test("the more has come, the rarer it is acknowledged", () => {
  const megabyte = new Uint8Array(1024 * 1024);
  transfer.update(sampleOf({ bytes_total: 100 * megabyte.length, chunk_bytes: megabyte.length }), false);
  for (let index = 0; index < 40; index++) transfer.receive(one(1, index), megabyte);
  expect(acks()).toEqual([1, 3, 6, 12, 20, 28, 36]);
  time.advance(500);
  expect(acks().at(-1)).toBe(40);
});

test("a host that turns bytes into numbers is told of at once with each chunk, and asked for one at a time", async () => {
  const numbers = (index: number) => Array.from(chunk(index));
  transfer.update(sampleOf({ bytes_total: 80 }), true);
  expect(sent.map((request) => request.type)).toEqual(["pull"]);
  for (let index = 0; index < 8; index++) transfer.receive(one(1, index), numbers(0));
  expect(sent.filter(({ type }) => type === "received")).toEqual(
    Array.from({ length: 8 }, (_, index) => ({
      type: "received",
      sample: 0,
      generation: 1,
      chunks: index + 1,
      as_numbers: true,
    })),
  );
  expect(
    pulls()
      .slice(1)
      .map(({ chunks }) => chunks),
  ).toEqual([[8]]);
  transfer.receive(one(1, 8), numbers(0));
  expect(pulls().at(-1)?.chunks).toEqual([9]);
});

test("a file that came as numbers is the file", async () => {
  transfer.update(sampleOf({ sha256: await sha256Hex(file) }), false);
  for (const index of [0, 1, 2]) transfer.receive(one(1, index), Array.from(chunk(index)));
  expect(await bytesAt(await arrival())).toEqual(file);
});

test("a host that hands over bytes is not taken for one that makes numbers of them", () => {
  transfer.update(sampleOf(), false);
  transfer.receive(one(1, 0), new DataView(chunk(0).buffer));
  time.advance(250);
  expect(sent).toContainEqual({ type: "received", sample: 0, generation: 1, chunks: 1, as_numbers: false });
});

test("an empty message is no chunk", () => {
  transfer.update(sampleOf(), false);
  transfer.receive(one(1, 0), undefined);
  expect(transfer.receivedBytes).toBe(0);
  expect(changes).toBe(0);
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

test("a model that goes during the check leaves no URL behind", async () => {
  const digest = await crypto.subtle.digest("SHA-256", file);
  const sha256 = await sha256Hex(file);
  const check = Promise.withResolvers<ArrayBuffer>();
  const started = vi.spyOn(crypto.subtle, "digest").mockReturnValue(check.promise);
  onTestFinished(() => void vi.restoreAllMocks());
  transfer.update(sampleOf({ sha256 }), false);
  push(0, 1, 2);
  const url = transfer.url ?? "";
  time.advance(1000);
  await until(() => started.mock.calls.length > 0);
  controller.abort();
  check.resolve(digest);
  await new Promise((resolve) => setTimeout(resolve));
  await expect(fetch(url)).rejects.toThrow();
  expect(pulls()).toEqual([]);
});

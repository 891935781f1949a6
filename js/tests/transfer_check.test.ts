import { beforeEach, expect, onTestFinished, test, vi } from "vitest";
import { sha256Hex } from "./support/clip";
import { until } from "./support/page";
import { sampleOf } from "./support/snapshots";
import {
  arrival,
  begin,
  bytesAt,
  controller,
  file,
  one,
  pulls,
  push,
  time,
  transfer,
} from "./support/transfers";

beforeEach(begin);

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

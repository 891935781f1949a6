import { expect, test } from "vitest";
import { isWhole } from "../src/integrity";
import { sha256Hex } from "./support/clip";

const bytes = Uint8Array.of(1, 2, 3);
const blob = new Blob([bytes]);

test("the right hash is whole, in either case", async () => {
  const hash = await sha256Hex(bytes);
  expect(await isWhole(blob, 3, hash)).toBe(true);
  expect(await isWhole(blob, 3, hash.toUpperCase())).toBe(true);
});

test("a wrong hash is not whole", async () => {
  expect(await isWhole(blob, 3, "0".repeat(64))).toBe(false);
});

test("a wrong length is not whole, hash or not", async () => {
  expect(await isWhole(blob, 4, null)).toBe(false);
  expect(await isWhole(blob, 4, await sha256Hex(bytes))).toBe(false);
});

test("length decides where there is no hash", async () => {
  expect(await isWhole(blob, 3, null)).toBe(true);
});

test("length decides where the page may not compute a hash", async () => {
  expect(await isWhole(blob, 3, "0".repeat(64), null)).toBe(true);
});

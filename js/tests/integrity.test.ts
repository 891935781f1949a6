import { expect, test } from "vitest";
import { isWhole } from "../src/integrity";
import { sha256Hex } from "./support/clip";

const bytes = Uint8Array.of(1, 2, 3);
const blob = new Blob([bytes]);

test("the right hash is whole, in either case", async () => {
  const hash = await sha256Hex(bytes);
  expect(await isWhole(blob, hash)).toBe(true);
  expect(await isWhole(blob, hash.toUpperCase())).toBe(true);
});

test("a wrong hash is not whole", async () => {
  expect(await isWhole(blob, "0".repeat(64))).toBe(false);
});

test("nothing is held against a file without a hash", async () => {
  expect(await isWhole(blob, null)).toBe(true);
});

test("nor where the page may not compute one", async () => {
  expect(await isWhole(blob, "0".repeat(64), null)).toBe(true);
});

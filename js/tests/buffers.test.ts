import { expect, test } from "vitest";
import { toBytes } from "../src/buffers";

const bytes = Uint8Array.of(9, 1, 2, 3, 9);

test.each([
  ["a DataView inside a message", new DataView(bytes.buffer, 1, 3)],
  ["a Uint8Array inside a message", bytes.subarray(1, 4)],
  ["an ArrayBuffer", bytes.slice(1, 4).buffer],
  ["a number array", [1, 2, 3]],
])("%s gives its bytes and no others", (_, buffer) => {
  expect(toBytes(buffer)).toEqual(Uint8Array.of(1, 2, 3));
});

test.each([undefined, null, "AQID", {}])("%s is no buffer", (value) => {
  expect(toBytes(value)).toBeNull();
});

import { expect, test } from "vitest";
import { giveBack, toBytes } from "../src/buffers";

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

const message = (length: number, header = 200) =>
  new DataView(new ArrayBuffer(header + length), header, length);

test("the memory of a message is given back", () => {
  const view = message(1000);
  giveBack(view);
  expect(view.buffer.byteLength).toBe(0);
  const memory = new ArrayBuffer(8);
  giveBack(memory);
  expect(memory.byteLength).toBe(0);
});

test("memory that holds more than one message stays", () => {
  const view = message(1000, 1_000_000);
  giveBack(view);
  expect(view.buffer.byteLength).toBe(1_001_000);
});

const given = message(10);
giveBack(given);

test.each([
  ["given back already", given],
  ["of a program that cannot do without it", new WebAssembly.Memory({ initial: 1 }).buffer],
  ["no memory of its own", [1, 2, 3]],
  ["nothing", undefined],
])("memory that is %s is left alone", (_, buffer) => {
  expect(() => giveBack(buffer)).not.toThrow();
});

import { expect, test } from "vitest";
import { Assembly } from "../src/assembly";

const chunk = (...values: number[]) => Uint8Array.from(values);

const bytesOf = async (parts: BlobPart[] | null) =>
  Array.from(new Uint8Array(await new Blob(parts ?? []).arrayBuffer()));

test("chunks stand in order, whatever order they came in", async () => {
  const assembly = new Assembly(1);
  assembly.add(2, 1, 2, chunk(5));
  assembly.add(0, 1, 2, chunk(1, 2));
  assembly.add(1, 1, 2, chunk(3, 4));
  expect(await bytesOf(assembly.parts(3))).toEqual([1, 2, 3, 4, 5]);
  expect(assembly.bytes).toBe(5);
});

test("a chunk that comes twice counts once, and the first stays", async () => {
  const assembly = new Assembly(1);
  expect(assembly.add(0, 1, 1, chunk(1))).toEqual([0]);
  expect(assembly.add(0, 1, 1, chunk(2))).toEqual([]);
  expect(assembly.bytes).toBe(1);
  expect(await bytesOf(assembly.parts(1))).toEqual([1]);
});

test.each([-1, 0.5, Number.NaN])("index %d has no place in a file", (index) => {
  const assembly = new Assembly(1);
  expect(assembly.add(index, 1, 1, chunk(1))).toEqual([]);
  expect(assembly.bytes).toBe(0);
});

test("of chunks that come together those count that were not here before", async () => {
  const assembly = new Assembly(1);
  assembly.add(2, 1, 1, chunk(9));
  expect(assembly.add(0, 4, 1, chunk(1, 2, 3, 4))).toEqual([0, 1, 3]);
  expect(assembly.bytes).toBe(4);
  expect(await bytesOf(assembly.parts(4))).toEqual([1, 2, 9, 4]);
});

test("the last chunk of a file is what is left, alone or behind others", async () => {
  const assembly = new Assembly(1);
  expect(assembly.add(1, 3, 2, chunk(3, 4, 5, 6, 7))).toEqual([1, 2, 3]);
  assembly.add(0, 1, 2, chunk(1, 2));
  expect(await bytesOf(assembly.parts(4))).toEqual([1, 2, 3, 4, 5, 6, 7]);
});

test("a shorter last chunk is cut out of those that were here before", async () => {
  const assembly = new Assembly(1);
  assembly.add(0, 1, 2, chunk(1, 2));
  expect(assembly.add(0, 3, 2, chunk(9, 9, 3, 4, 5))).toEqual([1, 2]);
  expect(await bytesOf(assembly.parts(3))).toEqual([1, 2, 3, 4, 5]);
});

test("what came together is one part", () => {
  const assembly = new Assembly(1);
  assembly.add(0, 3, 1, chunk(1, 2, 3));
  assembly.add(3, 1, 1, chunk(4));
  expect(assembly.parts(4)).toHaveLength(2);
});

test.each([1, 4, 0, Number.NaN])("chunks of %d bytes that are not as many as told are none", (size) => {
  const assembly = new Assembly(1);
  expect(assembly.add(0, 3, size, chunk(1, 2, 3, 4))).toEqual([]);
  expect(assembly.bytes).toBe(0);
});

test("there are no parts while one is missing", () => {
  const assembly = new Assembly(1);
  assembly.add(1, 1, 1, chunk(2));
  expect(assembly.parts(2)).toBeNull();
});

test("missing chunks are named lowest first, without those asked for, up to the limit", () => {
  const assembly = new Assembly(1);
  assembly.add(1, 1, 1, chunk(2));
  expect(assembly.missing(6, 3, new Set([2]))).toEqual([0, 3, 4]);
});

test("many chunks in any order, some twice, are the file, and none of them is missing", async () => {
  const assembly = new Assembly(1);
  const order = Array.from({ length: 40 }, (_, index) => (index * 7) % 40);
  for (const index of [...order, 3, 39]) assembly.add(index, 1, 1, chunk(index));
  expect(assembly.bytes).toBe(40);
  expect(assembly.missing(41, 8, new Set())).toEqual([40]);
  expect(await bytesOf(assembly.parts(40))).toEqual(Array.from({ length: 40 }, (_, index) => index));
});

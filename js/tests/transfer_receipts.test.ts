import { beforeEach, expect, test } from "vitest";
import { sha256Hex } from "./support/clip";
import { sampleOf } from "./support/snapshots";
import {
  acks,
  arrival,
  begin,
  bytesAt,
  changes,
  chunk,
  file,
  one,
  pulls,
  push,
  sent,
  time,
  transfer,
} from "./support/transfers";

beforeEach(begin);

test("chunks that come in numbers are told as progress four times a second", () => {
  transfer.update(sampleOf({ bytes_total: 100 }), false);
  push(0, 1, 2);
  expect(changes).toBe(0);
  time.advance(250);
  expect(changes).toBe(1);
  time.advance(700);
  expect(changes).toBe(1);
});

test("what came is gathered before it is acknowledged", () => {
  transfer.update(sampleOf({ bytes_total: 100 }), false);
  push(0, 1, 2, 1);
  expect(acks()).toEqual([]);
  time.advance(250);
  expect(acks()).toEqual([1]);
  time.advance(500);
  expect(acks()).toEqual([1]);
});

test("the end of a file is acknowledged too, so that the next one has room", async () => {
  transfer.update(sampleOf(), false);
  push(0, 1, 2);
  await arrival();
  time.advance(250);
  expect(acks()).toEqual([2]);
  time.advance(5000);
  expect(acks()).toEqual([2]);
});

test("what came of an earlier generation is not acknowledged as if it were of the newer one", () => {
  transfer.update(sampleOf({ bytes_total: 100 }), false);
  push(0);
  transfer.update(sampleOf({ bytes_total: 100, generation: 2 }), false);
  time.advance(250);
  expect(acks()).toEqual([]);
});

test("an acknowledgement tells how long it waited since the last chunk came", () => {
  transfer.update(sampleOf({ bytes_total: 100 }), false);
  push(0);
  time.advance(200);
  push(1);
  time.advance(50);
  expect(sent.map((request) => (request.type === "received" ? request.waited_ms : null))).toEqual([50]);
});

test("what the kernel asks about is acknowledged at once, with all that came before", () => {
  transfer.update(sampleOf({ bytes_total: 100 }), false);
  push(0);
  transfer.receive({ ...one(1, 1), acknowledge: true }, chunk(1));
  expect(acks()).toEqual([1]);
  time.advance(500);
  expect(acks()).toEqual([1]);
  push(2);
  time.advance(250);
  expect(acks()).toEqual([1, 2]);
});

test("a host that turns bytes into numbers is told of at once with each chunk, and asked for one at a time", async () => {
  const numbers = (index: number) => Array.from(chunk(index));
  transfer.update(sampleOf({ bytes_total: 80 }), true);
  expect(sent.map((request) => request.type)).toEqual(["pull"]);
  const comes = (index: number) => transfer.receive({ ...one(1, index), pulled: true }, numbers(0));
  for (let index = 0; index < 8; index++) comes(index);
  expect(sent.filter(({ type }) => type === "received")).toEqual(
    Array.from({ length: 8 }, (_, index) => ({
      type: "received",
      sample: 0,
      generation: 1,
      index,
      waited_ms: 0,
      as_numbers: true,
    })),
  );
  expect(
    pulls()
      .slice(1)
      .map(({ chunks }) => chunks),
  ).toEqual([[8]]);
  comes(8);
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
  expect(sent).toContainEqual({
    type: "received",
    sample: 0,
    generation: 1,
    index: 0,
    waited_ms: 250,
    as_numbers: false,
  });
});

test("an empty message is no chunk", () => {
  transfer.update(sampleOf(), false);
  transfer.receive(one(1, 0), undefined);
  expect(transfer.receivedBytes).toBe(0);
  expect(changes).toBe(0);
});

import { beforeEach, expect, test } from "vitest";
import type { Request } from "../src/model";
import { Requests } from "../src/requests";
import { FakeTime } from "./support/fake_time";

let time: FakeTime;
let sent: Request[];
let requests: Requests;

beforeEach(() => {
  time = new FakeTime();
  sent = [];
  requests = new Requests({
    send: (request) => sent.push(request),
    changed: () => {},
    time,
    signal: new AbortController().signal,
  });
});

const lastId = () => {
  const last = sent.at(-1);
  return last && "id" in last ? last.id : -1;
};

test("a request acknowledged in time never waits", () => {
  requests.ask({ type: "stop" });
  expect(requests.isPending("stop")).toBe(true);
  time.advance(999);
  requests.acknowledge(lastId());
  time.advance(1);
  expect(requests.isPending("stop")).toBe(false);
  expect(requests.waiting).toBe(false);
});

test("a request not acknowledged within a second waits, until it is", () => {
  requests.ask({ type: "resume" });
  time.advance(1000);
  expect(requests.isPending("resume")).toBe(true);
  expect(requests.isPending("stop")).toBe(false);
  expect(requests.waiting).toBe(true);
  requests.acknowledge(lastId());
  expect(requests.waiting).toBe(false);
});

test("asking again before the acknowledgement sends nothing", () => {
  requests.ask({ type: "stop" });
  requests.ask({ type: "stop" });
  expect(sent).toHaveLength(1);
});

test("an acknowledgement for another page changes nothing", () => {
  requests.ask({ type: "stop" });
  requests.acknowledge(lastId() + 1);
  expect(requests.isPending("stop")).toBe(true);
});

test("what waits is given up once the kernel answers a later question", () => {
  requests.ask({ type: "stop" });
  time.advance(500);
  requests.ask({ type: "resume" });
  time.advance(500);
  requests.acknowledge();
  expect([requests.isPending("stop"), requests.isPending("resume")]).toEqual([false, true]);
  requests.ask({ type: "stop" });
  expect(sent.map(({ type }) => type)).toEqual(["stop", "resume", "stop"]);
});

test("each request has an ID of its own", () => {
  requests.ask({ type: "stop" });
  const first = lastId();
  requests.acknowledge(first);
  requests.ask({ type: "stop" });
  expect(lastId()).not.toBe(first);
});

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

test("a request that waits may be lost: asking again sends it anew, and either acknowledgement will do", () => {
  requests.ask({ type: "key", key: "sk-wrong-0000" });
  time.advance(1000);
  requests.ask({ type: "key", key: "sk-right-1111" });
  requests.ask({ type: "key", key: "sk-hasty-2222" });
  expect(sent.map((request) => (request.type === "key" ? request.key : null))).toEqual([
    "sk-wrong-0000",
    "sk-right-1111",
  ]);
  requests.acknowledge(lastId());
  expect(requests.isPending("key")).toBe(false);
});

test("what is forgotten waits no more", () => {
  requests.ask({ type: "stop" });
  time.advance(1000);
  requests.forget();
  expect([requests.isPending("stop"), requests.waiting]).toEqual([false, false]);
});

test("each request has an ID of its own", () => {
  requests.ask({ type: "stop" });
  const first = lastId();
  requests.acknowledge(first);
  requests.ask({ type: "stop" });
  expect(lastId()).not.toBe(first);
});

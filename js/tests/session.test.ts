import { afterEach, beforeEach, expect, test } from "vitest";
import { FakeHost } from "./support/fake_host";
import { FakeTime } from "./support/fake_time";
import { button, isShown, shownText } from "./support/page";
import { endedOf, START_MS, sampleOf, snapshotOf } from "./support/snapshots";

let time: FakeTime;
let host: FakeHost;

beforeEach(() => {
  time = new FakeTime(START_MS);
});

afterEach(() => {
  host.destroy();
  document.body.replaceChildren();
});

test("a page asks for the state once it opens, even on a finished operation", () => {
  host = new FakeHost(endedOf({ status: "succeeded" }), time);
  host.display();
  expect(host.sent).toEqual([{ type: "sync", page: expect.any(Number) }]);
  time.advance(60_000);
  expect(host.sent).toHaveLength(1);
});

test("a page asks for the state every 7 seconds while the operation may change", () => {
  host = new FakeHost(snapshotOf(), time);
  host.display();
  time.advance(21_000);
  expect(host.sentOf("sync")).toHaveLength(4);
  host.set(endedOf({ version: 2, status: "failed" }));
  time.advance(60_000);
  expect(host.sentOf("sync")).toHaveLength(4);
});

test("the state that answers is shown as if the trait had changed", () => {
  host = new FakeHost(snapshotOf(), time);
  const el = host.display();
  host.receive({ type: "state", snapshot: endedOf({ version: 2, status: "empty" }) });
  expect(shownText(el)).toContain("Finished without a video");
});

test("an older snapshot is ignored, whichever way it comes", () => {
  host = new FakeHost(snapshotOf({ version: 5, label: "five" }), time);
  const el = host.display();
  host.set(snapshotOf({ version: 4, label: "four" }));
  host.receive({ type: "state", snapshot: snapshotOf({ version: 3, label: "three" }) });
  expect(shownText(el)).toContain("five");
});

test("messages of anywidget itself and nonsense are left alone", () => {
  host = new FakeHost(snapshotOf(), time);
  const el = host.display();
  const before = shownText(el);
  host.receive({ kind: "anywidget-command", id: "1" });
  host.receive(null as never);
  expect(shownText(el)).toBe(before);
});

test("a page without a snapshot says what it waits for", () => {
  host = new FakeHost(undefined, time);
  const el = host.display();
  expect(shownText(el)).toBe("Waiting for the kernel");
  host.set(snapshotOf());
  expect(shownText(el)).toContain("Generating");
  expect(shownText(el)).not.toContain("Waiting for the kernel");
});

test("a page that opens on a finished file pulls it at once, one that sees it finish waits for the push", () => {
  host = new FakeHost(endedOf({ status: "succeeded", samples: [sampleOf()] }), time);
  host.display();
  expect(host.sentOf("pull")).toHaveLength(1);
  host.destroy();
  host = new FakeHost(snapshotOf(), time);
  host.display();
  host.set(endedOf({ version: 2, status: "succeeded", samples: [sampleOf()] }));
  expect(host.sentOf("pull")).toHaveLength(0);
  time.advance(1000);
  expect(host.sentOf("pull")).toHaveLength(1);
});

test("a kernel silent for half a minute is told, and any word from it ends that", () => {
  host = new FakeHost(snapshotOf(), time);
  const el = host.display();
  time.advance(29_000);
  expect(shownText(el)).not.toContain("not answering");
  time.advance(7000);
  expect(shownText(el)).toContain("The kernel is not answering");
  host.receive({ type: "state", snapshot: snapshotOf({ version: 2 }) });
  expect(shownText(el)).not.toContain("not answering");
});

test("a key can be entered again when the word that the first one was taken is lost", () => {
  host = new FakeHost(endedOf({ status: "failed", needs_key: true, can_resume: true }), time);
  const el = host.display();
  const enter = (key: string) => {
    const form = el.querySelector<HTMLFormElement>("form.rushes-key");
    const input = form?.querySelector("input");
    if (input) input.value = key;
    form?.requestSubmit();
    return host.sentOf("key").length;
  };
  expect(enter("sk-wrong-0000")).toBe(1);
  expect(enter("sk-hasty-0000")).toBe(1);
  time.advance(1000);
  expect(enter("sk-right-1111")).toBe(2);
});

test("a request that waits is over once the status has changed, whatever changed it", () => {
  host = new FakeHost(snapshotOf(), time);
  const el = host.display();
  button(el, "Stop watching").click();
  time.advance(1000);
  host.receive({ type: "state", snapshot: snapshotOf({ version: 2 }) });
  expect(shownText(el)).toContain("Waiting for the running cell");
  host.set(endedOf({ version: 3, status: "stopped" }));
  expect(shownText(el)).not.toContain("Waiting for the running cell");
});

test("a model that no view ever showed says nothing to the kernel", () => {
  host = new FakeHost(snapshotOf(), time);
  time.advance(60_000);
  expect(host.sent).toEqual([]);
  const el = host.display();
  expect(host.sent).toEqual([{ type: "sync", page: expect.any(Number) }]);
  el.remove();
});

test("a closed connection breaks neither the card nor its clock", () => {
  host = new FakeHost(snapshotOf(), time);
  const el = host.display();
  host.disconnected = true;
  el.querySelector("button")?.click();
  time.advance(8000);
  expect(isShown(el, "section")).toBe(true);
  expect(shownText(el)).toContain("0:08");
});

import { afterEach, beforeEach, expect, test } from "vitest";
import { FakeHost } from "./support/fake_host";
import { FakeTime } from "./support/fake_time";
import { endedOf, snapshotOf } from "./support/snapshots";

let host: FakeHost;

beforeEach(() => {
  host = new FakeHost(snapshotOf(), new FakeTime());
});

afterEach(() => {
  host.destroy();
  document.body.replaceChildren();
});

/** A place for a widget as marimo has it: in a shadow root. */
function placeInMarimo(): HTMLElement {
  const element = document.createElement("marimo-anywidget");
  const el = document.createElement("div");
  element.attachShadow({ mode: "open" }).append(el);
  document.body.append(element);
  return el;
}

test("in marimo each new status is written back once, for the cells that read it", () => {
  host.render(placeInMarimo());
  host.render(placeInMarimo());
  expect(host.written).toEqual([{ status: "running" }]);
  host.set(snapshotOf({ version: 2, polls: { count: 1, last_at_ms: null, next_at_ms: null } }));
  expect(host.written).toHaveLength(1);
  host.set(endedOf({ version: 3, status: "empty" }));
  expect(host.written).toEqual([{ status: "running" }, { status: "empty" }]);
});

test("elsewhere the page writes no traits", () => {
  host.display();
  host.set(endedOf({ version: 2, status: "empty" }));
  expect(host.written).toEqual([]);
});

import { afterEach, beforeEach, expect, test } from "vitest";
import { closeCard, el, host, openCard, time } from "./support/card_view";
import { button, buttonNames, shownText } from "./support/page";
import { endedOf } from "./support/snapshots";

const WAITING = "Waiting for the running cell";

beforeEach(openCard);
afterEach(closeCard);

const stopId = () => host.sentOf("stop")[0]?.id ?? -1;

test("Stop acknowledged within a second says nothing of waiting", () => {
  button(el, "Stop watching").click();
  expect(button(el, "Stopping…").getAttribute("aria-disabled")).toBe("true");
  time.advance(900);
  host.receive({ type: "ack", id: stopId() });
  time.advance(200);
  expect(shownText(el)).not.toContain(WAITING);
  expect(button(el, "Stop watching").getAttribute("aria-disabled")).toBe("false");
});

test("Stop not acknowledged within a second waits for the running cell, until it is", () => {
  button(el, "Stop watching").click();
  time.advance(1000);
  expect(shownText(el)).toContain(WAITING);
  host.receive({ type: "ack", id: stopId() });
  expect(shownText(el)).not.toContain(WAITING);
});

test("a second click on Stop sends nothing", () => {
  button(el, "Stop watching").click();
  button(el, "Stopping…").click();
  expect(host.sentOf("stop")).toHaveLength(1);
});

test("Resume asks the kernel", () => {
  host.set(endedOf({ version: 2, status: "stopped", can_resume: true }));
  button(el, "Resume watching").click();
  expect(host.sentOf("resume")).toHaveLength(1);
});

test("the focus on a button that vanishes goes to the one that takes its place", () => {
  button(el, "Stop watching").focus();
  host.set(endedOf({ version: 2, status: "stopped", can_resume: true }));
  expect(document.activeElement).toBe(button(el, "Resume watching"));
});

test("a change of buttons does not take the focus from elsewhere", () => {
  button(el, "Copy operation ID").focus();
  host.set(endedOf({ version: 2, status: "stopped", can_resume: true }));
  expect(document.activeElement).toBe(button(el, "Copy operation ID"));
});

test("a watch that needs a key offers the form instead of Resume", () => {
  host.set(endedOf({ version: 2, status: "failed", can_resume: true, needs_key: true }));
  expect(buttonNames(el)).toEqual(["Use this key", "Copy operation ID"]);
});

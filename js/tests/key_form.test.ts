import { afterEach, beforeEach, expect, test } from "vitest";
import { userEvent } from "vitest/browser";
import { FakeHost } from "./support/fake_host";
import { FakeTime } from "./support/fake_time";
import { button, find, isShown } from "./support/page";
import { endedOf, START_MS } from "./support/snapshots";

let host: FakeHost;
let el: HTMLElement;

beforeEach(() => {
  host = new FakeHost(
    endedOf({ status: "failed", can_resume: true, needs_key: true }),
    new FakeTime(START_MS),
  );
  el = host.display();
});

afterEach(() => {
  host.destroy();
  document.body.replaceChildren();
});

const field = () => find<HTMLInputElement>(el, "input");

test("the field is a labelled password field that browsers are asked not to fill", () => {
  expect(field().type).toBe("password");
  expect(field().autocomplete).toBe("off");
  expect(field().labels?.[0]?.textContent).toBe("GPTProto API key");
  expect(field().name).toBe("");
});

test("Enter sends the key once and leaves nothing in the page", async () => {
  await userEvent.type(field(), "  sk-secret ");
  await userEvent.keyboard("{Enter}");
  expect(host.sentOf("key").map(({ key }) => key)).toEqual(["sk-secret"]);
  expect(field().value).toBe("");
  expect(document.documentElement.outerHTML).not.toContain("sk-secret");
  await userEvent.keyboard("{Enter}");
  expect(host.sentOf("key")).toHaveLength(1);
});

test("a second key waits until the first is taken", async () => {
  await userEvent.type(field(), "sk-one");
  button(el, "Use this key").click();
  await userEvent.type(field(), "sk-two");
  button(el, "Sending…").click();
  expect(host.sentOf("key")).toHaveLength(1);
  expect(field().value).toBe("sk-two");
  host.receive({ type: "ack", id: host.sentOf("key")[0]?.id ?? -1 });
  button(el, "Use this key").click();
  expect(host.sentOf("key").map(({ key }) => key)).toEqual(["sk-one", "sk-two"]);
});

test("an empty field sends nothing", () => {
  button(el, "Use this key").click();
  expect(host.sentOf("key")).toEqual([]);
});

test("letters typed into the field do not reach the notebook's commands", async () => {
  const heard: string[] = [];
  const controller = new AbortController();
  document.addEventListener("keydown", ({ key }) => heard.push(key), { signal: controller.signal });
  await userEvent.type(field(), "dd");
  controller.abort();
  expect(heard).toEqual([]);
});

test("the form goes, with what was typed, once no key is needed", async () => {
  await userEvent.type(field(), "sk-half");
  const input = field();
  host.set(endedOf({ version: 2, status: "stopped", can_resume: true }));
  expect(isShown(el, "input")).toBe(false);
  expect(input.value).toBe("");
});

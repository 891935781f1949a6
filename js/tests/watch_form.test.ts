import { afterEach, beforeEach, expect, test } from "vitest";
import { userEvent } from "vitest/browser";
import type { Form, FormError, Snapshot } from "../src/model";
import { FakeHost } from "./support/fake_host";
import { FakeTime } from "./support/fake_time";
import { button, find, isShown, shownText } from "./support/page";
import { START_MS, snapshotOf } from "./support/snapshots";

let host: FakeHost;
let el: HTMLElement;
let version = 1;

function askingOf(form: Partial<Form> = {}): Snapshot {
  return snapshotOf({
    version: version++,
    status: "idle",
    model_name: "",
    operation_id: "",
    key_source: null,
    clock: null,
    can_stop: false,
    form: {
      model_names: ["veo-3.1-generate-preview", "veo-2.0-generate-001"],
      has_key: false,
      error: null,
      ...form,
    },
  });
}

beforeEach(() => {
  host = new FakeHost(askingOf(), new FakeTime(START_MS));
  el = host.display();
});

afterEach(() => {
  host.destroy();
  document.body.replaceChildren();
});

const field = (name: string, within = el): HTMLInputElement => {
  const found = [...within.querySelectorAll("input")].find(
    (input) => input.labels?.[0]?.textContent === name,
  );
  if (!found) throw new Error(`no field "${name}"`);
  return found;
};

const descriptionOf = (input: HTMLInputElement): string =>
  (input.getAttribute("aria-describedby") ?? "")
    .split(" ")
    .map((id) => document.getElementById(id)?.textContent ?? "")
    .join(" ")
    .trim();

const lastSent = () => host.sentOf("watch").at(-1)?.id ?? -1;

function answer(error: Omit<FormError, "request">, request = lastSent()): void {
  host.receive({ type: "ack", id: request });
  host.set(askingOf({ error: { request, ...error } }));
}

test("a card without an operation shows a form and nothing of a card", () => {
  expect(find(el, "form").getAttribute("aria-label")).toBe("Watch a video operation");
  expect([...el.querySelectorAll("form label")].slice(0, 3).map((label) => label.textContent)).toEqual([
    "Model name",
    "Operation ID",
    "API key",
  ]);
  expect(isShown(el, "section")).toBe(false);
  expect(shownText(el)).not.toContain("Not started");
});

test("known model names are suggested, and any other can be typed", () => {
  expect([...(field("Model name").list?.options ?? [])].map(({ value }) => value)).toEqual([
    "veo-3.1-generate-preview",
    "veo-2.0-generate-001",
  ]);
  expect(field("Model name").type).toBe("text");
});

test("Enter in any field sends what was typed as it is, and the key leaves the page", async () => {
  await userEvent.type(field("Operation ID"), "https://host/v1beta/models/m/operations/x?key=1 ");
  await userEvent.type(field("API key"), " sk-secret ");
  await userEvent.keyboard("{Enter}");
  expect(host.sentOf("watch")).toEqual([
    {
      type: "watch",
      id: expect.any(Number),
      model_name: "",
      operation_id: "https://host/v1beta/models/m/operations/x?key=1 ",
      key: "sk-secret",
    },
  ]);
  expect(field("API key").value).toBe("");
  expect(document.documentElement.outerHTML).not.toContain("sk-secret");
  await userEvent.keyboard("{Enter}");
  expect(host.sentOf("watch")).toHaveLength(1);
});

test("the key's field is one that browsers are asked not to fill", () => {
  expect(field("API key").type).toBe("password");
  expect(field("API key").autocomplete).toBe("off");
  expect(field("API key").name).toBe("");
});

test("an error stands at its field, which gets the focus and tells it to a screen reader", async () => {
  await userEvent.type(field("Operation ID"), "a b{Enter}");
  answer({ field: "operation_id", message: "The operation ID has ' ' in it, which none has." });
  expect(document.activeElement).toBe(field("Operation ID"));
  expect(field("Operation ID").getAttribute("aria-invalid")).toBe("true");
  expect(descriptionOf(field("Operation ID"))).toContain("has ' ' in it");
  expect(field("Model name").getAttribute("aria-invalid")).toBe("false");
  expect(descriptionOf(field("Model name"))).toBe("");
  expect(field("Operation ID").value).toBe("a b");
});

test("an error moves on with the next answer, and the old one goes", async () => {
  button(el, "Watch").click();
  answer({ field: "model_name", message: "The model name is empty." });
  button(el, "Watch").click();
  answer({ field: "key", message: "There is no API key." });
  expect(shownText(el)).not.toContain("The model name is empty.");
  expect(descriptionOf(field("API key"))).toContain("There is no API key.");
  expect(document.activeElement).toBe(field("API key"));
});

test("a later snapshot does not take the focus back to the error", () => {
  button(el, "Watch").click();
  const id = lastSent();
  answer({ field: "model_name", message: "The model name is empty." });
  field("API key").focus();
  answer({ field: "model_name", message: "The model name is empty." }, id);
  expect(document.activeElement).toBe(field("API key"));
});

test("an error of no field is an alert", () => {
  button(el, "Watch").click();
  answer({ field: null, message: "GPTPROTO_BASE_URL names Google's host." });
  expect(find(el, '[role="alert"]').textContent).toBe("GPTPROTO_BASE_URL names Google's host.");
});

test("another view, or a page of before, has errors of its own", () => {
  const other = host.display();
  button(el, "Watch").click();
  answer({ field: "model_name", message: "The model name is empty." });
  expect(shownText(el)).toContain("The model name is empty.");
  expect(shownText(other)).not.toContain("The model name is empty.");
  expect(field("Model name", other).getAttribute("aria-describedby")).not.toBe(
    field("Model name").getAttribute("aria-describedby"),
  );
});

test("a key that the kernel already holds is not asked for again", () => {
  host.set(askingOf({ has_key: true }));
  expect(field("API key").placeholder).toBe("The kernel keeps the one you typed");
});

test("a running cell that holds the form back is named", () => {
  button(el, "Watch").click();
  expect(button(el, "Sending…").getAttribute("aria-disabled")).toBe("true");
  host.time.advance(1500);
  expect(shownText(el)).toContain("Waiting for the running cell");
});

test("letters typed into the form do not reach the notebook's commands", async () => {
  const heard: string[] = [];
  const controller = new AbortController();
  document.addEventListener("keydown", ({ key }) => heard.push(key), { signal: controller.signal });
  await userEvent.type(field("Model name"), "dd");
  controller.abort();
  expect(heard).toEqual([]);
});

test("the watch takes the form's place, and its focus", async () => {
  await userEvent.type(field("API key"), "sk-half");
  const key = field("API key");
  host.set(snapshotOf({ version: version++ }));
  expect(isShown(el, "form")).toBe(false);
  expect(key.value).toBe("");
  expect(document.activeElement).toBe(find(el, "section"));
  expect(shownText(el)).toContain("Generating");
});

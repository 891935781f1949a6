import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Details, Snapshot } from "../src/model";
import { FakeHost } from "./support/fake_host";
import { FakeTime } from "./support/fake_time";
import { button, buttonNames, find, isShown, shownText, until } from "./support/page";
import { endedOf, START_MS, snapshotOf } from "./support/snapshots";

const REPORT = "rushes report\nStatus  failed";

let time: FakeTime;
let host: FakeHost;

beforeEach(() => {
  time = new FakeTime(START_MS);
});

afterEach(() => {
  vi.restoreAllMocks();
  host.destroy();
  document.body.replaceChildren();
});

function show(snapshot: Snapshot = snapshotOf()): HTMLElement {
  host = new FakeHost(snapshot, time);
  return host.display();
}

const detailsOf = (changes: Partial<Details> = {}): Details => ({
  earlier: 0,
  polls: [
    { at_ms: START_MS, took_ms: 250, status_code: 200, outcome: "running" },
    { at_ms: START_MS + 5000, took_ms: 12_000, status_code: null, outcome: "NetworkError (dns)" },
  ],
  answer: '{\n "done": false\n}',
  report: REPORT,
  ...changes,
});

const failedOf = (changes: Partial<Snapshot> = {}): Snapshot =>
  endedOf({
    status: "failed",
    error: { kind: "APIError", message: "No.", detail: null, next_step: "Look.", help_url: null },
    ...changes,
  });

const answer = (changes: Partial<Details> = {}) =>
  host.receive({ type: "details", details: detailsOf(changes) });

/** As a click on the summary does; the event comes in a task of its own. */
async function open(el: HTMLElement, opened = true): Promise<HTMLDetailsElement> {
  const panel = find<HTMLDetailsElement>(el, "details");
  const toggled = new Promise((resolve) => panel.addEventListener("toggle", resolve, { once: true }));
  find(panel, "summary").click();
  await toggled;
  expect(panel.open).toBe(opened);
  return panel;
}

const asked = () => host.sentOf("details").length;
const cells = (panel: HTMLElement) =>
  [...panel.querySelectorAll("tbody tr")].map((row) => [...row.children].map((cell) => cell.textContent));

test("closed: nothing is asked; opened: each poll with its time and status, the last answer", async () => {
  const el = show();
  time.advance(10_000);
  expect(asked()).toBe(0);
  const panel = await open(el);
  expect(asked()).toBe(1);
  answer();
  const clock = (ms: number) => new Date(ms).toLocaleTimeString(undefined, { timeStyle: "medium" });
  expect(cells(panel)).toEqual([
    [clock(START_MS + 5000), "none", "NetworkError (dns)", "12 s"],
    [clock(START_MS), "200", "running", "250 ms"],
  ]);
  expect([...panel.querySelectorAll("th")].map((head) => head.textContent)).toEqual([
    "Sent",
    "HTTP",
    "Answer",
    "Took",
  ]);
  expect(find(panel, "pre").textContent).toBe('{\n "done": false\n}');
  expect(find(panel, "pre").getAttribute("aria-label")).toBe("Last answer");
});

test("times of polls are in the page's clock, as everything else", async () => {
  const el = show(
    snapshotOf({
      clock: {
        source: "watch",
        started_at_ms: START_MS - 3_600_000,
        sent_at_ms: START_MS - 3_600_000,
        total_ms: null,
      },
    }),
  );
  host.receive({
    type: "state",
    snapshot: snapshotOf({
      version: 2,
      clock: {
        source: "watch",
        started_at_ms: START_MS - 3_600_000,
        sent_at_ms: START_MS - 3_600_000,
        total_ms: null,
      },
    }),
  });
  const panel = await open(el);
  answer({
    polls: [{ at_ms: START_MS - 3_600_000, took_ms: 100, status_code: 200, outcome: "running" }],
  });
  expect(cells(panel)[0]?.[0]).toBe(
    new Date(START_MS).toLocaleTimeString(undefined, { timeStyle: "medium" }),
  );
});

test("polls that are no longer listed are counted; without any the panel says so", async () => {
  const panel = await open(show());
  answer({ earlier: 7 });
  expect(shownText(panel)).toContain("Not listed: 7 earlier");
  answer({ polls: [], answer: null });
  expect(shownText(panel)).toBe("Details No poll has come back yet. Copy report");
  expect(isShown(panel, "table, pre")).toBe(false);
});

test("a running cell that holds the question back is told, until the answer comes", async () => {
  const panel = await open(show());
  expect(shownText(panel)).toBe("Details");
  time.advance(1000);
  expect(shownText(panel)).toContain("Waiting for the running cell");
  answer();
  expect(shownText(panel)).not.toContain("Waiting");
});

test("a question that brought no answer is asked again, ever more rarely, and not once it has come", async () => {
  await open(show());
  time.advance(4999);
  expect(asked()).toBe(1);
  time.advance(1);
  expect(asked()).toBe(2);
  time.advance(10_000);
  expect(asked()).toBe(3);
  answer();
  time.advance(600_000);
  expect(asked()).toBe(3);
});

test("while it is open, it is asked for anew with each poll, and with nothing else", async () => {
  const el = show();
  const panel = await open(el);
  answer();
  host.set(snapshotOf({ version: 2, notice: "something else" }));
  time.advance(3000);
  expect(asked()).toBe(1);
  host.set(snapshotOf({ version: 3, polls: { count: 1, last_at_ms: START_MS, next_at_ms: null } }));
  expect(asked()).toBe(2);
  host.set(snapshotOf({ version: 4, polls: { count: 2, last_at_ms: START_MS, next_at_ms: null } }));
  expect(asked()).toBe(2);
  answer();
  expect(asked()).toBe(3);
  answer({ earlier: 1 });
  expect(shownText(panel)).toContain("Not listed: 1 earlier");
  await open(el, false);
  host.set(snapshotOf({ version: 5, polls: { count: 3, last_at_ms: START_MS, next_at_ms: null } }));
  expect(asked()).toBe(3);
});

test("a view that its host draws anew opens as it was; one that is closed asks no more", async () => {
  host = new FakeHost(snapshotOf(), time);
  const el = document.createElement("div");
  document.body.append(el);
  const close = host.render(el);
  await open(el);
  close();
  time.advance(600_000);
  expect(asked()).toBe(1);
  const again = host.display();
  expect(find<HTMLDetailsElement>(again, "details").open).toBe(true);
  expect(asked()).toBe(2);
});

test("two views ask once, and both show the answer", async () => {
  const views = [show(), host.display()] as const;
  const one = await open(views[0]);
  const two = await open(views[1]);
  expect(asked()).toBe(1);
  answer();
  expect(cells(one)).toEqual(cells(two));
  expect(cells(two)).toHaveLength(2);
});

test("what a server or an answer says stays text", async () => {
  const evil = '<img src=x onerror="window.stolen = 1">';
  const panel = await open(show());
  answer({ answer: evil, polls: [{ at_ms: 0, took_ms: 0, status_code: 200, outcome: evil }] });
  expect(panel.querySelector("img")).toBeNull();
  expect(shownText(panel)).toContain(evil);
});

test("the report of an error is copied with one click, and asked for then", async () => {
  const write = vi.spyOn(navigator.clipboard, "writeText").mockResolvedValue();
  const el = show(failedOf());
  expect(asked()).toBe(0);
  const copy = button(el, "Copy report");
  copy.click();
  copy.click();
  expect(asked()).toBe(1);
  expect(copy.textContent).toBe("Fetching the report…");
  expect(copy.getAttribute("aria-disabled")).toBe("true");
  answer();
  await until(() => copy.textContent === "Copied");
  expect(write.mock.calls).toEqual([[REPORT]]);
  time.advance(2000);
  expect(copy.textContent).toBe("Copy report");
  expect(copy.getAttribute("aria-disabled")).toBe("false");
});

test("the report can be copied without an error too, from the panel", async () => {
  const write = vi.spyOn(navigator.clipboard, "writeText").mockResolvedValue();
  const el = show();
  expect(isShown(el, ".rushes-report button")).toBe(false);
  const panel = await open(el);
  answer();
  button(panel, "Copy report").click();
  answer();
  await until(() => write.mock.calls.length > 0);
  expect(write.mock.calls).toEqual([[REPORT]]);
});

test("beside an error the panel offers no second button for the same report", async () => {
  const el = show(failedOf());
  await open(el);
  answer();
  expect(buttonNames(el).filter((name) => name === "Copy report")).toHaveLength(1);
});

test("a running cell that holds the report back is told on the button", async () => {
  const el = show(failedOf());
  const copy = button(el, "Copy report");
  copy.click();
  time.advance(1000);
  expect(copy.textContent).toBe("Waiting for the running cell");
});

test("where the page may not write the clipboard, the report stands below the button, selected", async () => {
  vi.spyOn(navigator.clipboard, "writeText").mockRejectedValue(new DOMException("no", "NotAllowedError"));
  const el = show(failedOf());
  const copy = button(el, "Copy report");
  copy.focus();
  copy.click();
  answer();
  await until(() => isShown(el, "pre"));
  expect(find(el, "pre").textContent).toBe(REPORT);
  expect(getSelection()?.toString()).toBe(REPORT);
  expect(copy.textContent).toBe("Selected: press the copy keys");
  expect(document.activeElement).toBe(copy);
});

test("who has stopped a watch is offered no report of an error", () => {
  const el = show(failedOf({ status: "stopped" }));
  expect(isShown(el, ".rushes-report button")).toBe(false);
});

test("neither details nor a report move the focus or speak", async () => {
  vi.spyOn(navigator.clipboard, "writeText").mockResolvedValue();
  const el = show(failedOf());
  const live = el.querySelectorAll('[role="status"], [role="alert"], [role="log"], [aria-live]');
  expect(live).toHaveLength(1);
  const spoken = new MutationObserver(() => {});
  spoken.observe(live[0] as Node, { childList: true, characterData: true, subtree: true });
  const elsewhere = document.createElement("input");
  document.body.append(elsewhere);
  elsewhere.focus();
  await open(el);
  answer();
  time.advance(3000);
  const copy = button(el, "Copy report");
  copy.click();
  answer();
  await until(() => copy.textContent === "Copied");
  expect(document.activeElement).toBe(elsewhere);
  expect(spoken.takeRecords()).toEqual([]);
  expect(live[0]?.textContent).toBe("");
});

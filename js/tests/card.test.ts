import { afterEach, beforeEach, expect, test } from "vitest";
import type { ErrorInfo, Snapshot } from "../src/model";
import { chunkReply } from "./support/clip";
import { FakeHost } from "./support/fake_host";
import { FakeTime } from "./support/fake_time";
import { button, buttonNames, find, isShown, shownText } from "./support/page";
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

function show(snapshot: Snapshot): HTMLElement {
  host = new FakeHost(snapshot, time);
  return host.display();
}

const errorOf = (changes: Partial<ErrorInfo> = {}): ErrorInfo => ({
  kind: "OperationFailedError",
  message: "The generation failed.",
  detail: null,
  next_step: "Submit it again.",
  help_url: null,
  ...changes,
});

test("running: status, model, provider, operation, elapsed with its source, polls, Stop", () => {
  const el = show(snapshotOf({ polls: { count: 3, last_at_ms: START_MS, next_at_ms: null } }));
  time.advance(42_000);
  const text = shownText(el);
  expect(text).toContain("Generating");
  expect(text).toContain("veo-3.1-generate-preview · GPTProto");
  expect(text).toContain("Operation mg3pt9cbmvr1");
  expect(find(el, '[role="timer"]').textContent).toBe("0:42");
  expect(text).toContain("since the operation was created");
  expect(text).toContain(`Polled 3 times, last at ${new Date(START_MS).toLocaleTimeString()}`);
  expect(text).toContain("Key: GPTPROTO_API_KEY in the environment");
  expect(buttonNames(el)).toEqual(["Stop watching", "Copy operation ID"]);
  expect(button(el, "Stop watching").title).toContain("the generation goes on and may be billed");
  expect(find(el, "section").getAttribute("aria-label")).toBe("Video operation mg3pt9cbmvr1");
});

test("running, counted from the watch: says so", () => {
  const el = show(
    snapshotOf({ clock: { source: "watch", started_at_ms: START_MS, sent_at_ms: START_MS, total_ms: null } }),
  );
  expect(shownText(el)).toContain("since this watch began");
});

test("reconnecting: the reason, and the seconds to the next try count down", () => {
  const el = show(snapshotOf({ retry: { reason: "HTTP 503.", next_at_ms: START_MS + 3000 } }));
  expect(shownText(el)).toContain("Reconnecting. HTTP 503. Next try in 3 s.");
  time.advance(1000);
  expect(shownText(el)).toContain("Next try in 2 s");
  time.advance(3000);
  expect(shownText(el)).toContain("Reconnecting. HTTP 503. Trying now.");
});

test("downloading: progress in bytes, to a screen reader too", () => {
  const el = show(
    snapshotOf({
      status: "downloading",
      samples: [sampleOf({ state: "downloading", bytes_done: 3_200_000, bytes_total: 7_100_000 })],
    }),
  );
  expect(shownText(el)).toContain("Downloading");
  expect(shownText(el)).toContain("3.2 MB of 7.1 MB");
  const bar = find<HTMLProgressElement>(el, "progress");
  expect(bar.position).toBeCloseTo(3.2 / 7.1);
  expect(bar.getAttribute("aria-label")).toBe("Downloading to the kernel");
});

test("downloading a file of unknown size: bytes so far, an open end", () => {
  const el = show(
    snapshotOf({
      status: "downloading",
      samples: [sampleOf({ state: "downloading", bytes_done: 900, bytes_total: null })],
    }),
  );
  expect(shownText(el)).toContain("900 B");
  expect(find<HTMLProgressElement>(el, "progress").position).toBe(-1);
});

test("succeeded: the total time, and what of the file has come into the page", () => {
  const el = show(
    endedOf({ status: "succeeded", samples: [sampleOf({ bytes_total: 10_000, chunk_bytes: 4000 })] }),
  );
  host.receive(chunkReply(0, { chunk_bytes: 4000 }), new Uint8Array(4000));
  host.time.advance(250);
  expect(shownText(el)).toContain("Video ready took 1:42");
  expect(shownText(el)).toContain("Loading into the page: 4 kB of 10 kB");
  time.advance(30_000);
  expect(shownText(el)).toContain("Waiting for the running cell: 4 kB of 10 kB");
  expect(isShown(el, '[role="timer"]')).toBe(false);
});

test("succeeded with withheld samples and warnings: both are told", () => {
  const el = show(
    endedOf({
      status: "succeeded",
      samples: [sampleOf(), sampleOf()],
      filtered: { count: 2, total: 4, reasons: ["Support codes: 17301594"] },
      warnings: ["Audio was left out"],
    }),
  );
  const text = shownText(el);
  expect(text).toContain("2 videos ready");
  expect(text).toContain("2 of 4 withheld GPTProto says Support codes: 17301594");
  expect(text).toContain("Note from GPTProto Audio was left out");
});

test("filtered: how many, the provider's words, the next step, nothing about billing", () => {
  const el = show(
    endedOf({
      status: "filtered",
      filtered: { count: 1, total: 1, reasons: ["Celebrity likeness"] },
      error: errorOf({
        message: "All withheld.",
        detail: "Celebrity likeness",
        next_step: "Change the prompt.",
      }),
    }),
  );
  const text = shownText(el);
  expect(text).toContain("Withheld by a safety filter after 1:42");
  expect(text).toContain(
    "1 of 1 withheld GPTProto says Celebrity likeness What to do next Change the prompt.",
  );
  expect(text.match(/Celebrity likeness/g)).toHaveLength(1);
  expect(text).not.toMatch(/bill|charge|refund/i);
  expect(isShown(el, "video, .rushes-screen")).toBe(false);
});

test("filtered without counts: the reasons alone", () => {
  const el = show(endedOf({ status: "filtered", filtered: { count: 0, total: 0, reasons: ["Policy"] } }));
  expect(shownText(el)).not.toContain("0 of 0");
  expect(shownText(el)).toContain("GPTProto says Policy");
});

test("filtered with a count of an unknown total", () => {
  const el = show(endedOf({ status: "filtered", filtered: { count: 2, total: 0, reasons: [] } }));
  expect(shownText(el)).toContain("2 withheld");
});

test("empty: finished without a video", () => {
  const el = show(endedOf({ status: "empty", error: errorOf({ message: "The answer names no video." }) }));
  expect(shownText(el)).toContain("Finished without a video");
  expect(shownText(el)).toContain("The answer names no video. What to do next Submit it again.");
});

test("failed: what happened, the provider's words, what to do next", () => {
  const el = show(endedOf({ status: "failed", error: errorOf({ detail: "Internal error (13)" }) }));
  expect(shownText(el)).toContain(
    "The generation failed. GPTProto says Internal error (13) What to do next Submit it again.",
  );
  expect(buttonNames(el)).toEqual(["Copy report", "Copy operation ID"]);
});

test("failed: a message that quotes the provider is not quoted twice", () => {
  const el = show(
    endedOf({ status: "failed", error: errorOf({ message: "HTTP 401: Bad key.", detail: "Bad key" }) }),
  );
  expect(shownText(el)).not.toContain("GPTProto says");
});

test("failed: a link to the page about the error, in a tab of its own", () => {
  const help_url = "https://docs.example/errors/operation-failed-error/";
  const el = show(endedOf({ status: "failed", error: errorOf({ help_url }) }));
  const link = find<HTMLAnchorElement>(el, "a");
  expect(link.textContent).toBe("More about this error");
  expect(link.href).toBe(help_url);
  expect([link.target, link.rel]).toEqual(["_blank", "noopener noreferrer"]);
});

test.each([
  ["without an address", "failed", null],
  ["an address that runs code", "failed", "javascript:alert(1)"],
  ["stopped by the user", "stopped", "https://docs.example/errors/watch-stopped-error/"],
] as const)("no link to a page about the error: %s", (_, status, help_url) => {
  const el = show(endedOf({ status, error: errorOf({ help_url }) }));
  expect(isShown(el, "a")).toBe(false);
});

test("stopped: the generation goes on and may be billed; Resume", () => {
  const el = show(
    endedOf({
      status: "stopped",
      can_resume: true,
      error: errorOf({ kind: "WatchStoppedError", message: "x", next_step: "Call resume()." }),
    }),
  );
  expect(shownText(el)).toContain("The generation goes on and may be billed.");
  expect(shownText(el)).not.toContain("Call resume()");
  expect(buttonNames(el)).toContain("Resume watching");
});

test("stopped in the download: the video is finished, nothing is said of the bill; Resume", () => {
  const el = show(
    endedOf({
      status: "stopped",
      can_resume: true,
      samples: [sampleOf({ state: "waiting", bytes_done: 4 })],
    }),
  );
  expect(shownText(el)).toContain("The video is finished; what has arrived of it is kept.");
  expect(shownText(el)).not.toContain("bill");
  expect(buttonNames(el)).toContain("Resume watching");
});

test("the hint at Stop says what goes on: the generation, or nothing but the download", () => {
  const running = show(snapshotOf()).querySelector("button[title^=Stops]");
  expect(running?.getAttribute("title")).toContain("the generation goes on and may be billed");
  const downloading = show(
    snapshotOf({ status: "downloading", samples: [sampleOf({ state: "downloading", bytes_done: 4 })] }),
  ).querySelector("button[title^=Stops]");
  expect(downloading?.getAttribute("title")).toBe("Stops the download only: what has arrived is kept");
  expect(downloading?.getAttribute("aria-description")).toBe(downloading?.getAttribute("title"));
});

test("timed out: told with the error's own words, and another attempt offered", () => {
  const error = errorOf({ message: "Still running.", next_step: "Resume to watch it longer." });
  const el = show(endedOf({ status: "timed_out", can_resume: true, error }));
  expect(shownText(el)).toContain("Timed out after 1:42");
  expect(shownText(el)).toContain("Still running.");
  expect(shownText(el)).toContain("Resume to watch it longer.");
  expect(buttonNames(el)).toContain("Resume watching");
});

test("idle: not started, nothing polled, no clock", () => {
  const el = show(snapshotOf({ status: "idle", clock: null, can_stop: false }));
  expect(shownText(el)).toContain("Not started");
  expect(shownText(el)).toContain("Not polled yet");
  expect(isShown(el, '[role="timer"]')).toBe(false);
  expect(buttonNames(el)).toEqual(["Copy operation ID"]);
});

test("the flags decide about the buttons, whatever the status", () => {
  const el = show(snapshotOf({ status: "failed", can_stop: true, can_resume: true }));
  expect(buttonNames(el)).toEqual(["Stop watching", "Resume watching", "Copy operation ID"]);
});

test("a sample that could not be downloaded is told in its place", () => {
  const el = show(
    endedOf({ status: "succeeded", samples: [sampleOf({ state: "unavailable" }), sampleOf()] }),
  );
  expect(shownText(find(el, ".rushes-screen"))).toBe("This video could not be downloaded.");
});

test("one poll, label and notice read well", () => {
  const el = show(
    snapshotOf({
      label: "Take 3",
      notice: "reused, submitted 14:02",
      key_source: null,
      polls: { count: 1, last_at_ms: null, next_at_ms: null },
    }),
  );
  expect(shownText(el)).toContain("Take 3 veo-3.1-generate-preview · GPTProto reused, submitted 14:02");
  expect(shownText(el)).toContain("Polled once");
  expect(shownText(el)).not.toContain("Key:");
});

test("words from the server stay words", () => {
  const evil = (where: string) => `<b>${where}</b><img src=x onerror="window.stolen = 1">`;
  const el = show(
    endedOf({
      status: "failed",
      model_name: evil("model"),
      operation_id: evil("operation"),
      label: evil("label"),
      provider: evil("provider"),
      key_source: evil("key"),
      notice: evil("notice"),
      filtered: { count: 1, total: 2, reasons: [evil("filter")] },
      warnings: [evil("warning")],
      retry: { reason: evil("retry"), next_at_ms: 0 },
      error: errorOf({ message: evil("message"), detail: evil("detail"), next_step: evil("next") }),
      samples: [sampleOf({ saved_to: evil("path"), file_name: evil("file") })],
    }),
  );
  expect(el.querySelector("b, img")).toBeNull();
  const places = "model operation label provider key notice filter warning retry message detail next path";
  for (const place of places.split(" ")) expect(shownText(el)).toContain(evil(place));
});

test("only changes of the status are spoken", () => {
  const el = show(snapshotOf());
  const live = el.querySelectorAll('[role="status"], [aria-live], [role="alert"]');
  expect(live).toHaveLength(1);
  expect(live[0]?.textContent).toBe("");
  host.set(snapshotOf({ version: 2, polls: { count: 9, last_at_ms: null, next_at_ms: null } }));
  time.advance(5000);
  expect(live[0]?.textContent).toBe("");
  host.set(endedOf({ version: 3, status: "failed", error: errorOf() }));
  expect(live[0]?.textContent).toBe("Failed: The generation failed.");
});

test("a card at 280 pixels holds the longest ID without a scroll bar", () => {
  const el = show(snapshotOf({ operation_id: "x".repeat(200), label: "y".repeat(200) }));
  el.style.inlineSize = "280px";
  expect(find(el, "section").scrollWidth).toBeLessThanOrEqual(280);
  expect(find(el, "code").textContent).toBe("x".repeat(200));
});

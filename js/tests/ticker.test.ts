import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { FakeHost } from "./support/fake_host";
import { FakeTime } from "./support/fake_time";
import { find, shownText } from "./support/page";
import { endedOf, START_MS, snapshotOf } from "./support/snapshots";

let time: FakeTime;
let host: FakeHost;
let hidden = false;

beforeEach(() => {
  time = new FakeTime(START_MS);
  hidden = false;
  vi.spyOn(document, "hidden", "get").mockImplementation(() => hidden);
});

afterEach(() => {
  host.destroy();
  document.body.replaceChildren();
  vi.restoreAllMocks();
});

const setHidden = (value: boolean) => {
  hidden = value;
  document.dispatchEvent(new Event("visibilitychange"));
};
const elapsed = (el: Element) => find(el, '[role="timer"]').textContent;

test("elapsed ticks each second without a word from the kernel", () => {
  host = new FakeHost(snapshotOf(), time);
  const el = host.display();
  const seen = Array.from({ length: 3 }, () => {
    time.advance(1000);
    return elapsed(el);
  });
  expect(seen).toEqual(["0:01", "0:02", "0:03"]);
});

test("elapsed is right although the page's clock is an hour ahead", () => {
  const started_at_ms = START_MS - 3_600_000 - 5000;
  host = new FakeHost(snapshotOf(), time);
  const el = host.display();
  const clock = {
    source: "operation",
    started_at_ms,
    sent_at_ms: START_MS - 3_600_000,
    total_ms: null,
  } as const;
  host.receive({ type: "state", snapshot: snapshotOf({ version: 2, clock }) });
  expect(elapsed(el)).toBe("0:05");
  time.advance(2000);
  expect(elapsed(el)).toBe("0:07");
});

test("times of day are told in the page's clock", () => {
  host = new FakeHost(snapshotOf(), time);
  const el = host.display();
  const sent_at_ms = START_MS - 3_600_000;
  host.set(
    snapshotOf({
      version: 2,
      clock: { source: "watch", started_at_ms: sent_at_ms, sent_at_ms, total_ms: null },
      polls: { count: 2, last_at_ms: sent_at_ms, next_at_ms: null },
    }),
  );
  expect(shownText(el)).toContain(`last at ${new Date(START_MS).toLocaleTimeString()}`);
});

test("a hidden page does not tick, and is right at once when it comes back", () => {
  host = new FakeHost(snapshotOf(), time);
  const el = host.display();
  time.advance(2000);
  setHidden(true);
  time.advance(25_000);
  expect(elapsed(el)).toBe("0:02");
  setHidden(false);
  expect(elapsed(el)).toBe("0:27");
  time.advance(1000);
  expect(elapsed(el)).toBe("0:28");
});

test("nothing ticks once the operation has ended", () => {
  host = new FakeHost(snapshotOf(), time);
  const el = host.display();
  host.set(endedOf({ version: 2, status: "failed" }));
  time.advance(60_000);
  expect(shownText(el)).toContain("after 1:42");
  expect(time.pending).toBe(1); // the sync that has nothing to ask
});

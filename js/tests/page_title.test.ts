import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { BoardAnswer, BoardRequest, BoardSnapshot } from "../src/board/board_model";
import { createBoard } from "../src/board/board_widget";
import type { Status } from "../src/model";
import { createWidget } from "../src/widget";
import { readyRow, rowOf } from "./support/fake_board";
import { FakeHost } from "./support/fake_host";
import { FakeTime } from "./support/fake_time";
import { trackListeners } from "./support/listeners";
import { endedOf, START_MS, snapshotOf } from "./support/snapshots";

const TITLE = "take 3.ipynb - JupyterLab";

let time: FakeTime;
let hosts: FakeHost[];
let hidden: boolean;
let before: string;

beforeEach(() => {
  time = new FakeTime(START_MS);
  hosts = [];
  hidden = false;
  before = document.title;
  document.title = TITLE;
  vi.spyOn(document, "hidden", "get").mockImplementation(() => hidden);
});

afterEach(() => {
  for (const host of hosts) host.destroy();
  document.body.replaceChildren();
  document.title = before;
  vi.restoreAllMocks();
});

/** A card in a page of its own; the tests themselves run in a frame. */
function running(create = (fake: FakeTime) => createWidget(fake, document)): FakeHost {
  const host = new FakeHost(snapshotOf(), time, create);
  host.display();
  hosts.push(host);
  return host;
}

function setHidden(value: boolean): void {
  hidden = value;
  document.dispatchEvent(new Event("visibilitychange"));
}

const end = (host: FakeHost, status: Status = "succeeded", version = 2) =>
  host.set(endedOf({ version, status }));

test("an end that nobody sees marks the title until somebody looks", () => {
  const host = running();
  setHidden(true);
  expect(document.title).toBe(TITLE);
  end(host);
  expect(document.title).toBe(`✓ ${TITLE}`);
  setHidden(false);
  expect(document.title).toBe(TITLE);
  setHidden(true);
  expect(document.title).toBe(TITLE);
});

test.each(["failed", "filtered", "empty", "timed_out"] as const)(
  "%s is marked as an end without a video",
  (status) => {
    const host = running();
    setHidden(true);
    end(host, status);
    expect(document.title).toBe(`✗ ${TITLE}`);
  },
);

test("an end that is told by a message alone is marked too", () => {
  const host = running();
  setHidden(true);
  host.receive({ type: "state", snapshot: endedOf({ version: 2, status: "succeeded" }) });
  expect(document.title).toBe(`✓ ${TITLE}`);
});

test("what is seen, stopped, had ended before, or only goes on is not marked", () => {
  end(running());
  const restored = new FakeHost(endedOf({ status: "failed" }), time, (fake) => createWidget(fake, document));
  restored.display();
  hosts.push(restored);
  const stopped = running();
  const downloading = running();
  setHidden(true);
  end(stopped, "stopped");
  downloading.set(snapshotOf({ version: 2, status: "downloading" }));
  restored.set(endedOf({ version: 2, status: "failed", notice: "new" }));
  expect(document.title).toBe(TITLE);
});

test("several cards share one mark, and one without a video outweighs", () => {
  const [one, two, three] = [running(), running(), running()];
  setHidden(true);
  end(one);
  end(two, "failed");
  end(three);
  expect(document.title).toBe(`✗ ${TITLE}`);
  two.destroy();
  expect(document.title).toBe(`✓ ${TITLE}`);
  setHidden(false);
  expect(document.title).toBe(TITLE);
});

test("the mark goes with the last widget that it was for", () => {
  const [one, two] = [running(), running()];
  setHidden(true);
  end(one);
  end(two);
  one.destroy();
  expect(document.title).toBe(`✓ ${TITLE}`);
  two.destroy();
  expect(document.title).toBe(TITLE);
});

test("a watch that is resumed unseen takes its mark back", () => {
  const host = running();
  setHidden(true);
  end(host, "failed");
  host.set(snapshotOf({ version: 3 }));
  expect(document.title).toBe(TITLE);
  end(host, "succeeded", 4);
  expect(document.title).toBe(`✓ ${TITLE}`);
});

test("a title that the host writes meanwhile stays as it is", () => {
  const host = running();
  setHidden(true);
  end(host);
  document.title = "other.ipynb";
  setHidden(false);
  expect(document.title).toBe("other.ipynb");
});

test("a title that the host writes meanwhile is the one that the next end marks", () => {
  const [one, two] = [running(), running()];
  setHidden(true);
  end(one);
  document.title = "other.ipynb";
  end(two);
  expect(document.title).toBe("✓ other.ipynb");
  setHidden(false);
  expect(document.title).toBe("other.ipynb");
});

test.each(["✓ my own.ipynb", "✗", "", "  spaces  "])(
  "a title that reads like a mark is not taken for one: %j",
  (title) => {
    document.title = title;
    const read = document.title;
    const host = running();
    setHidden(true);
    end(host);
    expect(document.title).toBe(`✓ ${read}`.trim());
    document.title = title;
    setHidden(false);
    expect(document.title).toBe(read);
    setHidden(true);
    end(running());
    setHidden(false);
    expect(document.title).toBe(read);
  },
);

test("a widget that no view shows any more marks nothing", () => {
  const host = new FakeHost(snapshotOf(), time, (fake) => createWidget(fake, document));
  hosts.push(host);
  const el = document.createElement("div");
  document.body.append(el);
  const close = host.render(el);
  close();
  time.advance(60_000);
  setHidden(true);
  end(host);
  expect(document.title).toBe(TITLE);
});

test("a board is marked once, when the last of its takes has ended", () => {
  const board = (version: number, rows = [rowOf(), rowOf()]) => ({
    version,
    sent_at_ms: START_MS,
    notice: null,
    estimates: [],
    rows,
  });
  const host = new FakeHost<BoardSnapshot, BoardRequest, BoardAnswer>(board(1), time, (fake) =>
    createBoard(fake, document),
  );
  host.display();
  setHidden(true);
  host.set(board(2, [readyRow(), rowOf()]));
  expect(document.title).toBe(TITLE);
  host.set(board(3, [readyRow(), rowOf({ status: "failed" })]));
  expect(document.title).toBe(`✗ ${TITLE}`);
  host.destroy();
  expect(document.title).toBe(TITLE);
});

test("in a frame, whose title nobody sees, nothing is marked", () => {
  expect(window.top).not.toBe(window);
  const host = running((fake) => createWidget(fake));
  setHidden(true);
  end(host);
  expect(document.title).toBe(TITLE);
});

test("no listener stays when the widget goes", () => {
  const listeners = trackListeners();
  try {
    const host = running();
    setHidden(true);
    end(host);
    host.destroy();
    expect(listeners.left().filter((name) => name.includes("visibilitychange"))).toEqual([]);
  } finally {
    listeners.restore();
  }
});

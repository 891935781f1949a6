/** The card of an operation that runs, on a page of its own. */
import { vi } from "vitest";
import { FakeHost } from "./fake_host";
import { FakeTime } from "./fake_time";
import { START_MS, snapshotOf } from "./snapshots";

/** Of the test that runs. */
export let time: FakeTime;
export let host: FakeHost;
export let el: HTMLElement;

export function openCard(): void {
  time = new FakeTime(START_MS);
  host = new FakeHost(snapshotOf(), time);
  el = host.display();
}

export function closeCard(): void {
  vi.restoreAllMocks();
  host.destroy();
  document.body.replaceChildren();
}

/** A board on a page, what is seen of it, and what a test waits for there. */
import { expect, vi } from "vitest";
import { FakeBoard, rowOf } from "./fake_board";
import { FakeTime } from "./fake_time";
import { START_MS } from "./snapshots";

/** Of the test that runs. */
export let time: FakeTime;
export let host: FakeBoard;

export function openTime(): void {
  time = new FakeTime(START_MS);
}

export function closeBoard(): void {
  host.destroy();
  document.body.replaceChildren();
}

export function show(rows = [rowOf()]): HTMLElement {
  host = new FakeBoard(rows, time);
  return host.display();
}

export const take = (number: number, changes = {}) => rowOf({ label: `take ${number}`, ...changes });
export const takes = (count: number) => Array.from({ length: count }, (_, index) => take(index));
export const tiles = (el: Element) => [...el.querySelectorAll<HTMLElement>(".rushes-tile")];
export const names = (el: Element) =>
  tiles(el)
    .filter((tile) => !tile.hidden)
    .map((tile) => tile.querySelector(".rushes-tile-name")?.textContent);
export const opener = (el: Element, item: number) =>
  tiles(el)[item]?.querySelector("button") as HTMLButtonElement;
export const focused = () => document.activeElement?.querySelector(".rushes-tile-name")?.textContent;

/** A busy machine needs its time. */
export const eventually = <T>(check: () => T): Promise<T> => vi.waitFor(check, { timeout: 30_000 });

/** The page has drawn what is in view: what is skipped by then has no text for a reader. */
export async function drawn(): Promise<void> {
  for (let frame = 0; frame < 3; frame++) await new Promise(requestAnimationFrame);
}

/** The page has looked at what is in view, and told the kernel. */
export async function looked(): Promise<void> {
  await eventually(() => {
    time.advance(200);
    expect(host.sentOf("wanted").length).toBeGreaterThan(0);
  });
}

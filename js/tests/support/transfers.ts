/** A transfer of ten bytes in three chunks, what it asked for, and what a test sends it. */
import { onTestFinished } from "vitest";
import type { Request } from "../../src/model";
import { Transfer } from "../../src/transfer";
import { FakeTime } from "./fake_time";
import { until } from "./page";

export const file = Uint8Array.from({ length: 10 }, (_, index) => index);
export const chunk = (index: number) => file.slice(index * 4, index * 4 + 4);

/** Of the test that runs. */
export let time: FakeTime;
export let sent: Request[];
export let controller: AbortController;
export let transfer: Transfer;
export let changes: number;
let wanted: boolean;

export function begin(): void {
  time = new FakeTime();
  sent = [];
  changes = 0;
  wanted = true;
  controller = new AbortController();
  transfer = new Transfer({
    index: 0,
    send: (request) => sent.push(request),
    changed: () => {
      changes += 1;
    },
    wanted: () => wanted,
    time,
    signal: controller.signal,
  });
  onTestFinished(() => controller.abort());
}

/** Whether somebody sees the file. */
export function want(whether: boolean): void {
  wanted = whether;
}

export const pulls = () => sent.filter((request) => request.type === "pull");
export const acks = () => sent.filter((request) => request.type === "received").map(({ index }) => index);
export const push = (...indexes: number[]) => {
  for (const index of indexes) transfer.receive(one(1, index), chunk(index));
};
export const one = (generation: number, index: number) => ({
  generation,
  index,
  count: 1,
  chunk_bytes: 4,
  acknowledge: false,
  pulled: false,
});
export const bytesAt = async (url: string | null) =>
  new Uint8Array(await (await fetch(url ?? "")).arrayBuffer());
export const arrival = () => until(() => transfer.url);

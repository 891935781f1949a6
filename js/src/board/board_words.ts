/** The words of the board beside those of a card. */
import type { Status } from "../model";
import { words } from "../words";
import type { Row } from "./board_model";
import type { Filter } from "./choices";

const states: Record<Status, string> = {
  idle: "Not started",
  running: "Generating",
  downloading: "Downloading",
  succeeded: "Ready",
  filtered: "Withheld",
  empty: "No video",
  failed: "Failed",
  stopped: "Stopped",
  timed_out: "Timed out",
};

export const boardWords = {
  board: (count: number): string => `Board of ${count} video operations`,
  connecting: words.connecting,
  silent: words.silent,
  finished: (ended: number, count: number): string =>
    ended === count ? (count === 1 ? "Finished" : `All ${count} finished`) : `${ended} of ${count} finished`,
  counted: (ready: number, others: number): string => {
    const told = [ready > 0 ? `${ready} ready` : "", others > 0 ? `${others} without a video` : ""];
    return told.filter(Boolean).join(", ");
  },

  filters: "Show",
  filter: (filter: Filter): string =>
    filter === "all" ? "All" : filter === "starred" ? "Starred" : states[filter],
  none: "None of the operations is like this now.",

  name: ({ label, operation_id }: Row): string => label ?? operation_id,
  state({ status, retrying, error, ready, withheld }: Row): string {
    if (retrying) return "Reconnecting";
    if (status === "failed" && error) return error;
    const many = status === "succeeded" && ready > 1 ? `${ready} ready` : states[status];
    return status === "succeeded" && withheld > 0 ? `${many}, ${withheld} withheld` : many;
  },
  progress: "Progress",

  star: (name: string): string => `Star ${name}`,
  compare: (name: string): string => `Open ${name} beside the other`,
  compareHint: "Open beside the other (C)",
  starHint: "Star (S)",
  close: "Close",
  closeName: (name: string): string => `Close ${name}`,
  opened: "Opened",
  keys: "Arrows move · Enter opens · C opens a second one beside it · S stars · Esc closes",
};

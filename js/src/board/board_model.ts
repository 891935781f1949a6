/**
 * The contract between the kernel and a page that shows a board: one JSON trait, and the messages in both directions.
 * The kernel's `board_snapshot.py` and `board_messages.py` declare the same fields in the same order; a test compares
 * them.
 */
import type { Estimate, Reply, Request, Status } from "../model";

/** The whole board. Replaced whole; a page ignores one with an older `version`. */
export interface BoardSnapshot {
  version: number;
  sent_at_ms: number;
  notice: string | null;
  estimates: Estimate[];
  rows: Row[];
}

/** One operation. `estimate` is an index into `estimates`. Times in epoch milliseconds of the kernel's clock, bytes of all its videos. */
export interface Row {
  label: string | null;
  model_name: string;
  operation_id: string;
  provider: string;
  status: Status;
  started_at_ms: number | null;
  total_ms: number | null;
  estimate: number | null;
  bytes_done: number;
  bytes_total: number;
  ready: number;
  withheld: number;
  retrying: boolean;
  error: string | null;
  starred: boolean;
  pictured: boolean;
}

/** Page to kernel. `item` is the 0-based index into `rows`. */
export type BoardRequest =
  | { type: "item"; item: number; message: Request }
  | { type: "star"; id: number; item: number; starred: boolean }
  | { type: "sync" }
  | { type: "wanted"; items: number[]; page: number }
  | { type: "pictures"; items: number[] }
  | { type: "busy" };

/** Kernel to page. A "picture" carries one buffer, an "item" that of its message. */
export type BoardAnswer =
  | { type: "ack"; id: number }
  | { type: "board"; board: BoardSnapshot }
  | { type: "picture"; item: number }
  | { type: "item"; item: number; message: Reply };

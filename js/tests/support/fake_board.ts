import "../../src/board/board.css";
import type { BoardAnswer, BoardRequest, BoardSnapshot, Row } from "../../src/board/board_model";
import { createBoard } from "../../src/board/board_widget";
import type { Estimate, Reply, Request, Snapshot } from "../../src/model";
import { CHUNK_BYTES, chunkReply, clip, clipSample } from "./clip";
import { FakeHost } from "./fake_host";
import type { FakeTime } from "./fake_time";
import { endedOf, START_MS } from "./snapshots";

export function rowOf(changes: Partial<Row> = {}): Row {
  return {
    label: null,
    model_name: "veo-3.1-generate-preview",
    operation_id: "mg3pt9cbmvr1",
    provider: "GPTProto",
    status: "running",
    started_at_ms: START_MS,
    total_ms: null,
    estimate: null,
    bytes_done: 0,
    bytes_total: 0,
    ready: 0,
    withheld: 0,
    retrying: false,
    error: null,
    starred: false,
    pictured: false,
    ...changes,
  };
}

export const readyRow = (changes: Partial<Row> = {}): Row =>
  rowOf({ status: "succeeded", total_ms: 102_000, ready: 1, ...changes });

/** A notebook with one board. */
export class FakeBoard extends FakeHost<BoardSnapshot, BoardRequest, BoardAnswer> {
  rows: Row[];
  estimates: Estimate[] = [];
  #version = 1;

  constructor(rows: Row[] | undefined, time: FakeTime) {
    super(
      rows && { version: 1, sent_at_ms: time.now(), notice: null, estimates: [], rows },
      time,
      createBoard,
    );
    this.rows = rows ?? [];
  }

  /** The kernel says that an item has changed. */
  change(item: number, changes: Partial<Row>, notice: string | null = null): void {
    this.rows = this.rows.map((row, index) => (index === item ? { ...row, ...changes } : row));
    this.#version += 1;
    const { estimates } = this;
    this.set({ version: this.#version, sent_at_ms: this.time.now(), notice, estimates, rows: this.rows });
  }

  /** What the card of an item has asked. */
  asked<T extends Request["type"]>(item: number, type: T): Extract<Request, { type: T }>[] {
    return this.sentOf("item")
      .filter((request) => request.item === item)
      .map(({ message }) => message)
      .filter((message): message is Extract<Request, { type: T }> => message.type === type);
  }

  /** The kernel tells the card of an item something. */
  tell(item: number, message: Reply, ...buffers: unknown[]): void {
    this.receive({ type: "item", item, message }, ...buffers);
  }

  /** The kernel sends an item's state and its whole video. */
  sendVideo(item: number, changes: Partial<Snapshot> = {}): void {
    const snapshot = endedOf({ status: "succeeded", samples: [clipSample()], ...changes });
    this.tell(item, { type: "state", snapshot });
    for (let index = 0; index * CHUNK_BYTES < clip.length; index++) {
      const chunk = clip.slice(index * CHUNK_BYTES, (index + 1) * CHUNK_BYTES);
      this.tell(item, chunkReply(index), new DataView(chunk.buffer));
    }
  }
}

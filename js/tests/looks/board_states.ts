/** Every state that a board can be in, as `states.ts` has those of a card. */
import css from "../../src/board/board.css?inline";
import type { Row } from "../../src/board/board_model";
import { SYNC_INTERVAL_MS } from "../../src/session";
import { opener } from "../support/board_view";
import { FakeBoard, readyRow, rowOf } from "../support/fake_board";
import { FakeTime } from "../support/fake_time";
import { button, until } from "../support/page";
import { START_MS } from "../support/snapshots";
import { collect, type State } from "./gallery";

interface BoardState extends State<FakeBoard> {
  /** None before the kernel has said anything. */
  rows: Row[] | undefined;
}

const failed: Partial<Row> = {
  status: "failed",
  error: "The generation failed (code 13): Internal error.",
  total_ms: 61_000,
};

const mixed = [
  rowOf({ label: "Take 1, the red kite over the dunes at dusk, second try" }),
  readyRow({ label: "Take 2", ready: 2, withheld: 1, starred: true, pictured: true }),
  rowOf({ operation_id: "op3", status: "downloading", bytes_done: 30, bytes_total: 40 }),
  rowOf({ operation_id: "op4", ...failed }),
  rowOf({ label: "Take 5", retrying: true }),
  readyRow({ label: "Take 6", pictured: true }),
  rowOf({ operation_id: "op7", status: "filtered", total_ms: 61_000 }),
  rowOf({ operation_id: "op8", status: "empty", total_ms: 61_000 }),
  rowOf({ operation_id: "op9", status: "stopped" }),
  rowOf({ operation_id: "op10", status: "timed_out" }),
  rowOf({ operation_id: "op11", status: "idle", started_at_ms: null }),
];

const waiting = [1, 2, 3].map((take) => rowOf({ label: `Take ${take}` }));

const finished = [1, 2, 3].map((take) => readyRow({ label: `Take ${take}`, pictured: true }));

const picture = await pictureOf(480, 270);
const uprightPicture = await pictureOf(270, 480);

async function pictureOf(width: number, height: number): Promise<ArrayBuffer> {
  const canvas = new OffscreenCanvas(width, height);
  const pen = canvas.getContext("2d") as OffscreenCanvasRenderingContext2D;
  pen.fillStyle = "#20304e";
  pen.fillRect(0, 0, width, height);
  pen.fillStyle = "#d99c56";
  pen.fillRect(0, 0.6 * height, width, 0.4 * height);
  return (await canvas.convertToBlob({ type: "image/jpeg" })).arrayBuffer();
}

/** The kernel sends the pictures that it has. */
function sendPictures(host: FakeBoard): void {
  for (const [item, { pictured }] of host.rows.entries()) {
    if (pictured) host.receive({ type: "picture", item }, item === 1 ? uprightPicture : picture);
  }
}

/** Opens a take by this button, and stops its video as soon as it has begun. */
async function open(host: FakeBoard, el: HTMLElement, item: number, by: HTMLButtonElement): Promise<void> {
  const videos = () => [...el.querySelectorAll("video")];
  const before = videos().length;
  by.click();
  host.sendVideo(item, { label: `Take ${item + 1}`, operation_id: `op${item + 1}` });
  await until(() => videos().length > before && videos().every(({ currentTime }) => currentTime > 0));
  for (const video of videos()) video.pause();
}

const states: Record<string, BoardState> = {
  "board, connecting": { rows: undefined },
  "board, waiting": {
    rows: waiting,
    after(host) {
      host.estimates = [
        {
          done_percent: null,
          steps: [
            { age_ms: 0, done_percent: 0, low_ms: 40_000, high_ms: 100_000 },
            { age_ms: 80_000, done_percent: 90, low_ms: 10_000, high_ms: 30_000 },
          ],
        },
      ];
      for (const item of [0, 1]) host.change(item, { estimate: 0 });
    },
  },
  "board, every status": { rows: mixed, after: sendPictures },
  "board, filtered": {
    rows: mixed,
    after(host, el) {
      sendPictures(host);
      button(el, "Ready 2").click();
    },
  },
  "board, none left of the chosen status": {
    rows: waiting,
    after(host, el) {
      button(el, "Generating 3").click();
      for (const item of [0, 1, 2]) host.change(item, failed);
    },
  },
  "board, kernel silent": {
    rows: waiting,
    after(host) {
      host.change(0, {}, "The star could not be written down: another kernel has been writing for too long.");
      // Told anew by then, in view or not.
      host.time.advance(8 * SYNC_INTERVAL_MS);
    },
  },
  "board, one opened": {
    rows: finished,
    async after(host, el) {
      sendPictures(host);
      await open(host, el, 0, opener(el, 0));
    },
  },
  "board, two opened": {
    rows: finished,
    async after(host, el) {
      sendPictures(host);
      await open(host, el, 0, opener(el, 0));
      await open(host, el, 2, button(el, "Open Take 3 beside the other"));
    },
  },
};

/** At 0:42 of its operations. */
export const boards = collect<FakeBoard, BoardState>(
  "board",
  css,
  states,
  ({ rows }) => new FakeBoard(rows, new FakeTime(START_MS + 42_000)),
);

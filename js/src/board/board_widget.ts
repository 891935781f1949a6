import type { AnyModel, InitializeProps, RenderProps } from "@anywidget/types";
import { titledDocument, titleMark } from "../page_title";
import { browserTime, type Time } from "../time";
import { Views } from "../views";
import { mountBoard } from "./board";
import type { Row } from "./board_model";
import { BoardSession, type BoardTraits } from "./board_session";

/** The widget definition of one board, as `createWidget` is that of one card. */
export function createBoard(time: Time = browserTime, titled = titledDocument()) {
  let views: Views | null = null;

  const open = (model: AnyModel<BoardTraits>, signal: AbortSignal): Views => {
    const mark = titleMark(titled, signal);
    const statusesOf = (rows: readonly Row[]) => rows.map(({ status }) => status);
    const session = new BoardSession(model, signal, time, (rows, shown) => mark(statusesOf(rows), shown));
    const opened = new Views(session, (el, viewSignal) => mountBoard(el, session, viewSignal));
    views = opened;
    return opened;
  };

  return {
    initialize({ model, signal }: InitializeProps<BoardTraits>): void {
      open(model, signal);
    },
    render({ model, el, signal }: RenderProps<BoardTraits>): void {
      (views ?? open(model, signal)).render(el, signal);
    },
  };
}

import type { AnyModel, InitializeProps, RenderProps } from "@anywidget/types";
import { browserTime, type Time } from "../time";
import { Views } from "../views";
import { mountBoard } from "./board";
import { BoardSession, type BoardTraits } from "./board_session";

/** The widget definition of one board, as `createWidget` is that of one card. */
export function createBoard(time: Time = browserTime) {
  let views: Views | null = null;

  const open = (model: AnyModel<BoardTraits>, signal: AbortSignal): Views => {
    const session = new BoardSession(model, signal, time);
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

import { element, setAttribute, setShown } from "../dom";
import { boardWords } from "../words";
import type { BoardSession } from "./board_session";
import { filters } from "./filters";
import { grid } from "./grid";
import { summary } from "./summary";
import { viewer } from "./viewer";

/** One view: the whole board in `el`, brought up to date with the session until the signal aborts. */
export function mountBoard(el: HTMLElement, session: BoardSession, signal: AbortSignal): void {
  const theSummary = summary(session);
  const theFilters = filters(session, signal);
  const theGrid = grid(session, el.ownerDocument, signal);
  const theViewer = viewer(session, signal, (item) => theGrid.focus(item));
  const parts = [theSummary, theFilters, theViewer, theGrid];
  const board = element("section", { class: "rushes rushes-board" }, ...parts.map(({ node }) => node));
  const connecting = element("p", { class: "rushes rushes-board rushes-quiet" }, boardWords.connecting);

  // In the grid, Escape closes what was opened last.
  theGrid.node.addEventListener(
    "keydown",
    (event) => {
      const last = session.choices.opened.at(-1);
      if (event.key !== "Escape" || last === undefined) return;
      event.preventDefault();
      event.stopPropagation();
      session.choices.close(last);
    },
    { signal },
  );

  const update = () => {
    const { snapshot } = session;
    setShown(board, snapshot !== null);
    setShown(connecting, snapshot === null);
    if (!snapshot) return;
    setAttribute(board, "aria-label", boardWords.board(snapshot.rows.length));
    for (const part of parts) part.update();
  };

  session.subscribe(update, signal);
  signal.addEventListener("abort", () => el.replaceChildren(), { once: true });
  el.replaceChildren(connecting, board);
  update();
}

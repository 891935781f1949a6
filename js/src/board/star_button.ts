import { element, setAttribute } from "../dom";
import { boardWords } from "../words";
import { boardIcon } from "./board_icons";
import type { BoardSession } from "./board_session";

/** A star that can be set and taken away. */
export function starButton(session: BoardSession, item: number, signal: AbortSignal) {
  const node = element("button", {
    type: "button",
    class: "rushes-tool rushes-star",
    title: boardWords.starHint,
  });
  node.append(boardIcon("star"));
  node.addEventListener("click", () => session.toggleStar(item), { signal });
  return {
    node,
    update(name: string) {
      setAttribute(node, "aria-label", boardWords.star(name));
      setAttribute(node, "aria-pressed", String(session.isStarred(item)));
    },
  };
}

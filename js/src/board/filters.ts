import { element, setAttribute, setShown, setText } from "../dom";
import type { Status } from "../model";
import { boardWords } from "../words";
import type { BoardSession } from "./board_session";
import type { Filter } from "./choices";

const FILTERS: readonly Filter[] = [
  "all",
  "idle",
  "running",
  "downloading",
  "succeeded",
  "filtered",
  "empty",
  "failed",
  "stopped",
  "timed_out",
  "starred",
] satisfies (Status | "all" | "starred")[];

/** How many there are of each kind; a press shows those alone. */
export function filters(session: BoardSession, signal: AbortSignal) {
  const { choices } = session;
  const node = element("div", {
    class: "rushes-filters",
    role: "group",
    "aria-label": boardWords.filters,
    "data-lm-suppress-shortcuts": "true",
  });
  const chips = FILTERS.map((filter) => {
    const count = element("span", { class: "rushes-chip-count" });
    const chip = element("button", { type: "button", class: "rushes-chip" });
    chip.append(boardWords.filter(filter), " ", count);
    chip.addEventListener("click", () => choices.choose(filter), { signal });
    return { filter, chip, count };
  });
  node.append(...chips.map(({ chip }) => chip));

  return {
    node,
    update() {
      for (const { filter, chip, count } of chips) {
        const many = session.rows.filter((row, item) =>
          filter === "all" ? true : filter === "starred" ? session.isStarred(item) : row.status === filter,
        ).length;
        setText(count, String(many));
        setAttribute(chip, "aria-pressed", String(choices.filter === filter));
        // The one that is chosen stays, or nobody could tell why the grid is empty.
        setShown(chip, many > 0 || filter === "all" || choices.filter === filter);
      }
    },
  };
}

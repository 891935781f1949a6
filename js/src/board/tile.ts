import { element, setAttribute, setOptionalText, setShown, setText } from "../dom";
import { readEstimate } from "../estimate";
import { icon, statusIcon } from "../icons";
import type { Status } from "../model";
import { isTerminal } from "../session";
import { boardWords, words } from "../words";
import { boardIcon } from "./board_icons";
import type { Row } from "./board_model";
import type { BoardSession } from "./board_session";
import { starButton } from "./star_button";

/** One card of the grid: a picture, never a video. */
export interface Tile {
  readonly node: HTMLElement;
  /** Opens it; the stop of the Tab key that stands for the whole grid when it is the active one. */
  readonly open: HTMLButtonElement;
  update(): void;
  /** Only what changes as time goes by. */
  tick(): void;
  setActive(active: boolean): void;
}

export function tile(session: BoardSession, item: number, signal: AbortSignal): Tile {
  const image = element("img", { alt: "", decoding: "async", draggable: "false" });
  const elapsed = element("span", { class: "rushes-tile-elapsed" });
  const left = element("span", { class: "rushes-tile-left" });
  const bar = element("progress", { class: "rushes-progress", "aria-hidden": "true" });
  const outcome = element("span", { class: "rushes-tile-mark" });
  const picture = element(
    "span",
    { class: "rushes-tile-picture" },
    outcome,
    image,
    element("span", { class: "rushes-tile-time" }, elapsed, left),
    bar,
  );
  const name = element("span", { class: "rushes-tile-name" });
  const mark = element("span", { class: "rushes-mark" });
  const state = element("span", { class: "rushes-tile-state" });
  const total = element("span", { class: "rushes-tile-total" });
  const open = element(
    "button",
    { type: "button", class: "rushes-tile-open", "aria-keyshortcuts": "s c" },
    name,
    element("span", { class: "rushes-tile-line" }, mark, state, total),
    picture,
  );
  const star = starButton(session, item, signal);
  const beside = element("button", {
    type: "button",
    class: "rushes-tool rushes-beside",
    title: boardWords.compareHint,
  });
  beside.append(boardIcon("beside"));
  const tools = element("span", { class: "rushes-tools" }, beside, star.node);
  const node = element("li", { class: "rushes-tile" }, open, tools);
  let shown: Row | null = null;
  let marked: Status | null = null;

  open.addEventListener("click", () => session.choices.open(item), { signal });
  beside.addEventListener("click", () => session.choices.compare(item), { signal });

  const tick = () => {
    const row = session.rows[item];
    if (!row) return;
    const { started_at_ms: started, total_ms: totalMs } = row;
    const running = !isTerminal(row.status);
    const sinceMs = started === null ? 0 : session.time.now() - session.skew.ms - started;
    const estimate = row.estimate === null ? undefined : session.snapshot?.estimates[row.estimate];
    const reading = running && estimate ? readEstimate(estimate, Math.max(0, sinceMs), row.provider) : null;
    setOptionalText(left, reading?.text);
    setOptionalText(elapsed, running && started !== null ? words.elapsed(Math.max(0, sinceMs)) : null);
    showProgress(bar, row, reading?.fraction ?? null);
    setOptionalText(total, !running && totalMs !== null ? words.elapsed(totalMs) : null);
  };

  return {
    node,
    open,
    tick,
    update() {
      const row = session.rows[item];
      if (!row) return;
      const url = session.pictures.url(item);
      if (url && image.getAttribute("src") !== url) image.src = url;
      setShown(image, url !== null);
      setShown(outcome, url === null && isTerminal(row.status));
      const isOpened = session.choices.opened.includes(item);
      setAttribute(open, "aria-expanded", String(isOpened));
      setShown(beside, session.choices.opened.length > 0 && !isOpened);
      star.update(boardWords.name(row));
      tick();
      if (row === shown) return;
      shown = row;
      setAttribute(node, "data-status", row.status);
      if (marked !== row.status) {
        mark.replaceChildren(icon(statusIcon[row.status]));
        outcome.replaceChildren(icon(statusIcon[row.status]));
      }
      marked = row.status;
      setText(name, boardWords.name(row));
      setAttribute(name, "title", boardWords.name(row));
      setText(state, boardWords.state(row));
      setAttribute(state, "title", row.error ?? "");
      setAttribute(beside, "aria-label", boardWords.compare(boardWords.name(row)));
    },
    setActive(active) {
      for (const button of [open, beside, star.node]) setAttribute(button, "tabindex", active ? "0" : "-1");
    },
  };
}

/** How far the download is, else how far the generation usually is by now. */
function showProgress(bar: HTMLProgressElement, row: Row, expected: number | null): void {
  const loaded = row.bytes_total > 0 ? row.bytes_done / row.bytes_total : null;
  const fraction = row.status === "downloading" ? loaded : expected;
  setShown(bar, row.status === "downloading" || expected !== null);
  if (fraction === null) bar.removeAttribute("value");
  else bar.value = fraction;
}

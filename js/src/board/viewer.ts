import { mountCard } from "../card";
import { element, setAttribute, setShown } from "../dom";
import { boardWords } from "../words";
import { boardIcon } from "./board_icons";
import type { BoardSession } from "./board_session";
import { starButton } from "./star_button";

interface Opened {
  readonly node: HTMLElement;
  readonly close: HTMLButtonElement;
  readonly lifetime: AbortController;
  update(): void;
}

export interface Viewer {
  readonly node: HTMLElement;
  update(): void;
}

/**
 * The opened takes, one or two side by side: each is the card that `watch` shows. `closed` is called with an item whose
 * card has gone, so that the focus can go back to where it came from.
 */
export function viewer(session: BoardSession, signal: AbortSignal, closed: (item: number) => void): Viewer {
  const node = element("div", { class: "rushes-viewer", role: "group", "aria-label": boardWords.opened });
  const shown = new Map<number, Opened>();
  const { choices } = session;

  const open = (item: number): Opened => {
    const lifetime = new AbortController();
    const until = AbortSignal.any([lifetime.signal, signal]);
    const star = starButton(session, item, until);
    const close = element("button", { type: "button", class: "rushes-tool", title: boardWords.close });
    close.append(boardIcon("close"));
    const place = element("div", {});
    const take = element(
      "div",
      { class: "rushes-viewer-take" },
      place,
      element("div", { class: "rushes-tools" }, star.node, close),
    );
    close.addEventListener("click", () => choices.close(item), { signal: until });
    take.addEventListener(
      "keydown",
      (event) => {
        if (event.key !== "Escape") return;
        event.preventDefault();
        event.stopPropagation();
        choices.close(item);
      },
      { signal: until },
    );
    playOnce(take, until, () => shown.size > 1);
    const kept = session.items.get(item);
    if (kept) mountCard(place, { session: kept.session, signal: until }, kept.players);
    return {
      node: take,
      close,
      lifetime,
      update() {
        const row = session.rows[item];
        if (!row) return;
        setAttribute(close, "aria-label", boardWords.closeName(boardWords.name(row)));
        star.update(boardWords.name(row));
      },
    };
  };

  return {
    node,
    update() {
      const { opened } = choices;
      for (const [item, { node: take, lifetime }] of [...shown]) {
        if (opened.includes(item)) continue;
        const focused = take.contains((node.getRootNode() as Document | ShadowRoot).activeElement);
        shown.delete(item);
        lifetime.abort();
        take.remove();
        if (focused) closed(item);
      }
      const before = shown.size;
      for (const item of opened) {
        if (shown.has(item)) continue;
        const added = open(item);
        shown.set(item, added);
        node.append(added.node);
      }
      for (const each of shown.values()) each.update();
      setShown(node, shown.size > 0);
      setAttribute(node, "data-count", String(shown.size));
      if (shown.size > before) node.scrollIntoView({ block: "nearest" });
    },
  };
}

/** Opening a take is asking to see it: its video starts by itself, once; silent where another one is open too. */
function playOnce(take: HTMLElement, signal: AbortSignal, inCompany: () => boolean): void {
  let started = false;
  take.addEventListener(
    "canplay",
    ({ target }) => {
      if (started || !(target instanceof HTMLVideoElement)) return;
      started = true;
      target.muted ||= inCompany();
      target.play().catch(() => {
        // Without a fresh click, browsers let a page start no sound.
        if (signal.aborted) return;
        target.muted = true;
        target.play().catch(() => {});
      });
    },
    { signal, capture: true },
  );
}

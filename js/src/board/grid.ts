import { element, setShown } from "../dom";
import { isTerminal } from "../session";
import { boardWords } from "../words";
import type { BoardSession } from "./board_session";
import { destination } from "./destination";
import { type Tile, tile } from "./tile";

export interface Grid {
  readonly node: HTMLElement;
  update(): void;
  /** Puts the keyboard's focus on a card. */
  focus(item: number): void;
}

/**
 * The cards, in the order of the call. One stop for the Tab key: arrows, Home and End move between the cards. Only what
 * is in view ticks, and asks for its picture.
 */
export function grid(session: BoardSession, page: Document, signal: AbortSignal): Grid {
  const list = element("ul", { class: "rushes-grid", "data-lm-suppress-shortcuts": "true" });
  const none = element("p", { class: "rushes-quiet" }, boardWords.none);
  const keys = element("p", { class: "rushes-quiet rushes-keys" }, boardWords.keys);
  const node = element("div", { class: "rushes-grid-frame" }, list, none, keys);
  const { choices } = session;
  const tiles: Tile[] = [];
  const indexOf = new Map<Element, number>();
  const inView = new Set<number>();
  let cancelTick = () => {};

  const observer = new IntersectionObserver((entries) => {
    for (const { target, isIntersecting } of entries) {
      const index = indexOf.get(target) ?? -1;
      if (isIntersecting) inView.add(index);
      else inView.delete(index);
    }
    session.look(node, new Set(inView), signal);
    tick();
  });
  signal.addEventListener("abort", () => observer.disconnect(), { once: true });

  const tick = () => {
    cancelTick();
    if (page.hidden || signal.aborted) return;
    let running = false;
    for (const index of inView) {
      const row = session.rows[index];
      if (!row || isTerminal(row.status)) continue;
      tiles[index]?.tick();
      running = true;
    }
    if (running) cancelTick = session.time.after(1000, tick, signal);
  };
  page.addEventListener("visibilitychange", tick, { signal });

  const shown = (): number[] => tiles.flatMap(({ node: { hidden } }, index) => (hidden ? [] : [index]));

  const activate = (item: number) => {
    tiles[choices.active]?.setActive(false);
    choices.active = item;
    tiles[item]?.setActive(true);
  };

  const focus = (item: number) => {
    activate(item);
    tiles[item]?.open.focus();
  };

  list.addEventListener(
    "focusin",
    ({ target }) => {
      session.busy();
      const index = tiles.findIndex((each) => each.node.contains(target as Node));
      if (index >= 0) activate(index);
    },
    { signal },
  );
  list.addEventListener(
    "keydown",
    (event) => {
      if (event.altKey || event.ctrlKey || event.metaKey) return;
      const { active } = choices;
      const key = event.key.toLowerCase();
      if (key === "s") session.toggleStar(active);
      else if (key === "c") choices.compare(active);
      else {
        const others = shown().map((index) => tiles[index]?.node as HTMLElement);
        const from = tiles[active]?.node;
        const to = from ? destination(event.key, from, others) : null;
        if (!to) return;
        focus(indexOf.get(to) ?? active);
      }
      event.preventDefault();
      event.stopPropagation();
      session.busy();
    },
    { signal },
  );
  list.addEventListener(
    "scroll",
    () => {
      choices.scrollTop = list.scrollTop;
      session.busy();
    },
    { signal, passive: true },
  );

  const fill = () => {
    for (let item = tiles.length; item < session.rows.length; item++) {
      const added = tile(session, item, signal);
      added.setActive(item === choices.active);
      tiles.push(added);
      indexOf.set(added.node, item);
      list.append(added.node);
      observer.observe(added.node);
    }
  };

  let filter = choices.filter;
  let restored = false;
  return {
    node,
    focus,
    update() {
      fill();
      for (const [index, each] of tiles.entries()) {
        const row = session.rows[index];
        if (!row) continue;
        setShown(each.node, choices.passes(row, session.isStarred(index)));
        each.update();
      }
      const visible = shown();
      if (tiles[choices.active]?.node.hidden && visible[0] !== undefined) activate(visible[0]);
      setShown(none, visible.length === 0 && tiles.length > 0);
      if (filter !== choices.filter) list.scrollTop = 0;
      filter = choices.filter;
      // Once: reading or writing it has the page lay everything out.
      if (!restored && tiles.length > 0) {
        restored = true;
        if (choices.scrollTop > 0) list.scrollTop = choices.scrollTop;
      }
      tick();
    },
  };
}

import { element, setAttribute, setShown } from "./dom";
import { icon } from "./icons";
import type { Command } from "./player_keys";
import { words } from "./words";

let lastId = 0;

/** A button, and the panel with the keys of the player that it opens and closes. */
export interface PlayerHelp {
  readonly button: HTMLButtonElement;
  readonly panel: HTMLElement;
  toggle(): void;
}

/** Escape inside of `place` closes it as well. */
export function playerHelp(
  place: HTMLElement,
  commands: readonly Command[],
  key: string,
  signal: AbortSignal,
): PlayerHelp {
  const id = `rushes-keys-${++lastId}`;
  const button = element("button", {
    type: "button",
    class: "rushes-control",
    "aria-label": words.keys,
    "aria-controls": id,
    "aria-expanded": "false",
    "aria-keyshortcuts": key,
    title: words.withKey(words.keys, key),
  });
  button.append(icon("keys"));
  const list = element("ul", { class: "rushes-key-list" });
  for (const command of commands) {
    list.append(element("li", {}, element("kbd", {}, command.key.toUpperCase()), ` ${command.name}`));
  }
  const panel = element(
    "div",
    { class: "rushes-keys-panel", id, role: "group", "aria-label": words.keys, hidden: "" },
    list,
    element("p", { class: "rushes-quiet" }, words.keysWhere),
  );

  const toggle = () => {
    setShown(panel, panel.hidden);
    setAttribute(button, "aria-expanded", String(!panel.hidden));
  };
  button.addEventListener("click", toggle, { signal });
  place.addEventListener(
    "keydown",
    (event) => {
      if (event.key !== "Escape" || panel.hidden) return;
      event.preventDefault();
      event.stopPropagation();
      toggle();
    },
    { signal },
  );
  return { button, panel, toggle };
}

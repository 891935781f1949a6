/** Something that the player does at the press of a key, as `KeyboardEvent.key` names it in lower case. */
export interface Command {
  readonly key: string;
  /** In words, for the panel that shows the keys. */
  readonly name: string;
  /** Whether it goes on while the key is held. */
  readonly repeats?: boolean;
  readonly run: () => void;
}

const SUPPRESS = "data-lm-suppress-shortcuts";

/**
 * The keys of the player, while the focus is inside `node` and `active` holds. All plain keys are the player's then, for
 * one that missed could delete a cell; those with Ctrl, Cmd or Alt, and all keys elsewhere, are the notebook's.
 */
export function playerKeys(
  node: HTMLElement,
  commands: () => readonly Command[],
  active: () => boolean,
  signal: AbortSignal,
): void {
  // JupyterLab may hear a key before any element does, and leaves alone what comes from below this attribute.
  window.addEventListener(
    "keydown",
    (event) => node.toggleAttribute(SUPPRESS, active() && !isTheNotebooks(event)),
    { signal, capture: true },
  );
  // Others hear it behind the element.
  node.addEventListener(
    "keydown",
    (event) => {
      if (!active() || isTheNotebooks(event) || event.key === "Tab" || event.key === "Escape") return;
      event.stopPropagation();
      const command = commands().find(({ key }) => key === event.key.toLowerCase());
      if (!command) return;
      event.preventDefault();
      if (!event.repeat || command.repeats) command.run();
    },
    { signal },
  );
}

const isTheNotebooks = ({ altKey, ctrlKey, metaKey }: KeyboardEvent): boolean => altKey || ctrlKey || metaKey;

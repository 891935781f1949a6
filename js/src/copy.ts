import { element, setAttribute } from "./dom";
import { icon } from "./icons";
import type { CardContext } from "./part";
import { words } from "./words";

export const SHOWN_FOR_MS = 2000;

/** A small button that copies the text of `source`, or selects it where the page may not write the clipboard. */
export function copyButton(source: HTMLElement, { session, signal }: CardContext): HTMLButtonElement {
  const button = element("button", { type: "button", class: "rushes-copy" }, icon("copy"));
  let forget = () => {};

  const say = (text: string, done: boolean) => {
    button.replaceChildren(icon(done ? "check" : "copy"));
    setAttribute(button, "aria-label", text);
    setAttribute(button, "title", text);
  };
  say(words.copy, false);

  button.addEventListener(
    "click",
    async () => {
      const copied = await writeClipboard(source.textContent ?? "");
      if (signal.aborted) return;
      if (!copied) select(source);
      say(copied ? words.copied : words.selected, copied);
      forget();
      forget = session.time.after(SHOWN_FOR_MS, () => say(words.copy, false), signal);
    },
    { signal },
  );
  return button;
}

/** The clipboard exists in secure contexts only, and frames need permission. */
export async function writeClipboard(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false;
  }
}

export function select(node: HTMLElement): void {
  getSelection()?.selectAllChildren(node);
}

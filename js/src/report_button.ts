import { SHOWN_FOR_MS, select, writeClipboard } from "./copy";
import { element, setAttribute, setShown, setText } from "./dom";
import type { CardContext } from "./part";
import { textBox } from "./text_box";
import { words } from "./words";

/**
 * Asks the kernel for the report and copies it. Where the page may not write the clipboard, the report stands below the
 * button, selected.
 */
export function reportButton({ session, signal }: CardContext): HTMLElement {
  const button = element("button", { type: "button", class: "rushes-button", title: words.copyReportHint });
  const text = textBox(words.report);
  const node = element("div", { class: "rushes-report" }, button, text);
  let busy = false;
  let forget = () => {};

  const say = (words: string) => {
    setText(button, words);
    setAttribute(button, "aria-disabled", String(busy));
  };
  const copy = async () => {
    busy = true;
    say(words.fetchingReport);
    const { report } = await session.details.next(signal);
    const copied = await writeClipboard(report);
    if (signal.aborted) return;
    setShown(text, !copied);
    if (!copied) {
      setText(text, report);
      select(text);
    }
    busy = false;
    say(copied ? words.copied : words.selected);
    forget();
    forget = session.time.after(SHOWN_FOR_MS, () => say(words.copyReport), signal);
  };
  session.subscribe(() => {
    if (busy && session.details.waiting) say(words.stalled);
  }, signal);
  setShown(text, false);
  say(words.copyReport);
  button.addEventListener("click", () => void (busy || copy()), { signal });
  return node;
}

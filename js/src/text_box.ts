import { element } from "./dom";

/** A long text of a machine's. It scrolls, so the keyboard has to reach it. */
export function textBox(label: string): HTMLPreElement {
  return element("pre", { class: "rushes-text", dir: "ltr", ...scrolling(label) });
}

/** What makes an element that scrolls one that the keyboard and a screen reader find. */
export const scrolling = (label: string) => ({ role: "region", tabindex: "0", "aria-label": label });

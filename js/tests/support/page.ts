/** What a reader of the card sees: elements by role and name, and the text that is not hidden. */
import { vi } from "vitest";

/** Whether it is drawn: a place that is only kept is not. */
export const isVisible = (node: Element): boolean => node.checkVisibility({ visibilityProperty: true });

/** Waits as long as a busy machine may take. */
export const until = <T>(condition: () => T) => vi.waitUntil(condition, { timeout: 30_000 });

export function shownText(el: Element): string {
  return (el as HTMLElement).innerText.replace(/\s+/g, " ").trim();
}

export function find<T extends HTMLElement = HTMLElement>(el: Element, selector: string): T {
  const found = [...el.querySelectorAll<T>(selector)].filter(isVisible);
  const [first] = found;
  if (!first || found.length > 1) throw new Error(`${found.length} visible elements match ${selector}`);
  return first;
}

export function isShown(el: Element, selector: string): boolean {
  return [...el.querySelectorAll(selector)].some(isVisible);
}

export function button(el: Element, name: string): HTMLButtonElement {
  const found = [...el.querySelectorAll("button")].find(
    (node) => isVisible(node) && (node.getAttribute("aria-label") ?? node.textContent) === name,
  );
  if (!found) throw new Error(`no visible button "${name}"`);
  return found;
}

export function buttonNames(el: Element): string[] {
  return [...el.querySelectorAll("button, a")]
    .filter(isVisible)
    .map((node) => node.getAttribute("aria-label") ?? node.textContent ?? "");
}

/** Small helpers that write to the page only where something changed, so that selections and focus stay. */

type Attributes = Record<string, string>;

/** An element with attributes and children. Strings become text, never markup. */
export function element<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: (Node | string)[]
): HTMLElementTagNameMap[K] {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  node.append(...children);
  return node;
}

export function setText(node: Node, text: string): void {
  if (node.textContent !== text) node.textContent = text;
}

/** Shows the text, or hides the element while there is none. */
export function setOptionalText(node: HTMLElement, text: string | null | undefined): void {
  setText(node, text ?? "");
  setShown(node, Boolean(text));
}

export function setShown(node: HTMLElement, shown: boolean): void {
  if (node.hidden === shown) node.hidden = !shown;
}

export function setAttribute(node: Element, name: string, value: string): void {
  if (node.getAttribute(name) !== value) node.setAttribute(name, value);
}

/** The same items as a list; rebuilt only when they differ. */
export function setItems(list: HTMLElement, items: readonly string[]): void {
  const shown = Array.from(list.children, (child) => child.textContent);
  if (shown.length !== items.length || items.some((item, index) => item !== shown[index])) {
    list.replaceChildren(...items.map((item) => element("li", {}, item)));
  }
  setShown(list, items.length > 0);
}

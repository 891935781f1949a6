import { element, setAttribute, setShown } from "./dom";
import { words } from "./words";

let lastId = 0;

export interface Tabs {
  readonly node: HTMLElement;
  readonly selected: number;
  update(count: number): void;
}

/**
 * One tab for each sample, one stop for the Tab key: arrows, Home and End move between them and select at once.
 * There is one panel; what it shows follows the selection, which begins with `first`.
 */
export function sampleTabs(
  panel: HTMLElement,
  first: number,
  selectionChanged: () => void,
  signal: AbortSignal,
): Tabs {
  const prefix = `rushes-${++lastId}`;
  const node = element("div", {
    class: "rushes-tabs",
    role: "tablist",
    "aria-label": words.samples,
  });
  let selected = first;

  const mark = () => {
    for (const [index, tab] of Array.from(node.children).entries()) {
      setAttribute(tab, "aria-selected", String(index === selected));
      setAttribute(tab, "tabindex", index === selected ? "0" : "-1");
    }
    if (node.hidden) {
      for (const name of ["role", "aria-labelledby", "id"]) panel.removeAttribute(name);
      return;
    }
    setAttribute(panel, "role", "tabpanel");
    setAttribute(panel, "id", `${prefix}-panel`);
    setAttribute(panel, "aria-labelledby", `${prefix}-${selected}`);
  };

  const select = (index: number) => {
    if (index === selected) return;
    selected = index;
    mark();
    selectionChanged();
  };

  node.addEventListener(
    "click",
    (event) => {
      const index = Array.from(node.children).findIndex((tab) => tab.contains(event.target as Node));
      if (index >= 0) select(index);
    },
    { signal },
  );
  node.addEventListener(
    "keydown",
    (event) => {
      const target = destination(event.key, selected, node.children.length, isRightToLeft(node));
      if (target === null) return;
      event.preventDefault();
      event.stopPropagation();
      select(target);
      (node.children[target] as HTMLElement).focus();
    },
    { signal },
  );

  return {
    node,
    get selected() {
      return selected;
    },
    update(count) {
      if (node.children.length !== count) {
        selected = Math.min(selected, Math.max(0, count - 1));
        node.replaceChildren(...Array.from({ length: count }, (_, index) => tab(prefix, index)));
      }
      setShown(node, count > 1);
      mark();
    },
  };
}

function tab(prefix: string, index: number): HTMLButtonElement {
  return element(
    "button",
    {
      type: "button",
      role: "tab",
      class: "rushes-tab",
      id: `${prefix}-${index}`,
      "aria-controls": `${prefix}-panel`,
    },
    words.sample(index),
  );
}

function isRightToLeft(node: Element): boolean {
  return getComputedStyle(node).direction === "rtl";
}

function destination(key: string, from: number, count: number, rightToLeft: boolean): number | null {
  if (key === "Home") return 0;
  if (key === "End") return count - 1;
  if (key !== "ArrowLeft" && key !== "ArrowRight") return null;
  const step = (key === "ArrowRight") === rightToLeft ? -1 : 1;
  return (from + step + count) % count;
}

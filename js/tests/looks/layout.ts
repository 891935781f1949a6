/** What is wrong with the layout of a card or a board, in words; empty where nothing is. */
import { isVisible } from "../support/page";

const HALF_PIXEL = 0.5;

/** These are cut off on purpose: they have the whole text in their title. */
const ELLIPSIS = ".rushes-tile-name, .rushes-tile-state";

export function layoutFaults(place: HTMLElement): string[] {
  const faults: string[] = [];
  for (const card of shown(place, ".rushes")) {
    if (card.scrollWidth > card.clientWidth) faults.push(`${name(card)} scrolls sideways`);
    const ground = card.getBoundingClientRect();
    const around = place.getBoundingClientRect();
    if (ground.right > around.right + HALF_PIXEL || ground.left < around.left - HALF_PIXEL) {
      faults.push(`${name(card)} is wider than its place`);
    }
    for (const node of shown(card, "*:not(.rushes-unseen, svg *)")) {
      const inside = node.getBoundingClientRect();
      const out =
        inside.left < ground.left - HALF_PIXEL ||
        inside.right > ground.right + HALF_PIXEL ||
        inside.top < ground.top - HALF_PIXEL ||
        inside.bottom > ground.bottom + HALF_PIXEL;
      if (out && !isInScroller(node, card)) faults.push(`${name(node)} sticks out of ${name(card)}`);
      if (isCutOff(node)) faults.push(`${name(node)} is cut off: ${node.textContent}`);
    }
  }
  return faults;
}

function isCutOff(node: HTMLElement): boolean {
  const { overflow } = getComputedStyle(node);
  if (node.matches(`${ELLIPSIS}, input`) || overflow === "visible" || overflow === "auto") return false;
  return node.scrollWidth > node.clientWidth || node.scrollHeight > node.clientHeight;
}

/** What scrolls by itself has a name and a stop of the Tab key: axe sees to that. */
function isInScroller(node: HTMLElement, card: HTMLElement): boolean {
  let around = node.parentElement;
  while (around && around !== card && getComputedStyle(around).overflow !== "auto")
    around = around.parentElement;
  return around !== card;
}

function shown(place: HTMLElement, selector: string): HTMLElement[] {
  return [...place.querySelectorAll<HTMLElement>(selector)].filter(isVisible);
}

function name(node: HTMLElement): string {
  return `${node.localName}.${node.getAttribute("class") ?? ""}`;
}

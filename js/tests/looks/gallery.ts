/** Every state at every width, in one page. */
import widgetCss from "../../src/widget.css?inline";
import { type Shown, showState, stateNames } from "./states";

export const WIDTHS_PX = [280, 480, 900] as const;

export interface Exhibit extends Shown {
  readonly place: HTMLElement;
  readonly widthPx: number;
}

export interface Gallery {
  readonly node: HTMLElement;
  readonly exhibits: readonly Exhibit[];
  close(): void;
}

const CSS = `
  .gallery:not([hidden]) { display: grid; gap: 20px; inline-size: max-content; padding: 20px; font: 12px system-ui; color: GrayText; }
  .gallery-row { display: flex; flex-wrap: wrap; gap: 4px 20px; align-items: start; }
  .gallery-row > p { flex: 1 0 100%; margin: 0; }
`;

/** One row for each state; in a shadow root where a host has that. */
export async function openGallery(
  inShadow = false,
  widthsPx: readonly number[] = WIDTHS_PX,
  names: readonly string[] = stateNames,
): Promise<Gallery> {
  const node = document.createElement("main");
  node.className = "gallery";
  const style = document.createElement("style");
  style.textContent = CSS;
  document.head.append(style);
  document.body.append(node);
  const exhibits: Exhibit[] = [];
  for (const name of names) {
    const row = document.createElement("div");
    row.className = "gallery-row";
    const caption = document.createElement("p");
    caption.textContent = name;
    row.append(caption);
    node.append(row);
    for (const widthPx of widthsPx) {
      const place = document.createElement(inShadow ? "marimo-anywidget" : "div");
      place.style.inlineSize = `${widthPx}px`;
      row.append(place);
      exhibits.push({ ...(await showState(name, inShadow ? shadowOf(place) : place)), place, widthPx });
    }
  }
  return {
    node,
    exhibits,
    close() {
      for (const { host } of exhibits) host.destroy();
      node.remove();
      style.remove();
    },
  };
}

function shadowOf(place: HTMLElement): HTMLElement {
  const style = document.createElement("style");
  style.textContent = widgetCss;
  const inside = document.createElement("div");
  place.style.display = "block";
  place.attachShadow({ mode: "open" }).append(style, inside);
  return inside;
}

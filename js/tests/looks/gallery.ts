/** Every state of a collection at every width, in one page. */

export const WIDTHS_PX = [280, 480, 900] as const;

interface Host {
  render(el: HTMLElement): unknown;
  destroy(): void;
}

/** A state as a page comes to it. */
export interface State<H extends Host> {
  /** What happened after it was shown. */
  after?: (host: H, el: HTMLElement) => void | Promise<void>;
}

/** What a page shows of a card, or of a board, in every state that it can be in. */
export interface Collection {
  readonly name: string;
  /** The style sheet that a host brings into a shadow root. */
  readonly css: string;
  readonly stateNames: readonly string[];
  show(stateName: string, el: HTMLElement): Promise<Host>;
}

/** `open` makes a notebook whose kernel has said what the state needs. */
export function collect<H extends Host, S extends State<H>>(
  name: string,
  css: string,
  states: Record<string, S>,
  open: (state: S) => H,
): Collection {
  return {
    name,
    css,
    stateNames: Object.keys(states),
    async show(stateName, el) {
      const state = states[stateName] as S;
      const host = open(state);
      host.render(el);
      await state.after?.(host, el);
      return host;
    },
  };
}

export interface Exhibit {
  readonly name: string;
  readonly widthPx: number;
  readonly place: HTMLElement;
  readonly el: HTMLElement;
  close(): void;
}

export interface Gallery {
  readonly node: HTMLElement;
  readonly exhibits: readonly Exhibit[];
  close(): void;
}

const CSS = `
  .gallery:not([hidden]) { display: grid; gap: 20px; inline-size: max-content; padding: 20px; font: 12px system-ui; color: GrayText; }
  .gallery-row { display: flex; flex-wrap: wrap; gap: 4px 20px; align-items: start; }
  .gallery-row > p { flex: 1 0 100%; margin: 0; contain: inline-size; }
`;

/** One row for each state; in a shadow root where a host has that. */
export async function openGallery(
  collection: Collection,
  inShadow = false,
  widthsPx: readonly number[] = WIDTHS_PX,
): Promise<Gallery> {
  const node = document.createElement("main");
  node.className = "gallery";
  const style = document.createElement("style");
  style.textContent = CSS;
  document.head.append(style);
  document.body.append(node);
  const exhibits: Exhibit[] = [];
  for (const name of collection.stateNames) {
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
      const root = inShadow ? shadowOf(place, collection.css) : place;
      exhibits.push({ name, widthPx, place, ...(await exhibit(collection, name, root)) });
    }
  }
  return {
    node,
    exhibits,
    close() {
      for (const each of exhibits) each.close();
      node.remove();
      style.remove();
    },
  };
}

/** One state, in an element of its own. */
export async function exhibit(
  collection: Collection,
  stateName: string,
  place: ParentNode,
): Promise<Pick<Exhibit, "el" | "close">> {
  const el = document.createElement("div");
  place.append(el);
  const host = await collection.show(stateName, el);
  await settled(el);
  return {
    el,
    close() {
      host.destroy();
      el.remove();
    },
  };
}

/** Every video and every image has a picture to show. */
export async function settled(el: HTMLElement): Promise<void> {
  for (const video of el.querySelectorAll("video")) {
    if (video.readyState >= 2) continue;
    await new Promise((resolve) => {
      video.addEventListener("loadeddata", resolve, { once: true });
      video.addEventListener("error", resolve, { once: true });
    });
  }
  for (const image of el.querySelectorAll("img")) if (image.src) await image.decode();
}

function shadowOf(place: HTMLElement, css: string): ShadowRoot {
  const style = document.createElement("style");
  style.textContent = css;
  place.style.display = "block";
  const root = place.attachShadow({ mode: "open" });
  root.append(style);
  return root;
}

import type { Status } from "./model";

const SVG = "http://www.w3.org/2000/svg";

/** Paths on a 16 by 16 grid, drawn as strokes in the colour of the text around them. */
const paths = {
  ring: "M8 2a6 6 0 1 0 0 12A6 6 0 0 0 8 2Z",
  arc: "M8 2a6 6 0 1 1-6 6",
  down: "M8 2v8M4.5 7 8 10.5 11.5 7M3 13.5h10",
  check: "m3 8.5 3.5 3.5L13 4.5",
  shield: "M8 1.8 13 3.5v4.2c0 3-2 5.3-5 6.5-3-1.2-5-3.5-5-6.5V3.5ZM6 6l4 4M10 6l-4 4",
  slash: "M8 2a6 6 0 1 0 0 12A6 6 0 0 0 8 2ZM3.8 12.2l8.4-8.4",
  alert: "M8 2.2 14.5 13.5h-13ZM8 6.5v3M8 11.5v.1",
  pause: "M5.5 3.5v9M10.5 3.5v9",
  clock: "M8 2a6 6 0 1 0 0 12A6 6 0 0 0 8 2ZM8 4.8V8l2.2 1.5",
  copy: "M5.5 5.5h8v8h-8ZM3 10.5H2.5v-8h8V3",
  back: "M4 3.5v9M12 3.5v9L6.5 8Z",
  forward: "M12 3.5v9M4 3.5v9L9.5 8Z",
  loop: "M3 7.5v-1A2.5 2.5 0 0 1 5.5 4H13M11 2l2 2-2 2M13 8.5v1a2.5 2.5 0 0 1-2.5 2.5H3M5 14l-2-2 2-2",
  frame: "M2 5h2.7l1-1.5h4.6l1 1.5H14v7.5H2ZM8 6.4a2 2 0 1 0 0 4 2 2 0 0 0 0-4Z",
  full: "M2.5 6V2.5H6M10 2.5h3.5V6M13.5 10v3.5H10M6 13.5H2.5V10",
  keys: "M6 6.3A2 2 0 1 1 8.9 8.1c-.6.3-.9.7-.9 1.4M8 12v.1",
} as const;

export type IconName = keyof typeof paths;

export const icon = (name: IconName): SVGSVGElement => drawn(name, paths[name]);

/** The path as an icon of this name. */
export function drawn(name: string, d: string): SVGSVGElement {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 16 16");
  svg.setAttribute("aria-hidden", "true");
  svg.classList.add("rushes-icon", `rushes-icon-${name}`);
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", d);
  svg.append(path);
  return svg;
}

export const statusIcon: Record<Status, IconName> = {
  idle: "ring",
  running: "arc",
  downloading: "down",
  succeeded: "check",
  filtered: "shield",
  empty: "slash",
  failed: "alert",
  stopped: "pause",
  timed_out: "clock",
};

import { element } from "./dom";
import type { Time } from "./time";

/** Hosts that save files themselves (VS Code) read them a little later. */
const KEPT_FOR_MS = 10_000;

/** Has the page save a file that it made. `place` is where a host that saves files itself listens to clicks. */
export function saveFile(
  file: Blob,
  name: string,
  place: HTMLElement,
  time: Time,
  signal: AbortSignal,
): void {
  const url = URL.createObjectURL(file);
  const forget = () => URL.revokeObjectURL(url);
  time.after(KEPT_FOR_MS, forget, signal);
  signal.addEventListener("abort", forget, { once: true });
  const link = element("a", { href: url, download: name, hidden: "" });
  place.append(link);
  link.click();
  link.remove();
}

/**
 * Whether downloads may be dropped here. A sandboxed frame without "allow-downloads" drops them and tells nobody; of a
 * frame that belongs to another origin nobody can say.
 */
export function mayDropDownloads(): boolean {
  if (window.top === window) return false;
  const frame = window.frameElement;
  return frame === null || frame.getAttribute("sandbox")?.includes("allow-downloads") === false;
}

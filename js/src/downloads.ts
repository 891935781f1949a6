import { element } from "./dom";

/** Has the page save what is at this URL. `place` is where a host that saves files itself (VS Code) hears the click. */
export function saveFile(url: string, name: string, place: HTMLElement): void {
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

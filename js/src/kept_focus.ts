/** A host that draws a view anew puts it into the page within this many frames. */
const PATIENCE_FRAMES = 120;

/**
 * The focus of a player whose view a host draws anew: it goes with the old elements, and keys that follow would be lost.
 * Kept for all views of one model.
 */
export class KeptFocus {
  #inside = false;

  /** Notes whether the focus is inside of `place`. */
  watch(place: HTMLElement, signal: AbortSignal): void {
    place.addEventListener("focusin", () => this.#note(true), { signal });
    place.addEventListener(
      "focusout",
      // Some browsers tell so of elements that are just being removed.
      ({ relatedTarget }) =>
        queueMicrotask(() => place.isConnected && this.#note(place.contains(relatedTarget as Node))),
      { signal },
    );
  }

  /** Gives it back to `place`, in a view that takes over, unless it is somewhere else by now. */
  restore(place: HTMLElement, signal: AbortSignal): void {
    if (!this.#inside) return;
    let frames = 0;
    const look = () => {
      if (signal.aborted) return;
      if (place.isConnected) {
        if (document.activeElement === document.body) place.focus({ preventScroll: true });
      } else if (++frames < PATIENCE_FRAMES) requestAnimationFrame(look);
    };
    look();
  }

  #note(inside: boolean): void {
    this.#inside = inside;
  }
}

/** A host that draws a view anew puts it into the page within this many frames. */
const PATIENCE_FRAMES = 120;

/**
 * The focus of a card whose view a host draws anew: it goes with the old elements, and keys that follow would be lost.
 * Kept for all views of one model.
 */
export class KeptFocus {
  /** What has the focus inside of a view; it has no other name that the next view knows. */
  #label: string | null = null;

  /** Takes the focus over from a view that has gone, unless it is somewhere else by now, and notes where it goes. */
  keep(card: HTMLElement, signal: AbortSignal): void {
    const note = () =>
      queueMicrotask(() => {
        const { activeElement: active } = document;
        // Some browsers tell so of elements that are just being removed.
        if (card.isConnected) this.#label = active && card.contains(active) ? labelOf(active) : null;
      });
    for (const type of ["focusin", "focusout"]) card.addEventListener(type, note, { signal });
    let frames = 0;
    const look = () => {
      if (signal.aborted || this.#label === null) return;
      if (card.isConnected) this.#restore(card);
      else if (++frames < PATIENCE_FRAMES) requestAnimationFrame(look);
    };
    look();
  }

  /** What is not there any more hands it on to the player, or to the card. */
  #restore(card: HTMLElement): void {
    const same = [...card.querySelectorAll("*")].find((each) => labelOf(each) === this.#label);
    for (const each of [same, card.querySelector("[tabindex]"), card]) {
      if (document.activeElement === document.body)
        (each as HTMLElement | null)?.focus({ preventScroll: true });
    }
  }
}

const labelOf = ({ tagName, ariaLabel, textContent }: Element): string =>
  tagName + (ariaLabel || textContent);

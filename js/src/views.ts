import { mountCard } from "./card";
import { Players } from "./players";
import type { Session } from "./session";

/**
 * The views of one model in one page.
 *
 * A host may take a view out of the page without telling (JupyterLab does when it renders an output anew), so
 * each new view first puts those to sleep that are in no page. One that comes back, as outputs do that were
 * scrolled away, wakes up.
 */
export class Views {
  readonly #session: Session;
  readonly #players: Players;
  readonly #awake = new Map<HTMLElement, AbortController>();

  constructor(session: Session) {
    this.#session = session;
    this.#players = new Players(session.time, session.signal);
  }

  render(el: HTMLElement, signal: AbortSignal): void {
    for (const other of [...this.#awake.keys()]) {
      if (!other.isConnected) this.#sleep(other);
    }
    if (signal.aborted || this.#session.signal.aborted) return;
    this.#wake(el);
    const observer = new ResizeObserver(() => {
      if (el.isConnected && !this.#awake.has(el)) this.#wake(el);
    });
    observer.observe(el);
    AbortSignal.any([signal, this.#session.signal]).addEventListener(
      "abort",
      () => {
        observer.disconnect();
        this.#sleep(el);
      },
      { once: true },
    );
  }

  #wake(el: HTMLElement): void {
    this.#sleep(el);
    const lifetime = new AbortController();
    this.#awake.set(el, lifetime);
    mountCard(el, { session: this.#session, signal: lifetime.signal }, this.#players);
  }

  #sleep(el: HTMLElement): void {
    this.#awake.get(el)?.abort();
    this.#awake.delete(el);
  }
}

/** What the views of one model in one page share. */
interface Shared {
  readonly signal: AbortSignal;
  /** Calls a view back after every change, until its signal aborts. */
  subscribe(view: () => void, signal: AbortSignal): void;
}

interface View {
  lifetime: AbortController;
  /** Hosts render a view before they put it into the page: only one that was there can have left it. */
  wasInPage: boolean;
}

/**
 * The views of one model in one page.
 *
 * A host may take a view out of the page without telling (JupyterLab does when it renders an output anew), so
 * each new view first puts those to sleep that have left. One that comes back, as outputs do that were scrolled
 * away, wakes up.
 */
export class Views {
  readonly #session: Shared;
  readonly #mount: (el: HTMLElement, signal: AbortSignal) => void;
  readonly #awake = new Map<HTMLElement, View>();

  constructor(session: Shared, mount: (el: HTMLElement, signal: AbortSignal) => void) {
    this.#session = session;
    this.#mount = mount;
  }

  render(el: HTMLElement, signal: AbortSignal): void {
    for (const [other, view] of [...this.#awake]) {
      if (view.wasInPage && !other.isConnected) this.#sleep(other);
    }
    if (signal.aborted || this.#session.signal.aborted) return;
    this.#wake(el);
    // Not a ResizeObserver: filling the element in its callback would resize what it observes.
    const observer = new IntersectionObserver(() => {
      if (!el.isConnected) return;
      if (this.#awake.has(el)) this.#look(el);
      else this.#wake(el);
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
    this.#awake.set(el, { lifetime, wasInPage: false });
    this.#look(el);
    this.#session.subscribe(() => this.#look(el), lifetime.signal);
    this.#mount(el, lifetime.signal);
  }

  #look(el: HTMLElement): void {
    const view = this.#awake.get(el);
    if (view && el.isConnected) view.wasInPage = true;
  }

  #sleep(el: HTMLElement): void {
    this.#awake.get(el)?.lifetime.abort();
    this.#awake.delete(el);
  }
}

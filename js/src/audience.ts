import type { Time } from "./time";

/** A view that a host renders anew is back at once. One that comes later than this was closed in between. */
const LINGER_MS = 10_000;

export interface AudienceOptions {
  time: Time;
  signal: AbortSignal;
  /** The first view is there; `late` after `left`. */
  arrived: (late: boolean) => void;
  /** No view has been there for a while. */
  left: () => void;
}

/**
 * The views of a model in one page, and whether there are any. A model outlives them: JupyterLab keeps the models
 * of a notebook that was closed, and those of cleared outputs live as long as their kernel.
 */
export class Audience {
  readonly #options: AudienceOptions;
  readonly #viewers = new Set<() => void>();
  #cancel = () => {};
  #gone = false;

  constructor(options: AudienceOptions) {
    this.#options = options;
    this.#wait();
  }

  get present(): boolean {
    return this.#viewers.size > 0;
  }

  /** No view has been there for a while. */
  get gone(): boolean {
    return this.#gone;
  }

  /** Calls back after every change, until the signal aborts. */
  join(viewer: () => void, signal: AbortSignal): void {
    if (signal.aborted) return;
    const { present } = this;
    this.#viewers.add(viewer);
    signal.addEventListener("abort", () => this.#leave(viewer), { once: true });
    if (present) return;
    const late = this.#gone;
    this.#gone = false;
    this.#cancel();
    this.#options.arrived(late);
  }

  tell(): void {
    for (const viewer of [...this.#viewers]) viewer();
  }

  #leave(viewer: () => void): void {
    this.#viewers.delete(viewer);
    if (!this.present) this.#wait();
  }

  #wait(): void {
    const { time, signal, left } = this.#options;
    this.#cancel = time.after(
      LINGER_MS,
      () => {
        this.#gone = true;
        left();
      },
      signal,
    );
  }
}

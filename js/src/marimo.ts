import type { AnyModel } from "@anywidget/types";
import { listen } from "./channel";
import type { Traits } from "./session";

/**
 * marimo runs the cells that read `mo.ui.anywidget(w).value` again when a page has written a trait, and only then. So
 * there a page writes each new status back as it came; the kernel keeps its own.
 */
export class MarimoCells {
  readonly #model: AnyModel<Traits>;
  #here = false;
  #told: unknown;

  constructor(model: AnyModel<Traits>, signal: AbortSignal) {
    this.#model = model;
    listen(model, signal, "change:status", this.#tell);
  }

  /** A view is shown here. */
  shown(el: HTMLElement): void {
    const root = el.getRootNode();
    this.#here ||= root instanceof ShadowRoot && root.host.localName === "marimo-anywidget";
    this.#tell();
  }

  readonly #tell = (): void => {
    const status = this.#model.get("status");
    if (!this.#here || status === this.#told) return;
    this.#told = status; // first: writing it is a change of it
    this.#model.set("status", status);
    this.#model.save_changes();
  };
}

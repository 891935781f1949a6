import "../../src/widget.css";
import type { AnyModel } from "@anywidget/types";
import type { Reply, Request, Snapshot, Status } from "../../src/model";
import { createWidget } from "../../src/widget";
import type { FakeTime } from "./fake_time";

// biome-ignore lint/suspicious/noExplicitAny: as in the types of anywidget
type Callback = (...args: any[]) => void;

interface FakeTraits<S> {
  snapshot?: S;
  status?: Status;
}

interface Listener {
  event: string;
  callback: Callback;
  context: unknown;
}

/**
 * A notebook with one widget model, as anywidget drives it: one backbone model, seen through a proxy for
 * `initialize` and through another for each view, whose listeners go with it.
 */
export class FakeHost<
  S extends object = Snapshot,
  Q extends { type: string } = Request,
  R extends object = Reply | Record<string, unknown>,
> {
  readonly sent: Q[] = [];
  /** The buffers of those messages that had any. */
  readonly sentBuffers: unknown[][] = [];
  readonly #attributes: FakeTraits<S> = {};
  readonly #controller = new AbortController();
  #listeners: Listener[] = [];
  // biome-ignore lint/suspicious/noExplicitAny: the models of all widgets
  readonly #widget: any;
  /** What the page wrote to traits, where a host has a use for that. */
  readonly written: FakeTraits<S>[] = [];
  #dirty: FakeTraits<S> = {};
  /** Set to make `send` fail, as it does once the connection is closed. */
  disconnected = false;

  constructor(
    snapshot: NoInfer<S> | undefined,
    readonly time: FakeTime,
    create: (time: FakeTime) => object = createWidget,
  ) {
    if (snapshot) Object.assign(this.#attributes, { snapshot, status: statusOf(snapshot) });
    this.#widget = create(time);
    this.#widget.initialize({
      model: this.#proxy("initialize"),
      signal: this.#controller.signal,
      experimental: { invoke: () => Promise.reject(new Error("not here")) },
    });
  }

  /** Displays the model in `el`. The returned function closes the view as a host does that tells. */
  render(el: HTMLElement): () => void {
    const controller = new AbortController();
    const signal = AbortSignal.any([controller.signal, this.#controller.signal]);
    this.#widget.render({
      model: this.#proxy(el),
      el,
      signal,
      host: { getWidget: unavailable, getModel: unavailable },
      experimental: { invoke: unavailable },
    });
    return () => {
      controller.abort();
      this.off(null, null, el);
    };
  }

  /** Displays the model in a new cell of the page. */
  display(): HTMLElement {
    const el = document.createElement("div");
    document.body.append(el);
    this.render(el);
    return el;
  }

  /** The kernel sets the trait. */
  set(snapshot: S): void {
    this.#attributes.snapshot = snapshot;
    this.#trigger("change:snapshot", this, snapshot, {});
    const status = statusOf(snapshot);
    if (!status || status === this.#attributes.status) return;
    this.#attributes.status = status;
    this.#trigger("change:status", this, status, {});
  }

  /** The kernel sends a custom message. */
  receive(reply: R, ...buffers: unknown[]): void {
    this.#trigger("msg:custom", reply, buffers);
  }

  /** The model goes, and all its views. */
  destroy(): void {
    this.#controller.abort();
  }

  sentOf<T extends Q["type"]>(type: T): Extract<Q, { type: T }>[] {
    return this.sent.filter((request): request is Extract<Q, { type: T }> => request.type === type);
  }

  get listenerCount(): number {
    return this.#listeners.length;
  }

  off(event?: string | null, callback?: Callback | null, context?: unknown): void {
    this.#listeners = this.#listeners.filter(
      (listener) =>
        (event && listener.event !== event) ||
        (callback && listener.callback !== callback) ||
        (context && listener.context !== context),
    );
  }

  #trigger(event: string, ...args: unknown[]): void {
    for (const listener of [...this.#listeners]) if (listener.event === event) listener.callback(...args);
  }

  #proxy(context: unknown): AnyModel<FakeTraits<S>> {
    return {
      get: (key) => this.#attributes[key] as never,
      set: (key, value) => {
        this.#dirty = { ...this.#dirty, [key]: value };
        Object.assign(this.#attributes, { [key]: value });
        this.#trigger(`change:${String(key)}`, this, value, {});
      },
      save_changes: () => {
        this.written.push(this.#dirty);
        this.#dirty = {};
      },
      on: (event: string, callback: Callback) => {
        this.#listeners.push({ event, callback, context });
      },
      off: (event, callback) => this.off(event, callback, context),
      send: (content: Q, _callbacks?: unknown, buffers?: unknown[]) => {
        if (this.disconnected) throw new Error("the comm is closed");
        this.sent.push(content);
        if (buffers) this.sentBuffers.push(buffers);
      },
      widget_manager: { get_model: unavailable },
    };
  }
}

function unavailable(): Promise<never> {
  return Promise.reject(new Error("not here"));
}

/** Of a card; a board has no trait for that. */
function statusOf(snapshot: object): Status | undefined {
  return (snapshot as { status?: Status }).status;
}

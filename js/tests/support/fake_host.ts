import "../../src/widget.css";
import type { AnyModel } from "@anywidget/types";
import type { Reply, Request, Snapshot } from "../../src/model";
import type { Traits } from "../../src/session";
import { createWidget } from "../../src/widget";
import type { FakeTime } from "./fake_time";

// biome-ignore lint/suspicious/noExplicitAny: as in the types of anywidget
type Callback = (...args: any[]) => void;

interface Listener {
  event: string;
  callback: Callback;
  context: unknown;
}

/**
 * A notebook with one widget model, as anywidget drives it: one backbone model, seen through a proxy for
 * `initialize` and through another for each view, whose listeners go with it.
 */
export class FakeHost {
  readonly sent: Request[] = [];
  /** The buffers of those messages that had any. */
  readonly sentBuffers: unknown[][] = [];
  readonly #attributes: Partial<Traits> = {};
  readonly #controller = new AbortController();
  #listeners: Listener[] = [];
  readonly #widget;
  /** What the page wrote to traits, where a host has a use for that. */
  readonly written: Partial<Traits>[] = [];
  #dirty: Partial<Traits> = {};
  /** Set to make `send` fail, as it does once the connection is closed. */
  disconnected = false;

  constructor(
    snapshot: Snapshot | undefined,
    readonly time: FakeTime,
  ) {
    if (snapshot) Object.assign(this.#attributes, { snapshot, status: snapshot.status });
    this.#widget = createWidget(time);
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
  set(snapshot: Snapshot): void {
    this.#attributes.snapshot = snapshot;
    this.#trigger("change:snapshot", this, snapshot, {});
    if (snapshot.status === this.#attributes.status) return;
    this.#attributes.status = snapshot.status;
    this.#trigger("change:status", this, snapshot.status, {});
  }

  /** The kernel sends a custom message. */
  receive(reply: Reply | Record<string, unknown>, ...buffers: unknown[]): void {
    this.#trigger("msg:custom", reply, buffers);
  }

  /** The model goes, and all its views. */
  destroy(): void {
    this.#controller.abort();
  }

  sentOf<T extends Request["type"]>(type: T): Extract<Request, { type: T }>[] {
    return this.sent.filter((request): request is Extract<Request, { type: T }> => request.type === type);
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

  #proxy(context: unknown): AnyModel<Traits> {
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
      send: (content: Request, _callbacks?: unknown, buffers?: unknown[]) => {
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

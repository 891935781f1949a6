import type { Channel } from "../channel";
import type { Reply, Request } from "../model";
import type { Traits } from "../session";

// biome-ignore lint/suspicious/noExplicitAny: as in the types of anywidget
type Callback = (...args: any[]) => void;

/** What a card's session takes for its model: one item of the board, whose messages travel in envelopes. */
export class ItemChannel implements Channel<Traits> {
  readonly #listeners = new Set<Callback>();

  constructor(readonly post: (request: Request, buffers?: ArrayBuffer[]) => void) {}

  /** An item has no traits: its state comes as a message. */
  get(): never {
    return undefined as never;
  }

  on(event: string, callback: Callback): void {
    if (event === "msg:custom") this.#listeners.add(callback);
  }

  off(_event?: string | null, callback?: Callback | null): void {
    if (callback) this.#listeners.delete(callback);
  }

  send(request: Request, _callbacks?: unknown, buffers?: ArrayBuffer[] | ArrayBufferView[]): void {
    this.post(request, buffers as ArrayBuffer[] | undefined);
  }

  receive(reply: Reply, buffers: unknown[] | undefined): void {
    for (const listener of [...this.#listeners]) listener(reply, buffers);
  }
}

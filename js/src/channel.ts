import type { AnyModel } from "@anywidget/types";

/** What a session needs of a model: a board gives each of its items such a channel. */
export type Channel<Traits extends object> = Pick<AnyModel<Traits>, "get" | "on" | "off" | "send">;

/** Calls back at each event of the model, until the signal aborts. */
export function listen(
  model: Pick<AnyModel, "on" | "off">,
  signal: AbortSignal,
  event: string,
  // biome-ignore lint/suspicious/noExplicitAny: the model's events have arguments of every kind
  callback: (...args: any[]) => void,
): void {
  model.on(event, callback);
  signal.addEventListener("abort", () => model.off(event, callback), { once: true });
}

/** Sends the kernel a message, if it can be reached. */
export function post(model: Pick<AnyModel, "send">, message: object, buffers?: ArrayBuffer[]): void {
  try {
    model.send(message, undefined, buffers);
  } catch (error) {
    // The connection is closed. The silence that follows is what the page shows.
    console.debug("[rushes] the kernel cannot be reached", error);
  }
}

import type { AnyModel, InitializeProps, RenderProps } from "@anywidget/types";
import { Session, type Traits } from "./session";
import { browserTime, type Time } from "./time";
import { Views } from "./views";

/**
 * The widget definition of one model. `initialize` does not wait for anything: anywidget holds every message
 * back until it returns, and loses them for good after two seconds.
 */
export function createWidget(time: Time = browserTime) {
  let views: Views | null = null;

  const open = (model: AnyModel<Traits>, signal: AbortSignal): Views => {
    const opened = new Views(new Session(model, signal, time));
    views = opened;
    return opened;
  };

  return {
    initialize({ model, signal }: InitializeProps<Traits>): void {
      open(model, signal);
    },
    render({ model, el, signal }: RenderProps<Traits>): void {
      // A host that makes a definition for each view has initialized another one.
      (views ?? open(model, signal)).render(el, signal);
    },
  };
}

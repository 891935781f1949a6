import type { AnyModel, InitializeProps, RenderProps } from "@anywidget/types";
import { mountCard } from "./card";
import { MarimoCells } from "./marimo";
import { titledDocument, titleMark } from "./page_title";
import { Players } from "./players";
import { Session, type Traits } from "./session";
import { browserTime, type Time } from "./time";
import { Views } from "./views";

/**
 * The widget definition of one model. `initialize` does not wait for anything: anywidget holds every message
 * back until it returns, and loses them for good after two seconds.
 */
export function createWidget(time: Time = browserTime, titled = titledDocument()) {
  let opened: { views: Views; cells: MarimoCells } | null = null;

  const open = (model: AnyModel<Traits>, signal: AbortSignal) => {
    const mark = titleMark(titled, signal);
    const session = new Session(model, signal, time, ({ status }, shown) => mark([status], shown));
    const players = new Players(time, signal);
    const views = new Views(session, (el, viewSignal) =>
      mountCard(el, { session, signal: viewSignal }, players),
    );
    opened = { views, cells: new MarimoCells(model, signal) };
    return opened;
  };

  return {
    initialize({ model, signal }: InitializeProps<Traits>): void {
      open(model, signal);
    },
    render({ model, el, signal }: RenderProps<Traits>): void {
      // A host that makes a definition for each view has initialized another one.
      const { views, cells } = opened ?? open(model, signal);
      views.render(el, signal);
      cells.shown(el);
    },
  };
}

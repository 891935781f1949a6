import { actions } from "./actions";
import { announcer } from "./announcer";
import { connection } from "./connection";
import { details } from "./details";
import { element, setAttribute, setShown } from "./dom";
import { keyForm } from "./key_form";
import { outcome } from "./outcome";
import type { CardContext, Part } from "./part";
import type { Players } from "./players";
import { save } from "./save";
import { stage } from "./stage";
import { statusLine } from "./status";
import { ticker } from "./ticker";
import { watchForm } from "./watch_form";
import { words } from "./words";

/** One view: the whole card in `el`, brought up to date with the session until the signal aborts. */
export function mountCard(el: HTMLElement, context: CardContext, players: Players): void {
  const { session, signal } = context;
  const theStage = stage(context, players, () => update());
  const parts: Part[] = [
    statusLine(context),
    theStage,
    outcome(context),
    connection(context),
    keyForm(context),
    save(context, () => theStage.selected),
    actions(context),
    details(context),
    announcer(),
  ];
  const card = element("section", { class: "rushes" }, ...parts.map((part) => part.node));
  // A card that takes the form's place takes its focus.
  card.tabIndex = -1;
  let form: Part | null = null;
  const openForm = (): Part => {
    const opened = watchForm(context, () => card.focus({ preventScroll: true }));
    card.before(opened.node);
    return opened;
  };
  const connecting = element("p", { class: "rushes rushes-quiet" }, words.connecting);

  const update = () => {
    const { snapshot } = session;
    setShown(card, snapshot !== null && !snapshot.form);
    setShown(connecting, snapshot === null);
    if (!snapshot) return;
    theStage.update(snapshot);
    if (theStage.loading && card.dataset.status) return;
    setAttribute(card, "data-status", snapshot.status);
    setAttribute(card, "aria-label", words.cardName(snapshot.label ?? snapshot.operation_id));
    for (const part of parts) if (part !== theStage) part.update(snapshot);
    if (snapshot.form) form ??= openForm();
    form?.update(snapshot);
    schedule();
  };
  const schedule = ticker(session, el.ownerDocument, update, signal);

  session.subscribe(update, signal);
  signal.addEventListener("abort", () => el.replaceChildren(), { once: true });
  el.replaceChildren(connecting, card);
  update();
  players.focus.keep(card, signal);
}

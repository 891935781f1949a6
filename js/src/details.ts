import { copyButton } from "./copy";
import { detailsPanel } from "./details_panel";
import { element, setOptionalText, setShown, setText } from "./dom";
import type { Snapshot } from "./model";
import type { CardContext, Part } from "./part";
import { isTerminal, type Session } from "./session";
import { words } from "./words";

/** The small print: operation ID, polls, where the key came from, and more for who asks. */
export function details(context: CardContext): Part {
  const { session } = context;
  const id = element("code", { class: "rushes-id", dir: "ltr" });
  const polls = element("span", {});
  const key = element("span", {});
  const panel = detailsPanel(context);
  const node = element(
    "footer",
    { class: "rushes-details rushes-quiet" },
    element("p", {}, `${words.operation} `, id, copyButton(id, context)),
    element("p", { class: "rushes-facts" }, polls, key),
    panel.node,
  );

  return {
    node,
    update(snapshot) {
      setText(id, snapshot.operation_id);
      setText(polls, pollsText(snapshot, session));
      setShown(polls, !isTerminal(snapshot.status) || snapshot.polls.count > 0);
      setOptionalText(key, snapshot.key_source && words.keySource(snapshot.key_source));
      panel.update(snapshot);
    },
  };
}

function pollsText({ polls }: Snapshot, session: Session): string {
  const lastAt = polls.last_at_ms === null ? null : new Date(polls.last_at_ms + session.skew.ms);
  return words.polls(polls, lastAt?.toLocaleTimeString(undefined, { timeStyle: "medium" }));
}

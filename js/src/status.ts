import { elapsedMs } from "./clock";
import { element, setOptionalText, setText } from "./dom";
import { icon, statusIcon } from "./icons";
import type { Snapshot, Status } from "./model";
import type { CardContext, Part } from "./part";
import { isTerminal } from "./session";
import { words } from "./words";

/** The top of the card: what is going on, what for, and how long it took in the end. */
export function statusLine({ session }: CardContext): Part {
  const mark = element("span", { class: "rushes-mark" });
  const headline = element("strong", { class: "rushes-headline" });
  const total = element("span", { class: "rushes-total" });
  const label = element("p", {});
  const subject = element("p", { class: "rushes-quiet" });
  const notice = element("p", { class: "rushes-quiet" });
  const node = element(
    "header",
    {},
    element("p", { class: "rushes-status" }, mark, headline, total),
    label,
    subject,
    notice,
  );
  let marked: Status | null = null;

  return {
    node,
    update(snapshot) {
      if (marked !== snapshot.status) mark.replaceChildren(icon(statusIcon[snapshot.status]));
      marked = snapshot.status;
      setText(headline, words.headline(snapshot));
      setOptionalText(total, totalText(snapshot, session.skew.ms, session.time.now()));
      setOptionalText(label, snapshot.label);
      setText(subject, words.subject(snapshot));
      setOptionalText(notice, snapshot.notice);
    },
  };
}

function totalText({ clock, status }: Snapshot, skewMs: number, nowMs: number): string | null {
  if (!clock || clock.total_ms === null || !isTerminal(status)) return null;
  return words.total(words.elapsed(elapsedMs(clock, skewMs, nowMs)), status);
}

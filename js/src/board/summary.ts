import { element, setAttribute, setOptionalText, setShown, setText } from "../dom";
import { isTerminal } from "../session";
import { boardWords } from "../words";
import type { BoardSession } from "./board_session";

/** How far the whole board is, and what is wrong with it. */
export function summary(session: BoardSession) {
  const headline = element("strong", { class: "rushes-headline" });
  const counted = element("span", { class: "rushes-total" });
  const ready = element("span", { class: "rushes-bar-ready" });
  const others = element("span", { class: "rushes-bar-others" });
  const bar = element(
    "div",
    { class: "rushes-bar", role: "progressbar", "aria-valuemin": "0" },
    ready,
    others,
  );
  const notice = element("p", { class: "rushes-connection" });
  const silent = element("p", { class: "rushes-connection" }, boardWords.silent);
  const spoken = element("p", { class: "rushes-unseen", role: "status" });
  const node = element(
    "header",
    { class: "rushes-summary" },
    element("p", { class: "rushes-status" }, headline, counted),
    bar,
    notice,
    silent,
    spoken,
  );
  let said: string | null = null;

  return {
    node,
    update() {
      const { rows } = session;
      const count = rows.length;
      const ended = rows.filter(({ status }) => isTerminal(status)).length;
      const succeeded = rows.filter(({ status }) => status === "succeeded").length;
      const told = boardWords.finished(ended, count);
      setText(headline, told);
      setOptionalText(counted, boardWords.counted(succeeded, ended - succeeded));
      setAttribute(bar, "aria-label", told);
      setAttribute(bar, "aria-valuemax", String(count));
      setAttribute(bar, "aria-valuenow", String(ended));
      ready.style.inlineSize = `${(100 * succeeded) / Math.max(1, count)}%`;
      others.style.inlineSize = `${(100 * (ended - succeeded)) / Math.max(1, count)}%`;
      setOptionalText(notice, session.snapshot?.notice);
      setShown(silent, session.silent);
      // What a page shows when it opens is no news.
      if (said !== null && said !== told) setText(spoken, told);
      said = told;
    },
  };
}

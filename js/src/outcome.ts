import { element, setAttribute, setItems, setOptionalText, setShown, setText } from "./dom";
import type { ErrorInfo, Snapshot } from "./model";
import type { CardContext, Part } from "./part";
import { reportButton } from "./report_button";
import { words } from "./words";

/** What happened, why in the provider's words, and what to do next. Empty while all goes well. */
export function outcome(context: CardContext): Part {
  const explanation = element("p", {});
  const withheld = element("p", { class: "rushes-strong" });
  const message = element("p", {});
  const reasonsTitle = element("p", { class: "rushes-caption" });
  const reasons = element("ul", { class: "rushes-quotes" });
  const nextTitle = element("p", { class: "rushes-caption" }, words.whatNext);
  const next = element("p", {});
  const report = reportButton(context);
  const help = element("a", { target: "_blank", rel: "noopener noreferrer" }, words.helpPage);
  const warningsTitle = element("p", { class: "rushes-caption" });
  const warnings = element("ul", { class: "rushes-quotes" });
  const node = element(
    "div",
    { class: "rushes-outcome" },
    withheld,
    message,
    explanation,
    element("div", {}, reasonsTitle, reasons),
    element("div", {}, warningsTitle, warnings),
    element("div", {}, nextTitle, next),
    element("div", { class: "rushes-help" }, help, report),
  );

  return {
    node,
    update(snapshot) {
      const { error, filtered, provider, status } = snapshot;
      setOptionalText(withheld, filtered && words.withheld(filtered));
      setOptionalText(message, messageOf(snapshot));
      setOptionalText(explanation, explanationOf(snapshot));
      setText(reasonsTitle, words.reasons(provider));
      setItems(reasons, reasonsOf(snapshot));
      setShown(reasonsTitle, !reasons.hidden);
      setText(warningsTitle, words.warning(provider));
      setItems(warnings, snapshot.warnings);
      setShown(warningsTitle, !warnings.hidden);
      // The button below says what to do about a stop.
      setOptionalText(next, status === "stopped" ? null : error?.next_step);
      setShown(nextTitle, !next.hidden);
      const url = helpUrlOf(snapshot);
      if (url) setAttribute(help, "href", url);
      setShown(help, url !== null);
      setShown(report, isExplained(snapshot));
      for (const block of node.querySelectorAll<HTMLElement>(":scope > div")) {
        setShown(block, block.querySelector(":scope > :not([hidden])") !== null);
      }
      setShown(node, node.querySelector(":scope > :not([hidden])") !== null);
    },
  };
}

/** The error's message, where the card does not say the same in its own words. */
function messageOf({ error, filtered, status }: Snapshot): string | null {
  if (!error || status === "stopped" || (status === "filtered" && filtered)) return null;
  return error.message;
}

function explanationOf({ samples, status }: Snapshot): string | null {
  if (status !== "stopped") return null;
  // Only a finished operation has samples.
  return samples.length > 0 ? words.stoppedDownload : words.stopped;
}

/** Whether the card explains an error, and offers a report of it. Who has stopped a watch needs neither. */
export const isExplained = ({ error, status }: Snapshot): boolean => error !== null && status !== "stopped";

/** Not every address that a saved notebook holds is ours. */
function helpUrlOf(snapshot: Snapshot): string | null {
  const url = isExplained(snapshot) ? snapshot.error?.help_url : null;
  return url?.startsWith("https://") ? url : null;
}

/** The provider's words, each once: an error's detail often repeats a reason. */
function reasonsOf({ error, filtered }: Snapshot): string[] {
  const said = [...(filtered?.reasons ?? []), ...detailOf(error)];
  return said.filter((text, index) => text !== "" && said.indexOf(text) === index);
}

function detailOf(error: ErrorInfo | null): string[] {
  // A message that already quotes the provider needs no second quote under it.
  return error?.detail && !error.message.includes(error.detail) ? [error.detail] : [];
}

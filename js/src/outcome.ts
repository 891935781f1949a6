import { element, setAttribute, setItems, setOptionalText, setShown, setText } from "./dom";
import type { ErrorInfo, Snapshot } from "./model";
import type { Part } from "./part";
import { words } from "./words";

/** What happened, why in the provider's words, and what to do next. Empty while all goes well. */
export function outcome(): Part {
  const explanation = element("p", {});
  const withheld = element("p", { class: "rushes-strong" });
  const message = element("p", {});
  const reasonsTitle = element("p", { class: "rushes-caption" });
  const reasons = element("ul", { class: "rushes-quotes" });
  const nextTitle = element("p", { class: "rushes-caption" }, words.whatNext);
  const next = element("p", {});
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
    element("p", { class: "rushes-help" }, help),
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
      for (const block of node.querySelectorAll<HTMLElement>(":scope > :is(div, .rushes-help)")) {
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

function explanationOf({ error, samples, status }: Snapshot): string | null {
  // Only a finished operation has samples.
  if (status === "stopped") return samples.length > 0 ? words.stoppedDownload : words.stopped;
  return status === "timed_out" && !error ? words.timedOut : null;
}

/** Who has stopped a watch needs no explanation of it. Not every address that a saved notebook holds is ours. */
function helpUrlOf({ error, status }: Snapshot): string | null {
  const url = status === "stopped" ? null : error?.help_url;
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

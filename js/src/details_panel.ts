import { element, setOptionalText, setShown, setText } from "./dom";
import type { Details, PollEntry, Snapshot } from "./model";
import { isExplained } from "./outcome";
import type { CardContext, Part } from "./part";
import { reportButton } from "./report_button";
import { scrolling, textBox } from "./text_box";
import { words } from "./words";

/** The polls one by one, the last answer, and a report, asked for while somebody looks. */
export function detailsPanel(context: CardContext): Part {
  const { session, signal } = context;
  const request = session.details;
  const waiting = element("p", { class: "rushes-quiet" });
  const earlier = element("p", { class: "rushes-quiet" });
  const rows = element("tbody");
  const polls = element(
    "div",
    { class: "rushes-polls", ...scrolling(words.pollsTitle) },
    element(
      "table",
      {},
      element(
        "thead",
        {},
        element("tr", {}, ...words.pollColumns.map((name) => element("th", { scope: "col" }, name))),
      ),
      rows,
    ),
  );
  const answer = textBox(words.lastAnswer);
  const report = reportButton(context);
  const answerTitle = element("p", { class: "rushes-caption" }, words.lastAnswer);
  const content = element(
    "div",
    { class: "rushes-more-content" },
    polls,
    earlier,
    answerTitle,
    answer,
    report,
  );
  const node = element(
    "details",
    { class: "rushes-more", "data-lm-suppress-shortcuts": "true" },
    element("summary", {}, words.details),
    waiting,
    content,
  );
  node.open = request.open;
  let asked = "";
  let drawn: Details | null = null;

  const draw = (details: Details) => {
    drawn = details;
    const newestFirst = [...details.polls].reverse();
    rows.replaceChildren(...newestFirst.map((poll) => row(poll, session.skew.ms)));
    setShown(polls, details.polls.length > 0);
    setOptionalText(earlier, earlierText(details));
    setText(answer, details.answer ?? "");
    setShown(answer, details.answer !== null);
    setShown(answerTitle, details.answer !== null);
  };
  const update = (snapshot: Snapshot) => {
    if (!node.open) return;
    const state = stateOf(snapshot);
    if (state !== asked && request.ask(signal)) asked = state;
    const { details } = request;
    if (details && details !== drawn) draw(details);
    setShown(content, details !== null);
    setShown(report, !isExplained(snapshot)); // else it stands beside the error
    setOptionalText(waiting, request.waiting ? words.waitingForCell : null);
  };

  node.addEventListener(
    "toggle",
    () => {
      request.open = node.open;
      asked = "";
      if (session.snapshot) update(session.snapshot);
    },
    { signal },
  );
  return { node, update };
}

/** What the details change with. */
function stateOf({ status, polls }: Snapshot): string {
  return `${status} ${polls.count} ${polls.next_at_ms}`;
}

function row({ at_ms, status_code, outcome, took_ms }: PollEntry, skewMs: number): HTMLElement {
  const sent = new Date(at_ms + skewMs).toLocaleTimeString(undefined, { timeStyle: "medium" });
  const cells = [
    sent,
    status_code === null ? words.noStatusCode : String(status_code),
    outcome,
    words.pollTook(took_ms),
  ];
  return element("tr", {}, ...cells.map((text) => element("td", {}, text)));
}

function earlierText({ earlier, polls }: Details): string | null {
  if (polls.length === 0) return words.noPolls;
  return earlier > 0 ? words.earlierPolls(earlier) : null;
}

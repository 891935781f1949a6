import type { Status } from "./model";
import { isTerminal } from "./session";
import { words } from "./words";

/** What the mark of one widget says: nothing while it goes on, and of what its user has ended. */
type Outcome = "going" | "good" | "bad" | "untold";

interface Shared {
  /** What has ended unseen, and how. */
  readonly unseen: Map<object, Outcome>;
  /** The title without the mark. */
  original: string;
  /** The title as we wrote it, null while it has no mark. */
  written: string | null;
}

/** A page has one title: cards and boards share it, though each kind comes with a bundle of its own. */
const key = Symbol.for("rushes.pageTitle");
const page = globalThis as { [key]?: Shared };
page[key] ??= { unseen: new Map(), original: "", written: null };
const shared = page[key];

/** The document whose title people see as that of a tab; null in a frame, whose title nobody sees. */
export const titledDocument = (): Document | null => (window.top === window ? document : null);

/**
 * Marks the title when watches end while nobody looks at the page, until somebody does or the signal aborts. The
 * returned function is told all statuses at every change, and whether the widget is shown anywhere.
 */
export function titleMark(
  titled: Document | null,
  signal: AbortSignal,
): (statuses: readonly Status[], shown: boolean) => void {
  if (!titled) return () => {};
  const owner = {};
  let was: Outcome | null = null;
  const forget = () => {
    if (shared.unseen.delete(owner)) write(titled);
  };
  titled.addEventListener("visibilitychange", () => titled.hidden || forget(), { signal });
  signal.addEventListener("abort", forget, { once: true });

  return (statuses, shown) => {
    const outcome = outcomeOf(statuses);
    if (outcome === "going") forget();
    const ended = was === "going" && (outcome === "good" || outcome === "bad");
    was = outcome;
    if (!ended || !shown || !titled.hidden || signal.aborted) return;
    shared.unseen.set(owner, outcome);
    write(titled);
  };
}

function outcomeOf(statuses: readonly Status[]): Outcome {
  if (!statuses.every(isTerminal)) return "going";
  if (statuses.some((status) => status !== "succeeded" && status !== "stopped")) return "bad";
  return statuses.includes("succeeded") ? "good" : "untold";
}

/** The host may have written another title meanwhile: then it is that one which is marked, or left alone. */
function write(titled: Document): void {
  const isOurs = titled.title === shared.written;
  if (!isOurs) shared.original = titled.title;
  const outcomes = [...shared.unseen.values()];
  shared.written = null;
  if (outcomes.length > 0) {
    titled.title = `${outcomes.includes("bad") ? words.endedBadly : words.endedWell} ${shared.original}`;
    shared.written = titled.title; // as it reads: white space may have gone
  } else if (isOurs) {
    titled.title = shared.original;
  }
}

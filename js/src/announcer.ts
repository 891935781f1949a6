import { element, setText } from "./dom";
import type { Status } from "./model";
import type { Part } from "./part";
import { words } from "./words";

/** Tells a screen reader about changes of the status, and about nothing else. */
export function announcer(): Part {
  const node = element("p", { class: "rushes-unseen", role: "status" });
  let said: Status | null = null;

  return {
    node,
    update(snapshot) {
      const { status, error } = snapshot;
      const before = said;
      said = status;
      // What a page shows when it opens is no news.
      if (before === null || before === status) return;
      const headline = words.headline(snapshot);
      setText(node, status === "failed" && error ? `${headline}: ${error.message}` : headline);
    },
  };
}

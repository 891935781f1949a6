import { element, setOptionalText, setShown } from "./dom";
import type { CardContext, Part } from "./part";
import { words } from "./words";

/** Trouble on the way: between kernel and provider, or between page and kernel. */
export function connection({ session }: CardContext): Part {
  const retry = element("p", {});
  const silent = element("p", {}, words.silent);
  const node = element("div", { class: "rushes-connection" }, retry, silent);

  return {
    node,
    update(snapshot) {
      const kernelNowMs = session.time.now() - session.skew.ms;
      setOptionalText(
        retry,
        snapshot.retry &&
          words.retry(snapshot.retry.reason, Math.ceil((snapshot.retry.next_at_ms - kernelNowMs) / 1000)),
      );
      setShown(silent, session.silent);
      setShown(node, !retry.hidden || !silent.hidden);
    },
  };
}

import { elapsedMs } from "./clock";
import { element, setAttribute, setOptionalText, setShown, setText } from "./dom";
import { readEstimate } from "./estimate";
import type { Sample, Snapshot } from "./model";
import type { Session } from "./session";
import type { Transfer } from "./transfer";
import { words } from "./words";

/**
 * What stands in the video's place until it is there: the elapsed time, how long it usually takes from here, and later
 * how far its bytes have come.
 */
export function waiting(session: Session) {
  const elapsed = element("span", { class: "rushes-elapsed", role: "timer" });
  const since = element("span", { class: "rushes-quiet" });
  const bar = element("progress", { class: "rushes-progress", role: "progressbar", hidden: "" });
  const barText = element("span", { class: "rushes-quiet" });
  const problem = element("p", { class: "rushes-problem" });
  const node = element(
    "div",
    { class: "rushes-waiting" },
    elapsed,
    since,
    problem,
    element("div", { class: "rushes-transfer" }, barText, bar),
  );

  return {
    node,
    /** Whether a video may still come here. */
    get hopeful(): boolean {
      return problem.hidden;
    },
    update(snapshot: Snapshot, sample: Sample | undefined, transfer: Transfer | null) {
      const { clock } = snapshot;
      const ticking = clock !== null && clock.total_ms === null;
      const elapsedNowMs = clock ? elapsedMs(clock, session.skew.ms, session.time.now()) : 0;
      setOptionalText(elapsed, ticking ? words.elapsed(elapsedNowMs) : null);
      setOptionalText(since, ticking ? words.since(clock.source) : null);
      setOptionalText(problem, problemOf(sample, transfer));
      const progress = problem.hidden
        ? (progressOf(sample, transfer) ?? expected(snapshot, elapsedNowMs))
        : null;
      setShown(bar, progress !== null);
      setOptionalText(barText, progress?.text);
      setAttribute(bar, "aria-label", progress?.name ?? "");
      setAttribute(bar, "aria-valuetext", progress?.text ?? "");
      setText(bar, progress?.text ?? "");
      if (!progress?.total) bar.removeAttribute("value");
      else {
        bar.max = progress.total;
        bar.value = progress.done;
      }
    },
  };
}

function problemOf(sample: Sample | undefined, transfer: Transfer | null): string | null {
  if (sample?.state === "unavailable") return words.unavailable;
  // All of it is here, and this stands in its place all the same.
  if (transfer?.url) return words.undecodable;
  if (sample?.state === "gone") return words.gone;
  return transfer?.damaged ? words.damaged : null;
}

interface Progress {
  name: string;
  text: string;
  done: number;
  total: number | null;
}

/** How far the generation is, which nobody has counted: in percent, for want of a unit. */
function expected({ estimate, provider }: Snapshot, ageMs: number): Progress | null {
  const reading = estimate && readEstimate(estimate, ageMs, provider);
  return reading && { name: words.generating, text: reading.text, done: 100 * reading.fraction, total: 100 };
}

/** First the kernel fetches the file, then the page gets it. */
function progressOf(sample: Sample | undefined, transfer: Transfer | null): Progress | null {
  if (!sample || !transfer || sample.state === "waiting") return null;
  const fetching = sample.state === "downloading";
  const done = fetching ? sample.bytes_done : transfer.receivedBytes;
  const total = sample.bytes_total;
  const name = fetching ? words.fetching : transfer.stalled ? words.stalled : words.loading;
  const amount = words.progress(words.bytes(done), total === null ? null : words.bytes(total));
  // The headline already says that the kernel is downloading.
  return { name, text: fetching ? amount : `${name}: ${amount}`, done, total };
}

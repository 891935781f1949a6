import { elapsedMs, untilNextSecondMs } from "./clock";
import { isTerminal, type Session } from "./session";

/**
 * Ticks when the shown second changes, while there is something to count and someone to see it. A hidden page
 * does not tick; what it shows is computed anew when it comes back.
 *
 * Returns the function that takes up the ticking after a change.
 */
export function ticker(session: Session, page: Document, tick: () => void, signal: AbortSignal): () => void {
  let cancel = () => {};

  const schedule = () => {
    cancel();
    const { snapshot, skew, time } = session;
    if (page.hidden || !snapshot || isTerminal(snapshot.status)) return;
    const elapsed = snapshot.clock ? elapsedMs(snapshot.clock, skew.ms, time.now()) : 0;
    cancel = time.after(untilNextSecondMs(elapsed), tick, signal);
  };
  page.addEventListener("visibilitychange", tick, { signal });
  return schedule;
}

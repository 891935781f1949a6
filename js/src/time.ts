/** The page's clock and timers. Tests bring their own; no timer outlives its signal. */
export interface Time {
  /** Epoch milliseconds of the page's clock. */
  now(): number;
  /** Calls back once after `delayMs`, unless cancelled (by the returned function) or aborted before. */
  after(delayMs: number, callback: () => void, signal: AbortSignal): () => void;
}

export const browserTime: Time = {
  now: () => Date.now(),
  after(delayMs, callback, signal) {
    if (signal.aborted) return () => {};
    const cancel = () => {
      clearTimeout(timer);
      signal.removeEventListener("abort", cancel);
    };
    const timer = setTimeout(() => {
      cancel();
      callback();
    }, delayMs);
    signal.addEventListener("abort", cancel);
    return cancel;
  },
};

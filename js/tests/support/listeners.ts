interface Entry {
  target: EventTarget;
  type: string;
  listener: unknown;
  signal: AbortSignal | undefined;
}

/** Records every DOM listener added from now on, so that a test can ask which are left. */
export function trackListeners(): { left: () => string[]; restore: () => void } {
  const { addEventListener, removeEventListener } = EventTarget.prototype;
  let entries: Entry[] = [];
  EventTarget.prototype.addEventListener = function (this: EventTarget, type, listener, options) {
    const signal = typeof options === "object" ? options.signal : undefined;
    entries.push({ target: this, type, listener, signal });
    addEventListener.call(this, type, listener, options);
  };
  EventTarget.prototype.removeEventListener = function (this: EventTarget, type, listener, options) {
    entries = entries.filter(
      (entry) => entry.target !== this || entry.type !== type || entry.listener !== listener,
    );
    removeEventListener.call(this, type, listener, options);
  };
  const isGone = ({ target, signal }: Entry) =>
    signal?.aborted === true || (target instanceof AbortSignal && target.aborted);
  return {
    left: () => entries.filter((entry) => !isGone(entry)).map(({ target, type }) => `${target} ${type}`),
    restore: () => Object.assign(EventTarget.prototype, { addEventListener, removeEventListener }),
  };
}

import { element, setAttribute, setOptionalText, setShown, setText } from "./dom";
import type { Snapshot } from "./model";
import type { CardContext, Part } from "./part";
import { words } from "./words";

/** Stop and Resume. Each waits for its acknowledgement and says so when a running cell holds it back. */
export function actions({ session, signal }: CardContext): Part {
  const stop = element("button", { type: "button", class: "rushes-button" });
  const resume = element("button", { type: "button", class: "rushes-button" });
  const waiting = element("p", { class: "rushes-quiet" });
  const buttons = element("div", { class: "rushes-buttons" }, stop, resume);
  const node = element("div", { class: "rushes-actions" }, buttons, waiting);
  const all = [
    { button: stop, action: "stop", label: words.stop },
    { button: resume, action: "resume", label: words.resume },
  ] as const;

  for (const { button, action } of all) {
    button.addEventListener("click", () => session.requests.ask({ type: action }), { signal });
  }

  const offer = (snapshot: Snapshot, focused: Element | null) => {
    setShown(stop, snapshot.can_stop);
    // A key that is missing is entered in the form, which resumes by itself.
    setShown(resume, snapshot.can_resume && !snapshot.needs_key);
    // A button that vanishes under the keyboard's focus hands it on, or the next key press is lost.
    if (focused instanceof HTMLElement && focused.hidden) {
      const next = all.find(({ button }) => !button.hidden)?.button ?? node.parentElement;
      next?.focus({ preventScroll: true });
    }
  };

  return {
    node,
    update(snapshot) {
      for (const { button, action, label } of all) {
        const busy = session.requests.isPending(action);
        setText(button, busy ? words.asked[action] : label);
        // Not `disabled`, which would drop the focus.
        setAttribute(button, "aria-disabled", String(busy));
      }
      const hint = words.stopHint(snapshot.status);
      setAttribute(stop, "title", hint);
      setAttribute(stop, "aria-description", hint);
      const focused = (node.getRootNode() as Document | ShadowRoot).activeElement;
      offer(snapshot, all.some(({ button }) => button === focused) ? focused : null);
      setOptionalText(waiting, session.requests.waiting ? words.waitingForCell : null);
      setShown(buttons, !stop.hidden || !resume.hidden);
      setShown(node, !buttons.hidden || !waiting.hidden);
    },
  };
}

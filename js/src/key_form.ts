import { element, setAttribute, setShown, setText } from "./dom";
import type { CardContext, Part } from "./part";
import { words } from "./words";

/** Asks for an API key. The key leaves the field with the one message that carries it. */
export function keyForm({ session, signal }: CardContext): Part {
  const caption = element("span", { class: "rushes-caption" });
  const input = element("input", {
    type: "password",
    autocomplete: "off",
    autocapitalize: "off",
    spellcheck: "false",
    class: "rushes-input",
  });
  const button = element("button", { type: "submit", class: "rushes-button" });
  const node = element(
    "form",
    { class: "rushes-key", autocomplete: "off", "data-lm-suppress-shortcuts": "true" },
    element("label", {}, caption, input),
    button,
    element("p", { class: "rushes-quiet" }, words.keyHint),
  );

  node.addEventListener(
    "submit",
    (event) => {
      event.preventDefault();
      const key = input.value.trim();
      if (key && session.requests.ask({ type: "key", key }) !== null) input.value = "";
    },
    { signal },
  );
  // nbclassic listens to keys further up and takes letters for commands.
  node.addEventListener("keydown", (event) => event.stopPropagation(), { signal });

  return {
    node,
    update(snapshot) {
      const busy = session.requests.isPending("key");
      setText(caption, words.keyLabel(snapshot.provider));
      setText(button, busy ? words.asked.key : words.useKey);
      setAttribute(button, "aria-disabled", String(busy));
      if (!snapshot.needs_key) input.value = "";
      setShown(node, snapshot.needs_key);
    },
  };
}

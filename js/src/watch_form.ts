import { connection } from "./connection";
import { element, setAttribute, setOptionalText, setShown, setText } from "./dom";
import type { FormError } from "./model";
import type { CardContext, Part } from "./part";
import { words } from "./words";

let lastId = 0;

interface Field {
  readonly node: HTMLElement;
  readonly input: HTMLInputElement;
  setError(message: string | null): void;
}

/**
 * Asks which operation to watch. What was typed goes to the kernel as it is, and its answer stands at the field that
 * it is about. A key leaves its field with the one message that carries it.
 */
export function watchForm(context: CardContext, watched: () => void): Part {
  const { session, signal } = context;
  const prefix = `rushes-form-${++lastId}`;
  const suggestions = element("datalist", { id: `${prefix}-models` });
  const fields = {
    model_name: field(prefix, "model", words.modelName, null, { list: suggestions.id }),
    operation_id: field(prefix, "operation", words.operationId, words.operationHint),
    key: field(prefix, "key", words.apiKey, words.apiKeyHint, { type: "password" }),
  };
  const error = element("p", { class: "rushes-field-error", role: "alert" });
  setShown(error, false);
  const waiting = element("p", { class: "rushes-quiet" });
  const button = element("button", { type: "submit", class: "rushes-button rushes-primary" });
  const silence = connection(context);
  const node = element(
    "form",
    {
      class: "rushes rushes-form",
      "aria-label": words.formName,
      autocomplete: "off",
      "data-lm-suppress-shortcuts": "true",
    },
    element("strong", { class: "rushes-headline" }, words.formName),
    ...Object.values(fields).map((each) => each.node),
    suggestions,
    error,
    element("div", { class: "rushes-actions" }, element("div", { class: "rushes-buttons" }, button), waiting),
    silence.node,
  );
  /** What this view has sent: another one's errors are not its own. */
  let sent: number | null = null;
  let answered: FormError | null = null;

  node.addEventListener(
    "submit",
    (event) => {
      event.preventDefault();
      const { model_name, operation_id, key } = fields;
      const id = session.requests.ask({
        type: "watch",
        model_name: model_name.input.value,
        operation_id: operation_id.input.value,
        key: key.input.value.trim(),
      });
      if (id === null) return;
      sent = id;
      key.input.value = "";
    },
    { signal },
  );
  // nbclassic listens to keys further up and takes letters for commands.
  node.addEventListener("keydown", (event) => event.stopPropagation(), { signal });

  const show = (found: FormError | null) => {
    for (const [name, each] of Object.entries(fields)) {
      each.setError(found?.field === name ? found.message : null);
    }
    setOptionalText(error, found && found.field === null ? found.message : null);
    // Once: a screen reader tells a field that gets the focus together with its error.
    if (found?.field && found.request !== answered?.request) fields[found.field].input.focus();
    answered = found;
  };

  return {
    node,
    update(snapshot) {
      const { form } = snapshot;
      const hadFocus = node.contains((node.getRootNode() as Document | ShadowRoot).activeElement);
      setShown(node, Boolean(form));
      if (!form) {
        fields.key.input.value = "";
        if (hadFocus) watched();
        return;
      }
      const busy = session.requests.isPending("watch");
      setText(button, busy ? words.asked.watch : words.watch);
      setAttribute(button, "aria-disabled", String(busy));
      setOptionalText(waiting, session.requests.waiting ? words.waitingForCell : null);
      setAttribute(fields.key.input, "placeholder", form.has_key ? words.keptKey : "");
      if (suggestions.childElementCount === 0) {
        suggestions.append(...form.model_names.map((name) => element("option", { value: name })));
      }
      silence.update(snapshot);
      if (form.error?.request === sent) show(form.error);
    },
  };
}

function field(
  prefix: string,
  name: string,
  caption: string,
  hint: string | null,
  attributes: Record<string, string> = {},
): Field {
  const id = `${prefix}-${name}`;
  const error = element("p", { class: "rushes-field-error", id: `${id}-error` });
  const note = element("p", { class: "rushes-quiet", id: `${id}-hint` }, hint ?? "");
  const input = element("input", {
    type: "text",
    autocomplete: "off",
    autocapitalize: "off",
    spellcheck: "false",
    dir: "ltr",
    class: "rushes-input",
    "aria-describedby": `${error.id} ${note.id}`,
    ...attributes,
  });
  setShown(note, hint !== null);
  setShown(error, false);
  return {
    input,
    node: element(
      "div",
      { class: "rushes-field" },
      element("label", {}, element("span", { class: "rushes-caption" }, caption), input),
      error,
      note,
    ),
    setError(message) {
      setAttribute(input, "aria-invalid", String(message !== null));
      setOptionalText(error, message);
    },
  };
}

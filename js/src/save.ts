import { element, setAttribute, setOptionalText, setShown } from "./dom";
import { mayDropDownloads } from "./downloads";
import type { CardContext, Part } from "./part";
import { words } from "./words";

/** Saves the sample that is shown, from the page's copy; and says where the kernel has put its own. */
export function save({ session, signal }: CardContext, selected: () => number): Part {
  const link = element("a", { class: "rushes-button rushes-primary" }, words.save);
  const savedTo = element("p", { class: "rushes-quiet" });
  const note = element("p", { class: "rushes-quiet", hidden: "" });
  const node = element("div", { class: "rushes-save" }, link, savedTo, note);

  link.addEventListener(
    "click",
    () => {
      session.saved(selected());
      if (mayDropDownloads()) setOptionalText(note, words.noFile);
    },
    { signal },
  );

  return {
    node,
    update(snapshot) {
      const index = selected();
      const sample = snapshot.samples[index];
      const url = sample ? session.transfer(index).url : null;
      if (sample && url) {
        setAttribute(link, "href", url);
        setAttribute(link, "download", sample.file_name);
        setAttribute(link, "title", words.saveHint(sample.file_name));
      }
      setShown(link, url !== null);
      setOptionalText(savedTo, sample?.saved_to && words.savedTo(sample.saved_to));
      setShown(node, !link.hidden || !savedTo.hidden);
    },
  };
}

/** The words that a page shows are in one file, where they can be read, changed and translated together. */
import { expect, test } from "vitest";
import { boardWords, words } from "../src/words";

const sources: Record<string, string> = import.meta.glob("../src/**/*.ts", {
  query: "?raw",
  import: "default",
  eager: true,
});

/** Names of keys, as `KeyboardEvent.key` has them. */
const KEYS = ["Escape", "Tab", "Home", "End", "Enter", "Shift"];

/** The string and template literals of a source, in their order; of a template without what is inserted. */
function literals(source: string): { text: string; before: string }[] {
  const token =
    /\/\*[\s\S]*?\*\/|\/\/[^\n]*|"((?:[^"\\\n]|\\.)*)"|'((?:[^'\\\n]|\\.)*)'|`((?:[^`\\]|\\.)*)`|\/(?![*/\s])(?:[^/\\\n[]|\\.|\[[^\]\n]*\])+\/[a-z]*(?=[.,;)\s])/g;
  return [...source.matchAll(token)].flatMap(({ 0: all, 1: double, 2: single, 3: template, index }) => {
    const text = double ?? single ?? template?.replace(/\$\{[^}]*\}/g, "");
    if (text === undefined || all.startsWith("/")) return [];
    return [{ text, before: source.slice(Math.max(0, index - 60), index) }];
  });
}

/** Whether people read this: a sentence, a capitalised word, or whatever stands where the page shows or speaks it. */
function isShown({ text, before }: { text: string; before: string }): boolean {
  if (!/\p{L}{2}/u.test(text) || KEYS.includes(text)) return false;
  if (/(new \w*Error\(|console\.\w+\(|Symbol\.for\(|from |import |[=!]== |rel: )$/.test(before)) return false;
  const named =
    /("?(title|alt|placeholder|aria-label|aria-description|aria-valuetext|aria-roledescription)"?[:,] *)$/;
  if (named.test(before) || /(setText|setOptionalText)\([^"'`;]*$/.test(before)) return true;
  if (/^\p{Lu}\p{Ll}+$/u.test(text)) return true;
  // Classes, selectors, styles and paths have spaces as well.
  return (
    /^[\p{L}\p{N}“"(][\p{L}\p{N}'’.,:;()-]*(?: [\p{L}\p{N}'’.,:;()·-]+)+[.!?]?$/u.test(text) &&
    !/rushes-|^[MmLlAaHhVvZz]\d/.test(text)
  );
}

const strangers = (source: string): string[] =>
  literals(source)
    .filter(isShown)
    .map(({ text }) => text);

test("no other file of the front end has words that a page shows", () => {
  const files = Object.keys(sources);
  expect(files.length).toBeGreaterThan(50);
  const found = files
    .filter((file) => !file.endsWith("/words.ts"))
    .flatMap((file) => strangers(sources[file] ?? "").map((text) => `${file}: ${text}`));
  expect(found).toEqual([]);
});

test.each([
  [`element("p", {}, "Video ready")`, "Video ready"],
  [`setText(node, failed ? "failed" : null)`, "failed"],
  [`element("button", { "aria-label": "loop" })`, "loop"],
  [`setAttribute(node, "title", "save")`, "save"],
  [`node.textContent = "Saved";`, "Saved"],
  [`return failed ? "could not be saved" : null;`, "could not be saved"],
])("words in a source are found: %s", (source, text) => {
  expect(strangers(source)).toEqual([text]);
});

test.each([
  `import { element } from "./dom";`,
  `element("div", { class: "rushes-quiet rushes-keys", role: "group" })`,
  `throw new Error("no canvas");`,
  `if (event.key === "ArrowDown" || event.key === "Home") video.addEventListener("seeked", done);`,
  `// It says "Video ready" in the end.`,
])("what nobody reads is none: %s", (source) => {
  expect(strangers(source)).toEqual([]);
});

test("card and board say the same where both say it", () => {
  expect(boardWords.silent).toBe(words.silent);
  expect(boardWords.connecting).toBe(words.connecting);
});

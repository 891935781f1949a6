import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { closeCard, el, host, openCard, time } from "./support/card_view";
import { button, find, until } from "./support/page";

beforeEach(openCard);
afterEach(closeCard);

test("the button copies the operation ID, says so, and is ready again", async () => {
  const write = vi.spyOn(navigator.clipboard, "writeText").mockResolvedValue();
  const copy = button(el, "Copy operation ID");
  copy.click();
  await until(() => copy.getAttribute("aria-label") === "Copied");
  expect(write).toHaveBeenCalledWith("mg3pt9cbmvr1");
  time.advance(2000);
  expect(copy.getAttribute("aria-label")).toBe("Copy operation ID");
});

test("where the page may not write the clipboard, the ID is selected", async () => {
  vi.spyOn(navigator.clipboard, "writeText").mockRejectedValue(new DOMException("no", "NotAllowedError"));
  const copy = button(el, "Copy operation ID");
  copy.click();
  await until(() => copy.getAttribute("aria-label") !== "Copy operation ID");
  expect(copy.getAttribute("aria-label")).toBe("Selected: press the copy keys");
  expect(getSelection()?.toString()).toBe(find(el, "code").textContent);
});

test("a card that goes before the clipboard answers is left alone", async () => {
  const written = Promise.withResolvers<void>();
  vi.spyOn(navigator.clipboard, "writeText").mockReturnValue(written.promise);
  const copy = button(el, "Copy operation ID");
  copy.click();
  host.destroy();
  written.resolve();
  await new Promise((resolve) => setTimeout(resolve));
  expect(copy.getAttribute("aria-label")).toBe("Copy operation ID");
});

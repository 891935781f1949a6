import { afterEach, beforeEach, expect, onTestFinished, test, vi } from "vitest";
import { userEvent } from "vitest/browser";
import type { Sample } from "../src/model";
import { clipSample, load, pushClip, sound } from "./support/clip";
import { FakeHost } from "./support/fake_host";
import { FakeTime } from "./support/fake_time";
import { film24, numberIn } from "./support/numbered";
import { button, buttonNames, find, isShown, isVisible, shownText, until } from "./support/page";
import { endedOf, START_MS, snapshotOf } from "./support/snapshots";

const film = await load(film24.url);

let host: FakeHost;
let el: HTMLElement;

beforeEach(() => {
  host = new FakeHost(snapshotOf(), new FakeTime(START_MS));
  el = host.display();
});

afterEach(() => {
  vi.restoreAllMocks();
  host.destroy();
  document.body.replaceChildren();
});

const video = (within = el) => find<HTMLVideoElement>(within, "video");
const row = (within = el) => find(within, '[role="group"][aria-label="Player"]');
const speed = (within = el) => find<HTMLSelectElement>(within, "select");
const press = (keys: string) => userEvent.keyboard(keys);

const filmSample = (changes: Partial<Sample> = {}) =>
  clipSample({ frame_duration_s: film24.frameDurationS, ...changes }, film);

async function arrive(samples: Sample[] = [filmSample()], changes = {}): Promise<HTMLVideoElement> {
  host.set(endedOf({ version: 2, status: "succeeded", samples, ...changes }));
  for (const index of samples.keys()) pushClip(host, index, 1, film);
  await until(() => isShown(el, "video") && video().readyState >= 2);
  return video();
}

const showsFrame = (number: number) => until(() => numberIn(video()) === number);

/** What the page would have saved: a click is caught, for a test's page saves nothing. */
function savedFiles(): { name: string; file: Promise<Blob> }[] {
  const saved: { name: string; file: Promise<Blob> }[] = [];
  const listening = new AbortController();
  onTestFinished(() => listening.abort());
  document.addEventListener(
    "click",
    (event) => {
      const link = (event.target as Element).closest<HTMLAnchorElement>("a[download]");
      if (!link) return;
      event.preventDefault();
      saved.push({ name: link.download, file: fetch(link.href).then((answer) => answer.blob()) });
    },
    { signal: listening.signal },
  );
  return saved;
}

/** The keys that get through to the page, as nbclassic hears them. */
function heardKeys(): string[] {
  const heard: string[] = [];
  const listening = new AbortController();
  onTestFinished(() => listening.abort());
  document.addEventListener("keydown", ({ key }) => heard.push(key), { signal: listening.signal });
  return heard;
}

/** The keys that JupyterLab acts on: it looks at each before an element hears it. */
function keysForJupyterLab(): string[] {
  const taken: string[] = [];
  const listening = new AbortController();
  onTestFinished(() => listening.abort());
  document.addEventListener(
    "keydown",
    ({ key, target }) => {
      if (!(target as Element).closest("[data-lm-suppress-shortcuts]")) taken.push(key);
    },
    { signal: listening.signal, capture: true },
  );
  return taken;
}

test("every control has a name, the key for it in its title, and is there with the video only", async () => {
  expect(isShown(el, '[role="group"][aria-label="Player"]')).toBe(false);
  await arrive();
  expect(buttonNames(row())).toEqual([
    "Previous frame",
    "Next frame",
    "Loop",
    "Save this frame as PNG",
    ...(document.fullscreenEnabled ? ["Full screen"] : []),
    "Keys of the player",
  ]);
  expect(button(el, "Next frame").title).toBe("Next frame (.)");
  expect(button(el, "Loop").title).toBe("Loop (L)");
  expect(speed().getAttribute("aria-label")).toBe("Speed");
});

test("what stands below the video is as far from it before the video comes", async () => {
  host.set(endedOf({ version: 2, status: "succeeded", samples: [filmSample()] }));
  const edge = (selector: string) => find(el, selector).getBoundingClientRect().bottom;
  const belowPx = () => edge(".rushes-stage") - edge(".rushes-screen");
  const before = belowPx();
  expect(before).toBeGreaterThan(20);
  await arrive();
  expect(belowPx()).toBe(before);
});

test("a video that will not come has no place kept for its controls", () => {
  host.set(endedOf({ version: 2, status: "succeeded", samples: [filmSample({ state: "gone" })] }));
  expect(el.querySelector(".rushes-player")?.checkVisibility()).toBe(false);
});

test("the frames are stepped through by buttons and by keys", async () => {
  await arrive();
  button(el, "Next frame").click();
  await showsFrame(1);
  button(el, "Next frame").focus();
  await press(".");
  await showsFrame(2);
  await press(",");
  await showsFrame(1);
  button(el, "Previous frame").click();
  await showsFrame(0);
});

test("a file that does not tell how long its frames last has no buttons for them, and a key says why", async () => {
  await arrive([filmSample({ frame_duration_s: null })]);
  expect(buttonNames(row())).not.toContain("Next frame");
  button(el, "Loop").focus();
  await press(".");
  expect(shownText(el)).toContain("does not tell how long its frames last");
});

test("loop and speed hold for every sample of the card, and in a view that is drawn anew", async () => {
  await arrive([filmSample(), filmSample()], { loop: true });
  expect(button(el, "Loop").getAttribute("aria-pressed")).toBe("true");
  button(el, "Loop").click();
  await userEvent.selectOptions(speed(), "0.5×");
  find(el, '[role="tab"]:nth-child(2)').click();
  await until(() => isShown(el, "video"));
  const isKept = (view: HTMLElement) => {
    expect(button(view, "Loop").getAttribute("aria-pressed")).toBe("false");
    expect(speed(view).value).toBe("0.5");
    expect([video(view).loop, video(view).playbackRate]).toEqual([false, 0.5]);
  };
  isKept(el);
  el.remove();
  const again = host.display();
  await until(() => isShown(again, "video"));
  isKept(again);
  host.time.advance(5000);
  const fresh = host.display();
  await until(() => isShown(fresh, "video"));
  isKept(fresh);
});

test("loop and speed are the same in every view, whichever control changes them", async () => {
  const other = host.display();
  await arrive();
  await until(() => isShown(other, "video"));
  button(el, "Loop").click();
  await until(() => button(other, "Loop").getAttribute("aria-pressed") === "true");
  // As the menu of the browser's own controls does.
  video(other).playbackRate = 1.5;
  await until(() => speed().value === "1.5" && video().playbackRate === 1.5);
  expect(speed(other).value).toBe("1.5");
});

test("keys change speed and loop, play and pause", async () => {
  const player = await arrive();
  player.muted = true;
  button(el, "Loop").focus();
  await press(">");
  await until(() => speed().value === "1.25");
  await press("<<<");
  await until(() => speed().value === "0.5");
  await press("<<<<");
  expect(player.playbackRate).toBe(0.25);
  await press("l");
  expect(player.loop).toBe(true);
  await press("k");
  await until(() => !player.paused);
  await press("K");
  await until(() => player.paused);
});

test("the frame on screen is saved as PNG, in the video's size, by the operation's name and the time", async () => {
  const saved = savedFiles();
  const first = await arrive([filmSample(), filmSample({ file_name: "mg3pt9cbmvr1-2.mp4" })]);
  find(el, '[role="tab"]:nth-child(2)').click();
  await until(() => video() !== first);
  for (const number of [1, 2, 3]) {
    button(el, "Next frame").click();
    await showsFrame(number);
  }
  button(el, "Save this frame as PNG").click();
  await until(() => saved.length === 1);
  expect(saved[0]?.name).toBe("mg3pt9cbmvr1-2-at-00.125s.png");
  const file = await saved[0]?.file;
  if (!file) throw new Error("nothing was saved");
  expect(file.type).toBe("image/png");
  const picture = await createImageBitmap(file);
  expect([picture.width, picture.height, numberIn(picture)]).toEqual([128, 64, 3]);
  expect(buttonNames(row())).toContain("Saved mg3pt9cbmvr1-2-at-00.125s.png");
  expect(el.querySelector("a[download$=png]")).toBe(null);
  host.time.advance(2000);
  button(el, "Save this frame as PNG").focus();
  await press("p");
  await until(() => saved.length === 2);
});

test("a frame that is saved in the middle of steps is the one they lead to", async () => {
  const saved = savedFiles();
  await arrive();
  button(el, "Loop").focus();
  await press("....p");
  await until(() => saved.length === 1);
  expect(saved[0]?.name).toBe("mg3pt9cbmvr1-at-00.167s.png");
  const file = await saved[0]?.file;
  if (!file) throw new Error("nothing was saved");
  expect(numberIn(await createImageBitmap(file))).toBe(4);
});

test("a frame that is saved while the video is scrubbed is the one that it comes to", async () => {
  const saved = savedFiles();
  const player = await arrive();
  player.currentTime = 1.02;
  button(el, "Save this frame as PNG").click();
  await until(() => saved.length === 1);
  expect(saved[0]?.name).toBe("mg3pt9cbmvr1-at-01.000s.png");
});

test("sound alone has no frame to save", async () => {
  host.set(endedOf({ version: 2, status: "succeeded", samples: [clipSample({}, sound)] }));
  pushClip(host, 0, 1, sound);
  await until(() => isShown(el, "video") && video().readyState >= 2);
  const saved = savedFiles();
  button(el, "Save this frame as PNG").click();
  await until(() => shownText(el).includes("This browser cannot save the frame."));
  expect(saved).toEqual([]);
});

test("a browser that makes no picture is told", async () => {
  vi.spyOn(HTMLCanvasElement.prototype, "toDataURL").mockReturnValue("data:,");
  await arrive();
  button(el, "Save this frame as PNG").click();
  await until(() => shownText(el).includes("This browser cannot save the frame."));
});

test("where a frame may drop downloads, what to do without a file is told behind the click", async () => {
  savedFiles();
  vi.spyOn(window, "frameElement", "get").mockReturnValue(null);
  await arrive();
  expect(shownText(el)).not.toContain("No file?");
  button(el, "Save this frame as PNG").click();
  await until(() => shownText(row().parentElement ?? el).includes("No file?"));
  find(el, "a.rushes-primary").click();
  expect(shownText(find(el, ".rushes-save"))).toContain("No file?");
});

test("where the page has downloads, nothing is said of them", async () => {
  const saved = savedFiles();
  const frame = document.createElement("iframe");
  frame.setAttribute("sandbox", "allow-scripts allow-downloads");
  vi.spyOn(window, "frameElement", "get").mockReturnValue(frame);
  await arrive();
  button(el, "Save this frame as PNG").click();
  await until(() => saved.length === 1);
  find(el, "a.rushes-primary").click();
  expect(shownText(el)).not.toContain("No file?");
});

test("full screen is not offered where the frame may not", async () => {
  vi.spyOn(document, "fullscreenEnabled", "get").mockReturnValue(false);
  el = host.display();
  await arrive();
  expect(buttonNames(row())).not.toContain("Full screen");
  button(el, "Keys of the player").click();
  expect(shownText(find(el, ".rushes-key-list"))).not.toContain("Full screen");
});

test("the video itself goes to full screen; a refusal is told", async () => {
  vi.spyOn(document, "fullscreenEnabled", "get").mockReturnValue(true);
  const asked = vi
    .spyOn(HTMLElement.prototype, "requestFullscreen")
    .mockRejectedValue(new TypeError("not here"));
  el = host.display();
  const player = await arrive();
  button(el, "Full screen").click();
  await until(() => shownText(el).includes("This viewer does not allow full screen."));
  expect(asked.mock.contexts).toEqual([player]);
});

test("with the focus inside, plain keys are the player's, those that mean nothing to it as well", async () => {
  const [heard, taken] = [heardKeys(), keysForJupyterLab()];
  await arrive([filmSample(), filmSample()]);
  for (const inside of [video(), button(el, "Loop"), speed(), find(el, '[role="tab"]:first-child')]) {
    inside.focus();
    expect(el.contains(document.activeElement)).toBe(true);
    await press("abddlmy,.<>jz{Shift>}{Enter}{/Shift}");
  }
  expect(taken).toEqual([]);
  expect(heard).toEqual([]);
});

test("the notebook keeps its own: keys with Ctrl, and every key elsewhere", async () => {
  const [heard, taken] = [heardKeys(), keysForJupyterLab()];
  const player = await arrive();
  button(el, "Loop").focus();
  await press("{Control>}s{/Control}");
  button(el, "Copy operation ID").focus();
  await press(".l");
  expect(heard).toEqual(expect.arrayContaining(["s", ".", "l"]));
  expect(taken).toEqual(expect.arrayContaining(["s", ".", "l"]));
  expect([player.loop, numberIn(player)]).toEqual([false, 0]);
});

test("before there is a video, all keys are the notebook's", async () => {
  const taken = keysForJupyterLab();
  find(el, "section").focus();
  await press("b");
  expect(taken).toEqual(["b"]);
});

test("a view that is drawn anew has the focus that the old one had, and the keys go on", async () => {
  const player = await arrive();
  button(el, "Next frame").focus();
  await press(".");
  await showsFrame(1);
  el.remove();
  const early = document.createElement("div");
  host.render(early);
  document.body.append(early);
  el = early;
  await until(() => early.contains(document.activeElement));
  expect(document.activeElement).toBe(button(el, "Next frame"));
  expect(video()).toBe(player);
  await press(".");
  await showsFrame(2);
});

test("a view that is drawn anew when its video comes keeps the focus outside of the player as well", async () => {
  find(el, "summary").focus();
  await arrive();
  el.remove();
  el = host.display();
  await until(() => el.contains(document.activeElement));
  expect(document.activeElement).toBe(find(el, "summary"));
});

test("a button that goes hands the focus on to the card, and a view that is drawn anew to the player", async () => {
  button(el, "Stop watching").focus();
  await arrive();
  expect(document.activeElement).toBe(find(el, "section"));
  el.remove();
  el = host.display();
  await until(() => el.contains(document.activeElement));
  expect(document.activeElement).toBe(find(el, ".rushes-stage"));
});

test("a view that is drawn anew leaves the focus where it is by now", async () => {
  await arrive();
  const elsewhere = document.body.appendChild(document.createElement("input"));
  for (const leave of [() => button(el, "Loop").blur(), () => elsewhere.focus()]) {
    button(el, "Loop").focus();
    leave();
    const { activeElement } = document;
    await Promise.resolve();
    el.remove();
    el = host.display();
    await until(() => isShown(el, "video"));
    await new Promise(requestAnimationFrame);
    expect(document.activeElement).toBe(activeElement);
  }
});

test("a click on the picture's surroundings puts the focus inside", async () => {
  const player = await arrive();
  await userEvent.click(row(), { position: { x: row().clientWidth - 2, y: 10 } });
  await press("l");
  expect(player.loop).toBe(true);
});

test("the question mark opens the panel of keys and closes it, with the focus where it was", async () => {
  await arrive();
  const help = button(el, "Keys of the player");
  expect(help.getAttribute("aria-expanded")).toBe("false");
  button(el, "Loop").focus();
  await press("?");
  expect(help.getAttribute("aria-expanded")).toBe("true");
  const panel = find(el, `[id="${help.getAttribute("aria-controls")}"]`);
  expect(shownText(panel)).toContain("K Play or pause");
  expect(shownText(panel)).toContain("They work while the focus is in the player.");
  expect(document.activeElement).toBe(button(el, "Loop"));
  await press("?");
  expect(isShown(el, ".rushes-key-list")).toBe(false);
});

test("Escape closes the panel first, and is the page's then", async () => {
  const heard = heardKeys();
  await arrive();
  button(el, "Keys of the player").click();
  button(el, "Keys of the player").focus();
  await press("{Escape}");
  expect(isShown(el, ".rushes-key-list")).toBe(false);
  expect(heard).toEqual([]);
  await press("{Escape}");
  expect(heard).toEqual(["Escape"]);
});

test.each(["ltr", "rtl"])("the row fits a card of 280 pixels, time runs to the right (%s)", async (dir) => {
  el.dir = dir;
  el.style.inlineSize = "280px";
  await arrive();
  const { left, right } = find(el, "section").getBoundingClientRect();
  for (const node of row().querySelectorAll("button, select")) {
    if (!isVisible(node)) continue;
    const box = node.getBoundingClientRect();
    expect(box.left).toBeGreaterThanOrEqual(left);
    expect(box.right).toBeLessThanOrEqual(right);
  }
  const at = (name: string) => button(el, name).getBoundingClientRect().left;
  expect(at("Previous frame")).toBeLessThan(at("Next frame"));
});

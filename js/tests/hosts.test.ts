/**
 * What Colab and VS Code do to a widget, as their sources say; no such host runs here.
 *
 * - Colab: googlecolab/colab-cdn-widget-manager, src/manager.ts. `get_model` makes a model when its output is drawn, from
 *   the state of that moment; `ClassicComm.on_msg` hands buffers over as Uint8Array.
 * - VS Code: microsoft/vscode-jupyter, src/platform/common/utils/serializers.ts and
 *   src/webviews/webview-side/ipywidgets/kernel/kernel.ts: a message with bytes crosses as one array of numbers, and is
 *   an ArrayBuffer again when the widget's connection reads it. microsoft/vscode,
 *   src/vs/workbench/contrib/webview/browser/pre/index.html: `body.dataset.vscodeThemeKind`; microsoft/vscode#54097 and
 *   #167685: no AAC.
 *
 * A name begins with the host and the feature in the table of docs/hosts.md.
 */
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Sample, Snapshot } from "../src/model";
import { chunkReply, clip, clipSample } from "./support/clip";
import { FakeHost } from "./support/fake_host";
import { FakeTime } from "./support/fake_time";
import { find, isShown, shownText, until } from "./support/page";
import { endedOf, snapshotOf } from "./support/snapshots";

let host: FakeHost;

beforeEach(() => {
  host = new FakeHost(snapshotOf(), new FakeTime());
});

afterEach(() => {
  vi.restoreAllMocks();
  host.destroy();
  delete document.body.dataset.vscodeThemeKind;
  document.body.replaceChildren();
});

const succeeded = (sample: Partial<Sample> = {}): Snapshot =>
  endedOf({ version: 2, status: "succeeded", samples: [clipSample(sample)] });

/** The kernel answers every pull, with buffers as the host makes them. */
function answerPulls(made: (bytes: Uint8Array<ArrayBuffer>) => unknown): void {
  const asked = new Set(host.sentOf("pull").flatMap(({ chunks }) => chunks));
  const { chunk_bytes: size } = clipSample();
  for (const index of asked) {
    const buffer = made(clip.slice(index * size, (index + 1) * size));
    host.receive(chunkReply(index), buffer);
  }
}

async function playsIn(el: HTMLElement): Promise<void> {
  await until(() => isShown(el, "video"));
  const video = find<HTMLVideoElement>(el, "video");
  await until(() => video.readyState >= 3);
  expect(new Uint8Array(await (await fetch(video.src)).arrayBuffer())).toEqual(clip);
}

/** A message through VS Code: its web view and its extension exchange JSON. */
function throughVisualStudioCode(bytes: Uint8Array<ArrayBuffer>): DataView {
  const message = Uint8Array.of(0, 0, 0, 0, ...bytes);
  const numbers: number[] = JSON.parse(JSON.stringify([...message]));
  return new DataView(new Uint8Array(numbers).buffer, 4);
}

test("Colab, reload: a model that is made after the video has come pulls it, in buffers that are Uint8Array", async () => {
  host.destroy();
  host = new FakeHost(succeeded(), new FakeTime());
  const el = host.display();
  for (let pulls = 0; pulls < 50 && !isShown(el, "video"); pulls++) answerPulls((bytes) => bytes);
  await playsIn(el);
  expect(host.sentOf("received").every(({ as_numbers }) => !as_numbers)).toBe(true);
});

test("VS Code, busy kernel: messages that cross as numbers are acknowledged and pulled one at a time", async () => {
  document.body.dataset.vscodeThemeKind = "vscode-dark";
  host.destroy();
  host = new FakeHost(succeeded(), new FakeTime());
  const el = host.display();
  for (let pulls = 0; pulls < 200 && !isShown(el, "video"); pulls++) answerPulls(throughVisualStudioCode);
  await playsIn(el);
  const received = host.sentOf("received");
  expect(received.length).toBeGreaterThan(1);
  expect(received.every(({ as_numbers }) => as_numbers)).toBe(true);
  // The first pull cannot know yet.
  const later = host.sentOf("pull").slice(1);
  expect(later.every(({ chunks }) => chunks.length === 1)).toBe(true);
});

test("VS Code, failures in words: without AAC the video plays, and the card says that it has no sound here", async () => {
  vi.spyOn(HTMLMediaElement.prototype, "canPlayType").mockImplementation((type) =>
    type.includes("mp4a") ? "" : "probably",
  );
  const el = host.display();
  host.set(succeeded({ video_codec: "avc1.42c00c", audio_codec: "mp4a.40.2" }));
  host.time.advance(1000);
  for (let pulls = 0; pulls < 50 && !isShown(el, "video"); pulls++) answerPulls((bytes) => bytes);
  await playsIn(el);
  expect(shownText(el)).toContain("Plays without sound here");
  expect(find<HTMLAnchorElement>(el, "a").download).toBe("mg3pt9cbmvr1.mp4");
});

test("VS Code, dark and light: a dark theme is dark, by the class of its body", () => {
  const el = host.display();
  document.body.className = "vscode-dark";
  expect(getComputedStyle(find(el, "section")).colorScheme).toBe("dark");
  document.body.className = "vscode-light";
  expect(getComputedStyle(find(el, "section")).colorScheme).toBe("light");
  document.body.className = "";
});

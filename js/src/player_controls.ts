import { element, setAttribute, setOptionalText, setShown } from "./dom";
import { mayDropDownloads, saveFile } from "./downloads";
import { frameFileName, framePicture } from "./frame_file";
import { type IconName, icon } from "./icons";
import type { Sample } from "./model";
import type { CardContext } from "./part";
import { LOOP_CHANGE, type Player } from "./player";
import { playerHelp } from "./player_help";
import { type Command, playerKeys } from "./player_keys";
import type { Players } from "./players";
import { words } from "./words";

/** As in the browsers' own menus. */
const RATES = [0.25, 0.5, 0.75, 1, 1.25, 1.5, 1.75, 2];
const SHOWN_FOR_MS = 2000;

export interface PlayerControls {
  readonly node: HTMLElement;
  /** For the player that is shown, and its sample; null while there is none. One that may come has its place kept. */
  update(player: Player | null, sample: Sample | undefined, mayCome: boolean): void;
}

/**
 * A quiet row under the video with what the browser's own controls lack, and the keys for it. `place` is the part of
 * the card inside of which the keys work.
 */
export function playerControls(
  place: HTMLElement,
  players: Players,
  { session, signal }: CardContext,
): PlayerControls {
  let current: { player: Player; sample: Sample } | null = null;
  let hasSample = false;
  const fullScreenAllowed = document.fullscreenEnabled;

  const step = (frames: number) => {
    const duration = current?.sample.frame_duration_s;
    if (duration) void current?.player.frames.step(frames, duration);
    else tell(words.noFrames);
  };
  const loop = () => {
    if (current) players.setLoop(!current.player.loop);
  };
  const changeRate = (by: number) => {
    const rate = current?.player.video.playbackRate ?? 1;
    const next = by > 0 ? RATES.find((each) => each > rate) : RATES.findLast((each) => each < rate);
    if (next !== undefined) players.setRate(next);
  };
  const saveFrame = async () => {
    if (!current) return;
    const { player, sample } = current;
    await player.frames.settled();
    const name = frameFileName(sample.file_name, player.frames.shownS(sample.frame_duration_s));
    const picture = framePicture(player.video);
    if (!picture) return tell(words.frameNotSaved);
    saveFile(picture, name, node);
    tell(mayDropDownloads() ? words.noFile : null);
    frame.replaceChildren(icon("check"));
    setAttribute(frame, "aria-label", words.frameSaved(name));
    forget();
    forget = session.time.after(SHOWN_FOR_MS, offerFrame, signal);
  };
  const fullScreen = () => {
    current?.player.video.requestFullscreen().catch(() => tell(words.noFullScreen));
  };

  const back = control("back", words.previousFrame, ",", () => step(-1), signal);
  const forward = control("forward", words.nextFrame, ".", () => step(1), signal);
  const loopButton = control("loop", words.loop, "l", loop, signal);
  const frame = control("frame", words.saveFrame, "p", saveFrame, signal);
  const full = control("full", words.fullScreen, "f", fullScreen, signal);
  const rate = element(
    "select",
    { class: "rushes-rate", dir: "ltr", "aria-label": words.speed, title: words.speedHint },
    ...RATES.map((each) => element("option", { value: String(each) }, words.rate(each))),
  );
  rate.addEventListener("change", () => players.setRate(Number(rate.value)), { signal });

  const commands: Command[] = [
    { key: "k", name: words.playOrPause, run: () => current?.player.toggle() },
    { key: ",", name: words.previousFrame, repeats: true, run: () => step(-1) },
    { key: ".", name: words.nextFrame, repeats: true, run: () => step(1) },
    { key: "<", name: words.slower, run: () => changeRate(-1) },
    { key: ">", name: words.faster, run: () => changeRate(1) },
    { key: "l", name: words.loop, run: loop },
    { key: "p", name: words.saveFrame, run: saveFrame },
    ...(fullScreenAllowed ? [{ key: "f", name: words.fullScreen, run: fullScreen }] : []),
    { key: "?", name: words.keys, run: () => help.toggle() },
  ];
  // A click puts the focus here also where browsers give none to buttons.
  place.tabIndex = -1;
  const help = playerHelp(place, commands, "?", signal);
  playerKeys(
    place,
    () => (current ? commands : []),
    () => hasSample,
    signal,
  );

  // Time runs from left to right, as in the browser's own controls.
  const steps = element("span", { class: "rushes-steps", dir: "ltr" }, back, forward);
  const row = element(
    "div",
    { class: "rushes-controls", role: "group", "aria-label": words.controls },
    ...[steps, rate, loopButton, frame, full, help.button],
  );
  const note = element("p", { class: "rushes-quiet", hidden: "" });
  const node = element("div", { class: "rushes-player", hidden: "" }, row, note, help.panel);
  const tell = (text: string | null) => setOptionalText(note, text);
  let forget = () => {};
  const offerFrame = () => {
    frame.replaceChildren(icon("frame"));
    setAttribute(frame, "aria-label", words.saveFrame);
  };
  setShown(full, fullScreenAllowed);

  const refresh = () => {
    if (!current) return;
    const { video } = current.player;
    setAttribute(loopButton, "aria-pressed", String(video.loop));
    rate.value = String(video.playbackRate);
  };
  // The browser's own menus change both as well, and tell of the speed only.
  for (const event of [LOOP_CHANGE, "seeked", "play", "pause"]) {
    place.addEventListener(event, refresh, { signal, capture: true });
  }
  place.addEventListener(
    "ratechange",
    ({ target }) => {
      if (target === current?.player.video) players.setRate(current.player.video.playbackRate);
      refresh();
    },
    { signal, capture: true },
  );

  return {
    node,
    update(player, sample, mayCome) {
      if (player !== current?.player) tell(null);
      hasSample = sample !== undefined;
      current = player && sample ? { player, sample } : null;
      setShown(node, current !== null || mayCome);
      node.classList.toggle("rushes-kept-place", current === null);
      setShown(steps, Boolean(sample?.frame_duration_s));
      refresh();
    },
  };
}

function control(name: IconName, label: string, key: string, run: () => unknown, signal: AbortSignal) {
  const button = element("button", {
    type: "button",
    class: "rushes-control",
    "aria-label": label,
    "aria-keyshortcuts": key,
    title: words.withKey(label, key),
  });
  button.append(icon(name));
  button.addEventListener("click", run, { signal });
  return button;
}

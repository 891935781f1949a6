import { canDecodeAudio, canDecodeVideo } from "./codecs";
import { element, setAttribute, setOptionalText, setShown } from "./dom";
import type { Sample, Snapshot } from "./model";
import type { CardContext, Part } from "./part";
import type { Player } from "./player";
import { playerControls } from "./player_controls";
import type { Players } from "./players";
import { isTerminal } from "./session";
import { sampleTabs } from "./tabs";
import { waiting } from "./waiting";
import { words } from "./words";

/** A browser may not load a video before somebody plays it. */
const PICTURE_PATIENCE_MS = 300;

/** The place of the video: as large while it is awaited as when it is there, so that nothing jumps. */
export interface Stage extends Part {
  /** Index of the sample that is shown. */
  readonly selected: number;
  /** A video is about to take its place. What is drawn until then would only hold it up. */
  readonly loading: boolean;
}

export function stage(context: CardContext, players: Players, selectionChanged: () => void): Stage {
  const { session, signal } = context;
  const placeholder = waiting(session);
  const screen = element("div", { class: "rushes-screen" }, placeholder.node);
  const tabs = sampleTabs(screen, players.takeSelection(), selectionChanged, signal);
  const note = element("p", { class: "rushes-quiet" });
  const node = element("div", { class: "rushes-stage" }, tabs.node, screen);
  const controls = playerControls(node, players, context);
  controls.update(null, undefined, true);
  node.append(controls.node, note);
  const shown = new Map<number, Player>();
  let loading = false;

  signal.addEventListener(
    "abort",
    () => {
      for (const player of shown.values()) players.park(player);
      players.parkSelection(tabs.selected);
    },
    { once: true },
  );

  const playerOf = (index: number, url: string, snapshot: Snapshot): Player => {
    const known = shown.get(index);
    if (known?.url === url) return known;
    if (known) players.release(known);
    const player = players.take(url, snapshot);
    shown.set(index, player);
    const { video } = player;
    const place = () => {
      player.wasShown = true;
      screen.append(video);
      player.resume();
    };
    const come = () => {
      if (shown.get(index) !== player) return;
      if (!player.wasShown) place();
      selectionChanged();
    };
    for (const event of ["loadeddata", "error"]) video.addEventListener(event, come, { signal });
    for (const event of ["playing", "timeupdate"]) {
      video.addEventListener(event, session.playing.passes, { signal });
    }
    if (player.wasShown) place();
    else session.time.after(PICTURE_PATIENCE_MS, come, signal);
    return player;
  };

  return {
    node,
    get selected() {
      return tabs.selected;
    },
    get loading() {
      return loading;
    },
    update(snapshot) {
      tabs.update(snapshot.samples.length);
      const index = tabs.selected;
      const sample = snapshot.samples[index];
      const transfer = sample ? session.transfer(index) : null;
      const decodable = sample !== undefined && canDecodeVideo(sample);
      const player = decodable && transfer?.url ? playerOf(index, transfer.url, snapshot) : null;
      loading = player !== null && !player.wasShown;
      if (loading) return;
      const playable = player?.broken ? null : player;
      for (const other of shown.values()) {
        // A page plays the sound of what it hides.
        if (other !== playable) other.video.pause();
        setShown(other.video, other === playable);
      }
      if (player) {
        if (!session.poster.waiting) player.autoplay();
        const name = words.video(snapshot.operation_id, index, snapshot.samples.length);
        setAttribute(player.video, "aria-label", name);
      }
      const ratio = ratioOf(sample, player);
      if (ratio) screen.style.setProperty("--rushes-ratio", ratio);
      if (!playable) placeholder.update(snapshot, sample, transfer);
      setShown(placeholder.node, !playable);
      controls.update(playable, sample, placeholder.hopeful);
      setOptionalText(note, sample && playable && !canDecodeAudio(sample) ? words.noSound : null);
      // The page may have had the whole file before the kernel, which then ended without it.
      const here =
        playable !== null || snapshot.samples.some(({ state }) => state === "ready" || state === "gone");
      setShown(node, here || !isTerminal(snapshot.status));
    },
  };
}

/** The shape of the picture: as the player shows it, before that as the file says. */
function ratioOf(sample: Sample | undefined, player: Player | null): string | null {
  const { videoWidth: width, videoHeight: height } = player?.video ?? { videoWidth: 0, videoHeight: 0 };
  if (width > 0) return `${width} / ${height}`;
  return sample?.width && sample.height ? `${sample.width} / ${sample.height}` : null;
}
